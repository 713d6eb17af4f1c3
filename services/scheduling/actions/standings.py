"""Keeps who works on a matter and who may know nothing of it, as referral tells it.

What is told of a matter that has not been heard of yet is kept for it; of two facts that
contradict each other the later one is so.
"""

from services.scheduling.store import people
from services.scheduling.store.standings import STANDINGS
from shared.contracts.glass import GlassFact, opened_glass
from shared.contracts.standings import StandingFact, standings
from shared.plumbing.database import Session


async def note(session: Session, fact: StandingFact, version: int) -> None:
    """Somebody was put on a matter or taken off it, or stands too near to it, or no longer."""
    told = standings(fact, version)
    if await people.is_forgotten(session, fact.person_id, *(one.party_id for one in told)):
        return
    for standing in told:
        await STANDINGS.note(session, standing)


async def note_glass(session: Session, fact: GlassFact, version: int) -> None:
    """Somebody opened a matter in an emergency, or closed it before its time."""
    await STANDINGS.glass.note(session, opened_glass(fact, version))
