"""Keeps streams and consumers as they have to be for as long as the system runs."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.plumbing.connection import answers, connected
from shared.plumbing.topology.repair import CannotRepair, ensure
from shared.plumbing.topology.wanted import Services
from shared.plumbing.trust import DEPLOY_USER

LOOK_EVERY = timedelta(seconds=5)
"""How often the keeper looks; it is woken sooner when the server tells of a loss."""

AFTER_TROUBLE = timedelta(seconds=2)
PROBE_PATIENCE_SECONDS = 2.0

_WAKERS = (
    "$JS.EVENT.ADVISORY.CONSUMER.DELETED.>",
    "$JS.EVENT.ADVISORY.STREAM.DELETED.>",
    "$JS.EVENT.ADVISORY.STREAM.UPDATED.>",
)

log = structlog.get_logger()


async def keep(
    url: str,
    creds: Path | None,
    services: Services,
    *,
    replicas: int = 1,
    every: timedelta = LOOK_EVERY,
) -> None:
    """Repair whatever goes missing or drifts, with the deploy user's credentials, for ever."""
    while True:
        try:
            async with connected(DEPLOY_USER, url, creds) as client:
                woken = await _wakers(client)
                while await answers(client, PROBE_PATIENCE_SECONDS):
                    woken.clear()
                    await _look(client, services, replicas)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(every.total_seconds()):
                            await woken.wait()
        except Exception as error:
            log.warning("topology_keeper_waits", error_type=type(error).__name__)
        await asyncio.sleep(AFTER_TROUBLE.total_seconds())


async def _wakers(client: Client) -> asyncio.Event:
    woken = asyncio.Event()

    async def wake(_: Msg) -> None:
        woken.set()

    for subject in _WAKERS:
        await client.subscribe(subject, cb=wake)
    return woken


async def _look(client: Client, services: Services, replicas: int) -> None:
    try:
        await ensure(client, services, replicas=replicas)
    except CannotRepair as stuck:
        what = ", ".join(drift.what for drift in stuck.drifts)
        log.error("topology_not_repaired", what=what)
