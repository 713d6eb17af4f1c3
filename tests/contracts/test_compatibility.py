"""Every revision of a fact and today's class read each other, whichever way time runs."""

import re
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import Field

from deploy.catalogue.compatibility import NotUnderstood, breaks
from deploy.catalogue.schema import released_schema
from shared.contracts.frozen import Frozen
from tests.contracts.planted import Colour, Guest, a_fact

ADVICE = "Make a new class whose subject ends in referral.kettle_boiled.v2"
GONE = "events told as r1 could not be read"
UNKNOWN = "readers that know r1 could not read it"
RESTED_ON = "readers that know r1 rest on it"


class MoreColours(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class FewerColours(StrEnum):
    RED = "red"


class NamedGuest(Frozen):
    person_id: UUID
    sugar: bool
    milk: bool


class MaybeNamedGuest(Frozen):
    person_id: UUID
    sugar: bool
    milk: bool | None = None


class SilentGuest(Frozen):
    person_id: UUID


def problems(old: Any = None, **changes: Any) -> list[str]:
    """What the gate says when r1 was the kettle fact and today's class has `changes`."""
    before, today = old or a_fact(), a_fact(**changes)
    return breaks(today.subject, released_schema(before, 1), 1, released_schema(today, 1))


def test_a_class_that_did_not_change_follows_itself():
    assert problems() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"planted": (UUID | None, None)},
        {"planted": (int, 3)},
        {"planted": (Colour, Colour.RED)},
        {"planted": (tuple[UUID, ...], ())},
        {"guests": (tuple[MaybeNamedGuest, ...], Field(max_length=12))},
        {"host": (MaybeNamedGuest | None, None)},
    ],
    ids=str,
)
def test_an_optional_field_may_be_added(changes):
    assert problems(**changes) == []


def test_words_may_change():
    reworded = (int, Field(ge=1, le=12, title="Cups!", description="How many were poured."))

    assert problems(cups=reworded) == []


def in_the_list(name: str) -> Any:
    return {"guests": (tuple[name, ...], Field(max_length=12))}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"planted": (UUID, ...)}, f".planted: may be missing and is required: {GONE}"),
        ({"refilled_from": (UUID | None, ...)}, f".refilled_from: may be missing .*{GONE}"),
        ({"cups": (int, Field(2, ge=1, le=12))}, f".cups: may be missing and is req.*{UNKNOWN}"),
        ({"cups": None}, f".cups: may be missing and is required: {UNKNOWN}"),
        ({"refilled_from": None}, f".refilled_from: was removed: {RESTED_ON}"),
        ({"host": None}, f".host: was removed: {RESTED_ON}"),
        ({"colour": (MoreColours, ...)}, f".colour: 'green' is not known there: {UNKNOWN}"),
        ({"colour": (FewerColours, ...)}, f".colour: 'blue' is not known there: {GONE}"),
        ({"colour": (Literal["red"], ...)}, f".colour: 'blue' is not known there: {GONE}"),
        ({"colour": (UUID, ...)}, f".colour: one of a list where uuid string is known: {GONE}"),
        ({"colour": (Colour | None, ...)}, f".colour: null where one of a list .*{UNKNOWN}"),
        ({"cups": (int, Field(ge=2, le=12))}, f".cups: minimum is 1 where 2 is known: {GONE}"),
        ({"cups": (int, Field(ge=0, le=12))}, f".cups: minimum is 0 where 1 is known: {UNKNOWN}"),
        ({"cups": (int, Field(ge=1, le=11))}, f".cups: maximum is 12 where 11 is known: {GONE}"),
        ({"cups": (int, Field(ge=1))}, f".cups: maximum is not set where 12 is known: {UNKNOWN}"),
        ({"cups": (int, Field(gt=0, le=12))}, f".cups: exclusiveMinimum is not set .*{GONE}"),
        ({"cups": (bool, ...)}, f".cups: integer where boolean is known: {GONE}"),
        ({"cups": (UUID, ...)}, f".cups: uuid string where integer is known: {UNKNOWN}"),
        ({"boiled_at": (UUID, ...)}, f".boiled_at: date-time string where uuid string .*{GONE}"),
        ({"refilled_from": (UUID, ...)}, f".refilled_from: null where uuid string .*{GONE}"),
        ({"guests": (tuple[Guest, ...], Field(max_length=9))}, f".guests: maxItems is 12 .*{GONE}"),
        ({"guests": (tuple[Guest, ...], ...)}, f".guests: maxItems is not set .*{UNKNOWN}"),
        ({"guests": (Guest, ...)}, f".guests: array where object is known: {GONE}"),
        (in_the_list(UUID), f".guests..: object where uuid string is known: {GONE}"),
        (in_the_list(NamedGuest), f".guests...milk: may be missing and is required: {GONE}"),
        (in_the_list(SilentGuest), f".guests...sugar: was removed: {RESTED_ON}"),
        ({"host": (SilentGuest | None, None)}, f".host.sugar: was removed: {RESTED_ON}"),
        ({"host": (NamedGuest | None, None)}, f".host.milk: may be missing and is req.*{GONE}"),
        ({"quiet": (bool, True)}, f".quiet: means something else when it is left out: {RESTED_ON}"),
        ({"about": "other_id", "other_id": (UUID | None, None)}, "what the fact is about changed"),
    ],
    ids=str,
)
def test_a_break_is_refused_with_what_to_do(changes, said):
    found = problems(**changes)

    assert all(ADVICE in problem for problem in found)
    assert any(re.search(said, problem) for problem in found), found


def test_every_revision_counts_not_only_the_last():
    """A name given up and taken again for something else: the first events are still there."""
    first, second = a_fact(planted=(UUID | None, None)), a_fact()
    third = {"planted": (Colour | None, None)}

    assert problems(old=second, **third) == []
    assert problems(old=first, **third) != []


@pytest.mark.parametrize("strange", [(str, Field(pattern="^a$")), (dict[str, UUID], ...)], ids=str)
def test_what_the_gate_cannot_compare_it_does_not_let_through(strange):
    with pytest.raises(NotUnderstood):
        problems(planted=strange)
