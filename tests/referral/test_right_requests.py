"""The clock of somebody who asks for a copy: a month, standing while we wait for them."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.referral import store
from services.referral.domain import clarification
from services.referral.domain.agreement import HowTold
from services.referral.domain.clarification import Clarification, NotAskedNow
from services.referral.domain.rights import RightKind, RightRequest, receive
from tests.referral.cases import an_open_case
from tests.referral.copies import CONFIRMED
from tests.referral.web import case_path, visiting

CAME = date(2026, 3, 2)
WHO = UUID(int=7)


def a_request(kind: RightKind = RightKind.ACCESS) -> RightRequest:
    return receive(UUID(int=1), UUID(int=2), kind, CAME, HowTold.BY_PHONE, by=WHO, today=CAME)


def asked(on: date, answered: date | None = None) -> Clarification:
    return Clarification(UUID(int=1), on, WHO, answered)


def test_the_days_on_which_we_waited_for_them_do_not_count():
    waited = [
        asked(CAME + timedelta(3), CAME + timedelta(8)),
        asked(date(2026, 3, 20), date(2026, 3, 21)),
    ]

    assert clarification.due_on(a_request(), waited, CAME) == date(2026, 4, 2) + timedelta(6)


def test_while_we_wait_the_day_moves_on_and_nothing_is_overdue():
    waits = [asked(CAME)]
    much_later = CAME + timedelta(400)

    assert clarification.due_on(a_request(), waits, much_later) == date(2026, 4, 2) + timedelta(400)
    assert clarification.in_words(a_request(), waits, much_later).startswith("The clock stands")


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 3, 2), "Due within 31 days"),
        (date(2026, 4, 1), "Due within 1 day"),
        (date(2026, 4, 2), "Due today"),
        (date(2026, 4, 4), "Overdue by 2 days"),
    ],
)
def test_the_clock_is_said_in_words(today, said):
    assert clarification.in_words(a_request(), [], today) == said


def test_they_are_not_asked_while_they_were_asked_nor_twice_on_a_day():
    for earlier in (asked(CAME), asked(CAME, CAME)):
        with pytest.raises(NotAskedNow):
            clarification.ask(a_request(), [earlier], CAME, WHO)
    with pytest.raises(NotAskedNow):
        clarification.ask(a_request(RightKind.RECTIFICATION), [], CAME, WHO)
    with pytest.raises(NotAskedNow):
        clarification.answer([asked(CAME, CAME)], CAME)


async def test_a_request_is_recorded_its_clock_stopped_extended_and_answered(database, world):
    case = await an_open_case(database)
    path = f"{case_path(case.referral_id)}/people/{case.sam}/requests"
    day = {"received_day": "2", "received_month": "3", "received_year": "2026"}
    async with visiting(database, CONFIRMED) as visit:

        async def send(answers, number=0):
            return await visit.send(await visit.get(path), answers, number)

        sent = await send({"kind": "access", "how": "by_phone", **day})
        twice = await send({"kind": "access", "how": "by_phone", **day}, 1)
        assert (sent.status_code, "asked for this already" in twice.text) == (303, True)
        assert "Due within 31 days" in (await visit.get(path)).text
        await send({"doing": "stop"})
        world.advance(timedelta(days=10))
        assert "The clock stands" in (await visit.get(path)).text
        await send({"doing": "start"})
        assert "Due within 31 days" in (await visit.get(path)).text
        bare = await send({"doing": "extend"})
        assert (bare.status_code, "Choose why it takes longer" in bare.text) == (422, True)
        world.advance(timedelta(days=25))  # after the month, within it without the days we waited
        longer = {"doing": "extend", "why": "complex", "note": "There is much to read."}
        assert (await send(longer)).status_code == 303
        assert "it was extended" in (await visit.get(path)).text
        await send({"doing": "answered"})
        done = await visit.get(path)

    assert "Answered on" in done.text
    async with database.reading() as session:
        [request] = await store.rights.of_person(session, case.sam)
    assert request.due_on == date(2026, 6, 2)
    assert request.extended_on == date(2026, 4, 6)


async def test_a_request_of_somebody_else_is_not_there(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    here = case_path(case.referral_id)
    day = {"received_day": "2", "received_month": "3", "received_year": "2026"}
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.get(f"{here}/people/{case.sam}/requests")
        await visit.send(page, {"kind": "rectification", "how": "by_phone", **day})
        async with database.reading() as session:
            [request] = await store.rights.of_person(session, case.sam)
        answers = {"request": str(request.id), "doing": "withdrawn", "once": str(UUID(int=5))}
        wrong = await visit.post(f"{here}/people/{case.kim}/requests", answers)
        refused = await visit.post(
            f"{here}/people/{case.sam}/requests", {**answers, "doing": "refused"}
        )
    async with database.reading() as session:
        [after] = await store.rights.of_person(session, case.sam)

    assert "There is no such request" in wrong.text
    assert "Choose why it is refused" in refused.text
    assert after.is_open
