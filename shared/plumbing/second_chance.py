"""Acts once more on parked events that somebody asked to retry.

The page and `parley parked` only write into the row; the running service does the work, so that
an event is acted on by the same code, in the same kind of transaction, as if it had just come in.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog

from shared.contracts.fact import Fact
from shared.plumbing import attempts, inbox, parked
from shared.plumbing.arrival import Arrival
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database
from shared.plumbing.delivery import Deliverer, ProcessEnded
from shared.plumbing.envelope import error_code
from shared.plumbing.hearing import Handler
from shared.plumbing.leader import leadership
from shared.plumbing.loops import Loops
from shared.plumbing.unreachable import is_unreachable

LOOK_EVERY = timedelta(seconds=2)
"""How soon somebody who asks for a retry sees what came of it."""

AFTER_TROUBLE = timedelta(seconds=10)

log = structlog.get_logger()

Handlers = Mapping[type[Fact], Handler[Any]]


async def run(database: Database, deliverer: Deliverer, handlers: Handlers, loops: Loops) -> None:
    """Look for asked retries for ever, in one process at a time."""
    while True:
        loops.runs_again("second_chance")
        try:
            async with leadership(database, "second_chance"):
                while True:
                    await give(database, deliverer, handlers)
                    loops.well("second_chance")
                    await asyncio.sleep(LOOK_EVERY.total_seconds())
        except Exception as error:  # the store is out of reach: the rows stay as they are
            log.warning("second_chance_waits", error_type=type(error).__name__)
            loops.failed("second_chance")
            await asyncio.sleep(AFTER_TROUBLE.total_seconds())


async def give(database: Database, deliverer: Deliverer, handlers: Handlers) -> int:
    """Try each event somebody asked to retry, once; return how many are resolved by it."""
    async with database.reading() as session:
        asked = await parked.asked(session)
    resolved = 0
    for event in asked:
        resolved += await _try(event, database, deliverer, handlers)
    return resolved


async def _try(
    event: parked.Parked, database: Database, deliverer: Deliverer, handlers: Handlers
) -> bool:
    try:
        async with deliverer.attempts.another(event.consumer, event.event_key) as tried:
            if tried:  # the process ended the last time: once for each time somebody asks
                raise ProcessEnded
            await _act(event, deliverer, handlers)
    except parked.NotParked:
        return False
    except Exception as error:
        if is_unreachable(error):
            raise
        code = error_code(error)
        log.warning("parked_event_failed_again", parked_id=event.id, error_code=code)
        async with database.transaction() as session:
            await attempts.clear(session, event.consumer, event.event_key)
            with suppress(parked.NotParked):  # discarded meanwhile: so be it
                await parked.park_again(session, event.id, code)
        return False
    log.info("parked_event_resolved", parked_id=event.id)
    return True


async def _act(event: parked.Parked, deliverer: Deliverer, handlers: Handlers) -> None:
    envelope, fact = deliverer.understand(_as_it_came(event))
    async with deliverer.transaction(envelope) as session:
        # First: it holds the row, so nobody can discard the event under our hands.
        await parked.resolve(session, event.id)
        await inbox.remember(session, event.consumer, [envelope.id])
        await attempts.clear(session, event.consumer, event.event_key)
        await handlers[type(fact)](fact, envelope, session)
        crash_point("second_chance.before_commit")


def _as_it_came(event: parked.Parked) -> Arrival:
    return Arrival(
        consumer=event.consumer,
        stream=event.subject.partition(".")[0],
        stream_seq=event.stream_seq,
        deliveries=1,
        subject=event.subject,
        body=event.body,
        headers=event.headers,
    )
