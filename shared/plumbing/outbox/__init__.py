"""How a service tells: a fact is stored with what it is about, and published afterwards."""

from shared.plumbing.outbox.comparing import Stranger
from shared.plumbing.outbox.reconcile import Day, Reconciler, Report, know_own_stream
from shared.plumbing.outbox.recording import ChangedMeanwhile, record
from shared.plumbing.outbox.recount import is_short
from shared.plumbing.outbox.relay import Relay
from shared.plumbing.outbox.stream import Publisher, Stored, Stream
from shared.plumbing.outbox.waiting import Stuck, oldest_unsent_age, stuck

__all__ = [
    "ChangedMeanwhile",
    "Day",
    "Publisher",
    "Reconciler",
    "Relay",
    "Report",
    "Stored",
    "Stranger",
    "Stream",
    "Stuck",
    "is_short",
    "know_own_stream",
    "oldest_unsent_age",
    "record",
    "stuck",
]
