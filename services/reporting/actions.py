"""What reporting does when it hears a fact: it counts it, by the rules in `domain`.

Reporting tells nobody anything yet, so nothing here writes to the outbox.
"""

from services.reporting import domain, store
from shared.contracts.fact import Envelope, Fact
from shared.plumbing.database import Session


async def count(session: Session, fact: Fact, envelope: Envelope) -> None:
    """Change every count that `fact` changes; the same fact again changes nothing."""
    # What both streams tell meets in a case, and a parked fact may be tried again beside them:
    # whoever counts is alone from the first look to the commit, or one would undo the other.
    await session.lock("counts")
    begun: list[domain.Counted] = []
    steps: list[store.Step] = []
    for change in domain.changes(fact, envelope.time, envelope.sequence):
        # What is usually the first of its kind is kept at once, and looked up only if it is not.
        if change.begins and await store.begin(session, first := change.become(None)):
            begun.append(first)
            continue
        known = await store.find(session, change.kind, change.key)
        steps.append((known, change.become(known)))
    await store.save(session, *steps, begun=begun)
