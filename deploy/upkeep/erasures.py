"""Who was erased, and seeing to it that they stay so."""

from dataclasses import dataclass

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from services.referral import remembering
from services.referral.actions import erasure
from services.referral.domain.erasure import Erasure
from services.referral.store import erasures
from shared.plumbing.database import Database
from shared.plumbing.ledger import Ledger


@dataclass(frozen=True)
class Applied:
    """What `parley erased apply` came to."""

    again: int
    """How many had come back."""
    written: int
    """How many lines the ledger lacked."""
    told: int
    """Of how many the other services were told again."""


async def settle(where: Where, database: Database) -> None:
    """Before people are read: erase again whoever came back. Raises CannotStart."""
    await remembering.settle(database, Ledger(where.ledger))


async def everybody(where: Where) -> list[Erasure]:
    """Everybody the store or the ledger knows of, the earliest first. Raises CannotStart."""
    async with where.store(blueprints()["referral"]) as database, database.reading() as session:
        known = await erasures.everybody(session)
    written = [erasure.from_line(line) for line in Ledger(where.ledger).read()]
    by_person = {one.person_id: one for one in (*known, *written)}
    return sorted(by_person.values(), key=lambda one: (one.on, one.person_id))


async def apply(where: Where) -> Applied:
    """Erase again whoever came back, and tell the others of everybody once more.

    What they are told changes nothing where it was acted on before. Raises CannotStart.
    """
    async with where.store(blueprints()["referral"]) as database:
        done = await remembering.settle(database, Ledger(where.ledger))
        async with database.transaction() as session:
            told = await erasure.tell_again(session)
    return Applied(len(done.again), done.written, told)
