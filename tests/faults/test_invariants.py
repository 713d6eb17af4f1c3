"""Every sentence about a system that was broken is seen to be untrue when it is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from tests.faults import record
from tests.faults.found import Found, Intent, Told, letters
from tests.faults.invariants import (
    ALL,
    DECLINED,
    broken,
    every_message_is_meant_once,
    lost_and_doubled,
)
from tests.faults.load import Load

ONE, OTHER, EVENT, DECIDED, MEANT, ALSO_MEANT, PERSON, COLLEAGUE = (
    UUID(int=number) for number in range(1, 9)
)

RECEIVED, ACCEPTED = "referral.referral_received.v1", "referral.referral_accepted.v1"

TOLD = Told(EVENT, RECEIVED, ONE, 1, is_sent=True)
TOLD_LATER = Told(DECIDED, ACCEPTED, ONE, 2, is_sent=True)
INTENT = Intent(MEANT, EVENT, PERSON, "referral_received", "sent", referral=ONE)
ALSO = Intent(ALSO_MEANT, EVENT, COLLEAGUE, "staff_new_referral", "uncertain", referral=ONE)

WELL = Found(
    referrals={ONE: "accepted"},
    outboxes={"referral": [TOLD, TOLD_LATER]},
    streams={"referral": [EVENT, DECIDED]},
    intents=[INTENT, ALSO],
    letters={MEANT: 1},
    listed_as_uncertain=frozenset({ALSO_MEANT}),
    counted={ONE: "accepted"},
    planned=[ONE],
    parked={"referral": 0},
    ailments={},
)
"""One referral, received and accepted; a letter that went, and one that was cut off."""


def promising(*complaints: str, **promised: UUID) -> Load:
    load = Load(cast(Any, None), seed=1)
    load.promised.update(promised)
    load.decided[ONE] = "accepted"
    load.complaints.extend(complaints)
    return load


PROMISED = {"key": ONE}

Change = Callable[[Found], Found]


def with_(**changes: Any) -> Change:
    return lambda found: replace(found, **changes)


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("every_promise_is_one_referral", with_(referrals={})),
        ("every_promise_is_one_referral", with_(referrals={ONE: "accepted", OTHER: "waiting"})),
        ("every_decision_stands", with_(referrals={ONE: "waiting"})),
        ("every_fact_is_in_its_stream_once", with_(streams={"referral": [EVENT]})),
        ("every_fact_is_in_its_stream_once", with_(streams={"referral": [EVENT, EVENT, DECIDED]})),
        ("every_fact_is_in_its_stream_once", with_(outboxes={"referral": [TOLD]})),
        ("every_referral_was_told_of", with_(outboxes={"referral": [TOLD_LATER]})),
        (
            "every_referral_was_told_of",
            with_(outboxes={"referral": [TOLD, replace(TOLD_LATER, version=3)]}),
        ),
        ("every_message_is_meant_once", with_(intents=[INTENT])),
        ("every_message_is_meant_once", with_(intents=[INTENT, replace(INTENT, id=ALSO_MEANT)])),
        ("every_letter_was_taken_once", with_(letters={MEANT: 2})),
        ("every_letter_was_taken_once", with_(letters={})),
        ("every_letter_was_taken_once", with_(letters={MEANT: 1, ALSO_MEANT: 2})),
        ("every_letter_was_taken_once", with_(letters={MEANT: 1, OTHER: 1})),
        ("every_letter_was_taken_once", with_(intents=[INTENT, replace(ALSO, state="waiting")])),
        ("what_is_uncertain_is_shown", with_(listed_as_uncertain=frozenset())),
        ("the_figures_are_right", with_(counted={})),
        ("the_figures_are_right", with_(counted={ONE: "waiting"})),
        ("the_figures_are_right", with_(planned=[])),
        ("the_figures_are_right", with_(planned=[ONE, ONE])),
        ("health_tells_the_truth", with_(parked={"referral": 1})),
        ("health_tells_the_truth", with_(ailments={"referral": ["stream_gone"]})),
        ("nothing_is_parked", with_(parked={"referral": 1})),
    ],
)
def test_a_sentence_that_is_not_true_is_seen(sentence: str, change: Change):
    [invariant] = [one for one in ALL if one.__name__ == sentence]

    assert invariant(promising(**PROMISED), WELL) == []
    assert invariant(promising(**PROMISED), change(WELL)) != []


def test_of_a_referral_that_arrives_declined_nobody_is_promised_a_look():
    declined = replace(TOLD_LATER, subject=DECLINED)
    told_again = replace(
        WELL,
        outboxes={"referral": [TOLD, declined]},
        streams={"referral": [DECIDED, EVENT]},
        intents=[],
    )
    in_order = replace(told_again, streams={"referral": [EVENT, DECIDED]})

    assert every_message_is_meant_once(promising(**PROMISED), told_again) == []
    assert every_message_is_meant_once(promising(**PROMISED), in_order) != []


def test_each_sentence_is_seen_to_fail_by_one_of_these():
    marks = test_a_sentence_that_is_not_true_is_seen.pytestmark
    tried = {sentence for mark in marks for sentence, _ in mark.args[1]}

    assert tried == {invariant.__name__ for invariant in ALL}


def test_another_answer_to_the_same_key_is_a_broken_promise():
    assert broken(promising(**PROMISED), WELL) == []
    [said] = broken(promising("key was answered with two referrals", **PROMISED), WELL)
    assert said.startswith("Every key that was answered is exactly one referral")


def test_what_is_lost_and_what_is_doubled_is_told_apart():
    assert lost_and_doubled([1, 2, 2, 3], [1, 1, 2, 4]) == ([3], [1, 4])


def test_a_letter_is_known_by_its_intent_however_often_it_came(tmp_path: Path):
    for number in range(2):
        letter = f"Return-Path: <a@example.org>\r\nMessage-ID: <{MEANT}@example.org>\r\n\r\n"
        (tmp_path / f"{number}.eml").write_bytes(letter.encode())

    assert letters(tmp_path) == {MEANT: 2}


def test_a_control_does_not_count_as_an_experiment_in_the_summary(tmp_path: Path):
    file = tmp_path / "faults.jsonl"
    real = record.Counts(accepted=5, found=4, lost=1, uncertain=2, faults=3)
    record.keep(record.Line("kill", 1, real, 1.0, versions={}), file)
    control = record.Counts(accepted=9, found=2, lost=7, faults=1)
    record.keep(record.Line("no outbox", 1, control, 1.0, kind="control", versions={}), file)
    record.keep(record.Line("of another day", 1, real, 1.0, run="x", versions={}), file)

    assert record.summary(record.kept(file=file)) == (
        "experiments: 1, faults: 3, referrals or writes accepted: 5, lost: 1, doubled: 0, letters "
        "uncertain: 2; no outbox: 7 lost, 0 doubled"
    )
