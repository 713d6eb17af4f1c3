"""Nobody can get into a fact."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import AnyUrl, ConfigDict, EmailStr, Field

from deploy.catalogue.lint import lint
from shared.contracts.catalogue import ASKS, FACTS, SERVICES
from shared.contracts.frozen import Frozen
from tests.contracts.planted import a_fact


class Named(Frozen):
    name: str


class Anything(Frozen):
    pass


class Filled(Frozen):
    model_config = ConfigDict(extra="allow")

    sugar: bool


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_a_fact_has_no_place_for_a_person(fact):
    assert lint(fact) == []


def test_ids_times_dates_numbers_and_coded_words_are_let_through():
    way = Literal["out", "back"]

    assert lint(a_fact(on=(date, ...), way=(way, ...), one=(Literal["x"], ...))) == []


@pytest.mark.parametrize(
    ("planted", "problem"),
    [
        ((str, ...), ".planted: a free string"),
        ((str | None, None), ".planted: a free string"),
        ((str, Field(pattern="^[A-Z]{2}$")), ".planted: pattern is not allowed"),
        ((str, Field(max_length=3)), ".planted: a free string"),
        ((EmailStr, ...), ".planted: a free string"),
        ((AnyUrl, ...), ".planted: a free string"),
        ((bytes, ...), ".planted: a free string"),
        ((time, ...), ".planted: a free string"),
        ((timedelta, ...), ".planted: a free string"),
        ((float, ...), ".planted: number is not a kind"),
        ((Decimal, ...), ".planted: number is not a kind"),
        ((tuple[str, ...], ...), ".planted[]: a free string"),
        ((tuple[UUID, str], ...), ".planted: prefixItems is not allowed"),
        ((list, ...), ".planted[]: anything at all is not a kind"),
        ((frozenset[UUID], ...), ".planted: uniqueItems is not allowed"),
        ((dict[str, UUID], ...), ".planted: additionalProperties is not allowed"),
        ((dict, ...), ".planted: an open object"),
        ((Anything, ...), ".planted: an open object"),
        ((Filled, ...), ".planted: additionalProperties is not allowed"),
        ((Named, ...), ".planted.name: a free string"),
        ((tuple[Named, ...], ...), ".planted[].name: a free string"),
        ((Named | None, None), ".planted.name: a free string"),
        ((object, ...), ".planted: anything at all is not a kind"),
        ((Any, ...), ".planted: anything at all is not a kind"),
        ((Literal["x"] | str, ...), ".planted: a free string"),
    ],
    ids=lambda value: str(value) if isinstance(value, tuple) else "",
)
def test_a_planted_hole_is_seen(planted, problem):
    assert any(problem in found for found in lint(a_fact(planted=planted)))


@pytest.mark.parametrize(
    "kettle_id", [(int, ...), (UUID | None, None), (date, ...), (tuple[UUID, ...], ...)], ids=str
)
def test_what_a_fact_is_about_is_a_required_id(kettle_id):
    assert any("required uuid" in problem for problem in lint(a_fact(kettle_id=kettle_id)))


def test_only_a_named_fact_may_carry_a_public_label():
    label = (str, Field(max_length=80))

    assert lint(a_fact(subject="referral.kettle_named.v1", label=label)) == []
    assert lint(a_fact(subject="referral.kettle_boiled.v1", label=label)) != []


def test_a_label_is_the_only_free_string_of_a_named_fact_and_has_a_limit():
    named = "referral.kettle_named.v1"
    label = (str, Field(max_length=80))

    assert "max_length" in lint(a_fact(subject=named, label=(str, ...)))[0]
    assert "free string" in lint(a_fact(subject=named, label=label, note=(str, ...)))[0]
    assert "free string" in lint(a_fact(subject=named, label=label, host=(Named, ...)))[0]


def test_the_first_word_of_every_subject_is_a_service():
    assert {fact.teller() for fact in FACTS} <= set(SERVICES)
    assert {ask.owner() for ask in ASKS} <= set(SERVICES)


def test_no_stream_holds_what_is_asked():
    """A stream holds `<service>.>`: an ask on such a subject would be stored and answered by it."""
    assert "ask" not in SERVICES
    assert all(ask.subject.startswith("ask.") for ask in ASKS)


def test_no_two_contracts_share_a_subject():
    subjects = [contract.subject for contract in (*FACTS, *ASKS)]

    assert len(subjects) == len(set(subjects))
