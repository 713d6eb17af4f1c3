"""What reporting does when it hears a fact: it counts it, by the rules in `domain`.

Reporting tells nobody anything yet, so nothing here writes to the outbox.
"""

from services.reporting import domain, store
from shared.contracts.fact import Envelope, Fact
from shared.plumbing.database import Session


async def count(session: Session, fact: Fact, envelope: Envelope) -> None:
    """Change every count that `fact` changes; the same fact again changes nothing."""
    for change in domain.changes(fact, envelope.time, envelope.sequence):
        known = await store.find(session, change.kind, change.key)
        await store.save(session, change.become(known))
