"""What people ask about their own data, and the clock the law sets."""

from datetime import date, timedelta

import pytest

from services.referral import store
from services.referral.domain import rights
from services.referral.domain.agreement import HowTold
from services.referral.domain.rights import (
    AlreadyDecided,
    ExtensionReason,
    NeedsSomebodyElse,
    NoSuchReason,
    NotYet,
    RefusalReason,
    RequestState,
    RightKind,
    TooLateToExtend,
    months_after,
)
from tests.referral.builders import COORDINATOR, FACILITATOR, some_id
from tests.referral.cases import a_waiting_referral

ASKED = date(2026, 3, 2)
REQUEST = some_id(0x51)
MANAGER = some_id(0x52)


def asked(kind: RightKind = RightKind.ERASURE, on: date = ASKED, **changes):
    today = changes.pop("today", on)
    person = changes.pop("person_id", some_id(11))
    return rights.receive(
        REQUEST, person, kind, on, HowTold.IN_WRITING, by=COORDINATOR, today=today
    )


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2026, 3, 2), 1, date(2026, 4, 2)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
    ],
)
def test_a_month_ends_on_the_same_day_of_the_next_or_on_its_last(day, months, due):
    assert months_after(day, months) == due


def test_the_clock_starts_on_the_day_it_was_received_and_not_when_it_was_noted():
    request = asked(on=ASKED, today=ASKED + timedelta(days=20))

    assert request.due_on == date(2026, 4, 2)
    assert request.days_left(date(2026, 4, 2)) == 0
    assert request.days_left(date(2026, 4, 4)) == -2


def test_nobody_can_have_asked_tomorrow():
    with pytest.raises(NotYet):
        asked(on=ASKED, today=ASKED - timedelta(days=1))


def test_it_may_take_two_months_longer_once_when_that_is_said_within_the_first():
    request = rights.extend(asked(), ExtensionReason.COMPLEX, date(2026, 4, 2))

    assert request.due_on == date(2026, 6, 2)
    with pytest.raises(AlreadyDecided):
        rights.extend(request, ExtensionReason.MANY, date(2026, 4, 2))
    with pytest.raises(TooLateToExtend):
        rights.extend(asked(), ExtensionReason.MANY, date(2026, 4, 3))


def test_whoever_recorded_an_erasure_does_not_carry_it_out():
    with pytest.raises(NeedsSomebodyElse):
        rights.carry_out(asked(), ASKED, by=COORDINATOR)

    assert rights.carry_out(asked(), ASKED, by=MANAGER).state is RequestState.CARRIED_OUT
    alone = rights.carry_out(asked(), ASKED, by=COORDINATOR, alone=True)
    assert alone.decided_by == COORDINATOR


def test_an_erasure_is_refused_for_a_reason_of_the_law_alone():
    refused = rights.refuse(asked(), RefusalReason.LEGAL_CLAIMS, ASKED, by=MANAGER)

    assert (refused.state, refused.reason) == (RequestState.REFUSED, RefusalReason.LEGAL_CLAIMS)
    with pytest.raises(NoSuchReason):
        rights.refuse(asked(), RefusalReason.UNFOUNDED_OR_EXCESSIVE, ASKED, by=MANAGER)


def test_what_is_decided_is_not_decided_again():
    over = rights.withdraw(asked(), ASKED, by=MANAGER)

    for again in (
        lambda: rights.withdraw(over, ASKED, by=MANAGER),
        lambda: rights.carry_out(over, ASKED, by=MANAGER),
        lambda: rights.refuse(over, RefusalReason.LEGAL_CLAIMS, ASKED, by=MANAGER),
        lambda: rights.extend(over, ExtensionReason.MANY, ASKED),
    ):
        with pytest.raises(AlreadyDecided):
            again()


async def test_the_register_gives_back_what_it_was_given_with_what_is_due_first(database):
    sam = (await a_waiting_referral(database)).person_id
    late = asked(person_id=sam, on=ASKED)
    soon = rights.receive(
        some_id(0x53),
        sam,
        RightKind.ACCESS,
        date(2026, 2, 20),
        HowTold.BY_PHONE,
        by=FACILITATOR,
        today=ASKED,
    )
    async with database.transaction() as session:
        await store.rights.add(session, late)
        await store.rights.add(session, soon)

    async with database.reading() as session:
        assert await store.rights.open_requests(session) == [soon, late]
        assert await store.rights.of_person(session, sam) == [late, soon]
        assert await store.rights.count_overdue(session, date(2026, 3, 21)) == 1
        assert await store.rights.note_of(session, late) is None


async def test_what_was_written_about_a_decision_is_sealed_with_the_key_of_the_person(database):
    sam = (await a_waiting_referral(database)).person_id
    refused = rights.refuse(asked(person_id=sam), RefusalReason.LEGAL_CLAIMS, ASKED, by=MANAGER)
    async with database.transaction() as session:
        await store.rights.add(session, asked(person_id=sam))
        await store.rights.save(session, refused)
        await store.rights.keep_note(session, refused, "Their solicitor wrote to us.")

    async with database.reading() as session:
        assert await store.rights.find(session, REQUEST) == refused
        assert await store.rights.note_of(session, refused) == "Their solicitor wrote to us."
    async with database.transaction() as session:
        await store.people.erase(session, sam)
    async with database.reading() as session:
        assert await store.rights.note_of(session, refused) is None
