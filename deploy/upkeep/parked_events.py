"""Parked events in all the stores: finding them, and asking for what shall become of them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from shared.contracts.refusal import Refusal
from shared.plumbing import parked
from shared.plumbing.database import Database, Session
from shared.plumbing.settings import CannotStart

R = TypeVar("R")


async def waiting(where: Where) -> list[tuple[str, parked.Parked]]:
    async def look(database: Database) -> list[parked.Parked]:
        async with database.reading() as session:
            return await parked.waiting(session, limit=await parked.count(session))

    found = await _in_each_store(where, look)
    return [(service, event) for service, events in found.items() for event in events]


async def find(where: Where, parked_id: UUID) -> tuple[str, parked.Parked]:
    async def look(database: Database) -> parked.Parked | None:
        async with database.reading() as session:
            return await parked.find(session, parked_id)

    for service, event in (await _in_each_store(where, look)).items():
        if event is not None:
            return service, event
    raise CannotStart("There is no parked event with this id: look at `parley parked list`.")


async def ask_retry(where: Where, parked_id: UUID) -> None:
    """Ask the running service to act on an event once more. Raises CannotStart."""

    async def ask(session: Session) -> None:
        await parked.ask_retry(session, parked_id)

    await _change(where, parked_id, ask)


async def ask_discard(where: Where, parked_id: UUID, reason: str) -> None:
    """Give an event up, with the reason. Raises CannotStart."""

    async def ask(session: Session) -> None:
        await parked.ask_discard(session, parked_id, reason)

    await _change(where, parked_id, ask)


async def _change(where: Where, parked_id: UUID, ask: Callable[[Session], Awaitable[None]]) -> None:
    service, _ = await find(where, parked_id)
    async with where.store(blueprints()[service]) as database:
        try:
            async with database.transaction() as session:
                await ask(session)
        except Refusal as refusal:
            raise CannotStart(str(refusal)) from None


async def _in_each_store(where: Where, look: Callable[[Database], Awaitable[R]]) -> dict[str, R]:
    found = {}
    for name, blueprint in blueprints().items():
        async with where.store(blueprint) as database:
            found[name] = await look(database)
    return found
