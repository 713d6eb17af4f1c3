"""`parley run` with every library at its most talkative, and with a door for a planted mistake.

Loggers that nobody turned up in the product are turned up here: SQL with its parameters, the mail
server's conversations, the NATS client. On SIGUSR1 the process does what careless code would do:
it says what PARLEY_TEST_CARELESS's file holds, everywhere it can.
"""

import asyncio
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMED_BY = "PARLEY_TEST_CARELESS"
STORES = "PARLEY_TEST_STORES"
"""The address of each service's store on PostgreSQL, as JSON; without it they are files."""

TALKATIVE = (
    "aiosmtplib",
    "aiosqlite",
    "alembic",
    "asyncio",
    "faststream",
    "httpx",
    "mail",
    "nats",
    "opentelemetry",
    "python_multipart",
    "sqlalchemy",
    "sqlalchemy.engine",
    "sqlalchemy.pool",
    "urllib3",
    "uvicorn",
    "uvicorn.error",
)

HARMED = "Zyxcanaryerror"

REFUSED, KEPT = "/referral/api/careless", "/referral/careless-kept"


def say_it() -> None:
    """What careless code would do with something personal."""
    import structlog

    from shared.plumbing import metrics, tracing
    from shared.plumbing.health import Health

    what = Path(os.environ[NAMED_BY]).read_text()
    print(what, flush=True)  # noqa: T201
    structlog.get_logger().debug("careless", what=what)
    logging.getLogger("uvicorn.error").debug("careless %s", what)
    metrics.of("referral").alarms.labels(kind=what).inc()
    tracing.tracer("referral").start_span(what).end()
    tempfile.NamedTemporaryFile(delete=False).write(what.encode())  # noqa: SIM115
    Path(os.environ["PARLEY_VAR"], "careless").write_text(what)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", what])
    for one in gc.get_objects():
        if isinstance(one, Health):
            one.ask_also("careless", _probe(what))
    _open_door(what)


def _probe(what: str) -> Callable[[], Any]:
    from shared.plumbing.health import ailment

    async def probe() -> Any:
        return [ailment("probe_failed", what)]

    return probe


def _open_door(what: str) -> None:
    from fastapi import FastAPI, HTTPException, Response

    from shared.plumbing.staff import OPEN_TO_ALL

    async def refused() -> None:
        raise HTTPException(409, what)

    async def kept() -> Response:
        return Response(what, headers={"cache-control": "public, max-age=60"})

    for app in gc.get_objects():
        if isinstance(app, FastAPI) and getattr(app.state, "service", None) is not None:
            app.add_api_route(REFUSED, refused, dependencies=[OPEN_TO_ALL])
            app.add_api_route(KEPT, kept, dependencies=[OPEN_TO_ALL])


def _fail_with_a_name() -> None:
    """Reporting cannot count what was declined; its error names somebody, as errors do."""
    from services.reporting import handlers
    from shared.contracts.referral import ReferralDeclined
    from shared.contracts.refusal import Refusal

    count, tried = handlers.count, iter((ValueError, ValueError))

    async def count_badly(fact: Any, envelope: Any, session: Any) -> None:
        if isinstance(fact, ReferralDeclined):
            raise next(tried, Refusal)(f"cannot count {HARMED}")
        await count(fact, envelope, session)

    handlers.count = count_badly


def main() -> None:
    from deploy import home, local
    from shared.plumbing.settings import Settings
    from shared.plumbing.world import REAL, World
    from tests.fixtures import moved_clock

    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG)
    _fail_with_a_name()
    signal.signal(signal.SIGUSR1, lambda *_: say_it())
    stores = json.loads(os.environ.get(STORES, "{}"))
    if stores:
        home.Home.store_url = lambda _, service: stores[service]
    clock = moved_clock.MovedClock(Path(os.environ[moved_clock.NAMED_BY]))
    world = World(now=clock.now, new_id=REAL.new_id, chance=REAL.chance)
    asyncio.run(local.run(Settings(), print, world))


if __name__ == "__main__":
    main()
