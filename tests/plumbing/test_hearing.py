"""What a service says it hears and answers, before any connection."""

import pytest

from shared.plumbing.hearing import Hearing, durable_name
from tests.plumbing.house import (
    BreadBaked,
    OvenCleaned,
    PriceWanted,
    ShelfFilled,
    note_cleaning,
    shelve,
)


def test_what_is_heard_is_grouped_by_who_tells_it():
    hearing = Hearing()
    for fact in (BreadBaked, ShelfFilled, OvenCleaned):
        hearing.hears(fact, shelve)

    assert hearing.heard == {"bakery": [BreadBaked, OvenCleaned], "shop": [ShelfFilled]}


def test_a_fact_has_one_handler():
    hearing = Hearing()
    hearing.hears(BreadBaked, shelve)

    with pytest.raises(ValueError, match="BreadBaked has a handler already: shelve"):
        hearing.hears(BreadBaked, note_cleaning)


def test_a_question_has_one_answerer():
    hearing = Hearing()
    hearing.answers(PriceWanted, shelve)

    with pytest.raises(ValueError, match="PriceWanted has an answerer already: shelve"):
        hearing.answers(PriceWanted, note_cleaning)


def test_the_name_of_a_consumer_says_who_reads_whom():
    assert durable_name("reporting", "scheduling") == "reporting-scheduling"
