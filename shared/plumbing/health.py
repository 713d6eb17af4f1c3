"""Whether the service lives, and whether it can do its whole work right now.

Ready is never green while an event is parked, the outbox is old, a consumer stands still, work in
the background only fails, the store cannot be written, or a consumer, a stream, the broker or the
database is gone. Every ailment has a code for machines and a sentence that says
what to do.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

log = structlog.get_logger()

PROBE_SECONDS = 2.0
"""A probe that takes longer counts as failed."""

REMEMBERED_SECONDS = 1.0
"""How long an answer is given again without looking."""

OLD_OUTBOX = timedelta(seconds=60)
"""An event that has waited longer to reach its stream makes the service not ready."""

SENTENCES = {
    "starting": "The service is still starting; wait a moment.",
    "stopping": "The service is finishing its work before it stops.",
    "database_gone": "The database does not answer: start it again; nothing accepted is lost.",
    "broker_gone": "The NATS server cannot be reached: start it again; events wait in the outbox.",
    "stream_gone": "A stream is missing: start Parley again, or run the deployment's topology "
    "step; the outboxes tell it all again.",
    "stream_short": "The stream holds less than was told, as after a loss: Parley tells what "
    "is missing again within a minute; if it does not, look at this service's log.",
    "stream_unknown": "The stream holds events this service's store does not know: was the store "
    "put back from an older copy? The runbook says what to do; `parley parked list` names them.",
    "consumer_gone": "A consumer is missing: start Parley again, or run the deployment's topology "
    "step; it reads all again and acts on what is new.",
    "consumer_lags": "Events wait and none has been acted on for over a minute: look at this "
    "service's log; if it says nothing of them, start the service again.",
    "store_not_written": "The database can be read but not written: make room on its disk, or make "
    "it writable again; nothing is taken in until then.",
    "loop_failing": "Work in the background has failed for over half a minute and is tried again: "
    "look at this service's log for its name and the error.",
    "keys_missing": "The keys are missing, so nothing personal can be shown or stored: put the "
    "key file back, or run `parley init` if there never was one; the log says where it should be.",
    "keys_refused": "The key file is refused, so nothing personal can be shown or stored: this "
    "service's log says why, and `parley doctor` what to do.",
    "keys_wrong": "The key file does not hold all keys this store was sealed with: put back the "
    "one that belongs to it.",
    "events_parked": "Events could not be handled and wait for a person: open the parked page, or "
    "run `parley parked list`.",
    "outbox_old": "Events have waited over a minute to be told: look at the NATS server and at "
    "this service's log.",
    "audit_broken": "The record of who saw or changed what is not as it was written: keep all "
    "of it as it is, and run `parley audit verify`; the runbook says what to do.",
    "probe_failed": "The service could not find out how it is: look at its log.",
}


@dataclass(frozen=True)
class Ailment:
    """One reason not to be ready."""

    code: str
    what_to_do: str
    about: str = ""
    """What exactly is ill: a stream's or a consumer's name, or a count; never a person."""


def ailment(code: str, about: str = "") -> Ailment:
    return Ailment(code, SENTENCES[code], about)


Probe = Callable[[], Awaitable[Sequence[Ailment]]]


class Health:
    """Asks every probe at once, each with a time limit, at most once a second."""

    def __init__(self, probes: dict[str, Probe], now: Callable[[], float] = time.monotonic) -> None:
        self._probes = probes
        self._now = now
        self._known: tuple[Ailment, ...] = ()
        self._known_at: float | None = None
        self._lock = asyncio.Lock()

    def ask_also(self, name: str, probe: Probe) -> None:
        """Ask this probe too. When it raises or takes too long, `<name>_gone` is what ails us."""
        self._probes[name] = probe

    def forget(self) -> None:
        """Look again at the next question, however soon it comes."""
        self._known_at = None

    async def ailments(self) -> tuple[Ailment, ...]:
        """Everything that keeps the service from being ready; empty when all is well."""
        async with self._lock:
            if self._known_at is None or self._now() - self._known_at >= REMEMBERED_SECONDS:
                found = await asyncio.gather(*(self._ask(*probe) for probe in self._probes.items()))
                self._known = tuple(dict.fromkeys(one for some in found for one in some))
                self._known_at = self._now()
            return self._known

    async def _ask(self, name: str, probe: Probe) -> Sequence[Ailment]:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await probe()
        except Exception as error:
            log.warning("probe_failed", probe=name, error_type=type(error).__name__)
            code = f"{name}_gone"
            return (ailment(code if code in SENTENCES else "probe_failed", name),)
