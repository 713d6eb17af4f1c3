"""Whoever was erased stays so: after a crash, a lost ledger, an older copy of the keys."""

from datetime import date

import pytest
from sqlalchemy import select, update

from services.referral import store
from services.referral.actions import erasure, rights
from services.referral.store import SCHEMA
from shared.contracts.referral import PartyAdded, PersonErased
from shared.plumbing.ledger import Ledger, Line, NotWrittenDown
from shared.plumbing.outbox.comparing import Stranger
from shared.plumbing.outbox.strangers import Desk
from shared.plumbing.sealing import keys
from tests.referral.builders import some_id
from tests.referral.cases import an_open_case
from tests.referral.erasing import MANAGER, TODAY, asked, erase
from tests.referral.told import facts, told


class Cut(Exception):
    """Something goes wrong between the ledger and the commit."""


async def cut_short(database, ledger, request_id):
    async with database.transaction() as session:
        await rights.carry_out_erasure(session, ledger, request_id, MANAGER)
        raise Cut


def a_line(person_id):
    return Line(person_id, date(2026, 1, 1), "request")


async def test_an_older_copy_of_the_keys_opens_nothing_any_more(database, ledger):
    case = await an_open_case(database)
    table = SCHEMA.tables.sealed_key
    async with database.reading() as session:
        before = (await session.execute(select(table).where(table.c.subject_id == case.sam))).one()

    await erase(database, ledger, case.sam)
    async with database.transaction() as session:
        again = {"kid": before.kid, "wrapped": before.wrapped}
        await session.execute(update(table).where(table.c.subject_id == case.sam).values(**again))
        assert await store.erasures.come_back(session, [case.sam]) == {case.sam}
        await erasure.reapply(session, ledger)

    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).name == "Erased person"
        assert await store.erasures.come_back(session, [case.sam]) == set()


async def test_when_the_ledger_cannot_be_written_nothing_is_erased(database, tmp_path):
    case = await an_open_case(database)
    (tmp_path / "a file").write_text("")
    nowhere = Ledger(tmp_path / "a file" / "erased.ledger")
    before = await told(database)

    with pytest.raises(NotWrittenDown):
        await erase(database, nowhere, case.sam)

    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).name == "Sam Example"
        assert await store.people.contact_of(session, case.sam) is not None
    assert await told(database) == before


async def test_a_crash_after_the_ledger_is_finished_by_the_next_start(database, ledger):
    case = await an_open_case(database)
    request = await asked(database, case.sam)

    with pytest.raises(Cut):
        await cut_short(database, ledger, request.id)
    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).name == "Sam Example"
    async with database.transaction() as session:
        done = await erasure.reapply(session, ledger)

    assert done.again == [case.sam]
    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).erased
    assert (await facts(database))[-1] == "person_erased"


async def test_a_start_that_finds_everything_in_order_changes_nothing(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    before = await told(database)

    async with database.transaction() as session:
        done = await erasure.reapply(session, ledger)

    assert (done.again, done.written) == ([], 0)
    assert await told(database) == before


async def test_a_ledger_that_was_lost_is_written_anew_from_the_store(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    before = ledger.read()
    ledger.path.unlink()

    async with database.transaction() as session:
        done = await erasure.reapply(session, ledger)

    assert (done.again, done.written) == ([], 1)
    assert ledger.read() == before


async def test_somebody_who_is_in_no_store_any_more_can_never_be_made_readable(database, ledger):
    lost = some_id(0xC0)
    ledger.append([a_line(lost)])

    async with database.transaction() as session:
        done = await erasure.reapply(session, ledger)
        assert await keys.destroyed_of(session, [lost]) == {lost}

    assert done.again == [lost]
    assert (await told(database))[-1] == {
        "fact": "person_erased",
        "version": 1,
        "person_id": str(lost),
    }


async def test_an_erasure_in_our_stream_needs_nobody_once_it_is_so_here_as_well(database, ledger):
    case = await an_open_case(database)
    told_of = {
        person_id: Stranger(1, PersonErased.subject, TODAY, person_id, person_id)
        for person_id in (case.sam, case.kim)
    }
    other = Stranger(2, PartyAdded.subject, TODAY, case.case_id, case.sam)
    await erase(database, ledger, case.sam)
    desk = Desk(database, stream=None)  # it is asked for nothing that is not to be parked
    await desk.prepare()

    left = await desk.receive([*told_of.values(), other], park=False)

    assert left == [told_of[case.kim], other], "whoever is still here needs somebody to look"
