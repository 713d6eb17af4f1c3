"""Cases that end, and nights that go by."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from services.referral import store
from services.referral.actions import closing, holds, triage
from services.referral.actions.case_file import Edit
from services.referral.actions.retention import keepings
from services.referral.store import SCHEMA
from shared.contracts.lifecycle import ClosureCode
from shared.contracts.retention import periods
from shared.contracts.words import DeclineReason
from shared.plumbing.database import Database
from shared.plumbing.ledger import Ledger
from shared.plumbing.retention import Work, everywhere
from tests.fixtures.clock import FixedWorld
from tests.fixtures.keys import key_file
from tests.referral.builders import COORDINATOR
from tests.referral.cases import OpenCase, a_waiting_referral, version_of

DAY = timedelta(days=1)
MARK = SCHEMA.tables.retention.mark


def work_in(database: Database, said: str = "") -> Work:
    kept = keepings(ledger_beside_the_keys())
    return Work(database, (*kept, *everywhere(database.schema)), periods(said))


def ledger_beside_the_keys() -> Ledger:
    """A new one, for whoever is erased in the end."""
    return Ledger(key_file(SCHEMA.name).parent / f"{uuid4()}.ledger")


async def nights(database: Database, world: FixedWorld, number: int, work=None) -> None:
    """Let so many nights go by, one after the other."""
    work = work or work_in(database)
    for _ in range(number):
        world.advance(DAY)
        await work.night()


async def after_a_long_time(database: Database, world: FixedWorld, time: timedelta) -> None:
    """A long time in which Parley ran each night, of which only the last need be told."""
    world.advance(time)
    async with database.transaction() as session:
        table = SCHEMA.tables.retention.night
        await session.execute(table.update().values(ran_at=session.now() - DAY))


async def close(database: Database, case: OpenCase, outcome=ClosureCode.COMPLETED_DIRECT) -> None:
    edit = await an_edit(database, case.referral_id)
    async with database.transaction() as session:
        await closing.close_case(session, edit, outcome)


async def hold(database: Database, referral_id: UUID) -> None:
    edit = await an_edit(database, referral_id)
    async with database.transaction() as session:
        await holds.place_hold(session, edit, "A claim was announced")


async def lift(database: Database, referral_id: UUID) -> None:
    edit = await an_edit(database, referral_id)
    async with database.transaction() as session:
        await holds.lift_hold(session, edit, "The claim was settled")


async def a_declined_referral(database: Database, number: int = 1):
    referral = await a_waiting_referral(database, number)
    edit = await an_edit(database, referral.id)
    async with database.transaction() as session:
        await triage.decline_referral(session, edit, DeclineReason.OUT_OF_SCOPE)
    return referral


async def an_edit(database: Database, referral_id: UUID) -> Edit:
    return Edit(referral_id, await version_of(database, referral_id), COORDINATOR)


async def marked(database: Database) -> set[UUID]:
    async with database.reading() as session:
        return set(await session.scalars(select(MARK.c.subject_id)))


async def rows(database: Database, *, of: str) -> int:
    async with database.reading() as session:
        return len((await session.execute(select(SCHEMA.metadata.tables[of]))).all())


async def name_of(database: Database, person_id: UUID) -> str:
    async with database.reading() as session:
        person = await store.people.find(session, person_id)
    assert person is not None
    return person.name
