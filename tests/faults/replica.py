"""A second copy of one service beside a running system, to be stopped and let go on.

`python -m tests.faults.replica reporting <var>` reads with the same consumers, into the same
store, under the same name.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.home import Home
from tests.fixtures.patience import eventually
from tests.fixtures.system import ROOT, System

READY = "replica is ready"


async def run(name: str, var: str) -> None:
    from deploy.parts import blueprints  # every service: not for each test run
    from shared.plumbing.service import Settings, create

    home = Home(Path(var))
    run = home.run()
    assert run is not None
    settings = Settings(
        database_url=home.store_url(name),
        nats_url=run.nats_url,
        nats_creds=home.user_creds(name),
        secret_file=home.secret(),
    )
    app = create(blueprints()[name], settings)
    async with app.router.lifespan_context(app):
        await app.state.service.bus.listening()
        sys.stdout.write(READY + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


class Replica:
    """The copy, as a process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def stop_dead(self) -> None:
        """It does nothing more, and nobody is told."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """It does not know that time has gone by."""
        os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def beside(system: System, name: str) -> Iterator[Replica]:
    """A second copy of one service while the block lasts."""
    log = system.folder / f"replica-{name}"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.replica", name, str(system.home.root)],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        eventually(lambda: READY in log.read_text())
        yield Replica(process)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
