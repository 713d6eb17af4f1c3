"""A whole system in the middle of many ears: everything around it that is searched afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psutil
from sqlalchemy import update

from deploy.home import Home
from services.referral.actions.seeds import demo_id
from services.referral.store import SCHEMA
from services.referral.store.sessions import SESSION
from shared.plumbing.database import Database
from shared.plumbing.world import REAL, World
from tests.canaries import birds, careless
from tests.canaries.birds import Aviary
from tests.canaries.listeners import Collector, Loop, PostOffice, Tap
from tests.canaries.recorder import Recorder
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.provider import SECRET, Provider, a_provider
from tests.fixtures.signed_in import sign_in_from_outside
from tests.fixtures.system import ROOT, System
from tests.fixtures.visitor import Visitor

RUN = (sys.executable, "-m", "tests.canaries.careless")

COORDINATOR, FACILITATOR, MANAGER = demo_id(1), demo_id(2), demo_id(4)
FUNDER, OPS, OFFICER = demo_id(5), demo_id(6), demo_id(7)
A_DAY = timedelta(days=1)


class TalkativeSystem(System):
    """One that is started by `careless.py`; its clock can be moved."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, RUN, **environment)

    def now(self):
        return self.clock.now()

    def token(self, person_id: UUID = COORDINATOR) -> str:
        stores = json.loads(self.environment.get(careless.STORES, "{}"))
        world = World(now=self.now, new_id=REAL.new_id, chance=REAL.chance)
        url = stores.get("referral") or self.home.store_url("referral")
        return sign_in_from_outside(url, world, person_id)

    def sure(self) -> None:
        """As if everybody who is signed in had just shown a code once more."""
        later = update(SESSION).values(stepped_up_until=self.now() + A_DAY)
        url = json.loads(self.environment.get(careless.STORES, "{}")).get("referral")

        async def note() -> None:
            database = Database(url or self.home.store_url("referral"), SCHEMA)
            try:
                async with database.transaction() as session:
                    await session.execute(later)
            finally:
                await database.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, note()).result()

    def until(self, moment) -> None:
        self.clock.move(max(moment - self.now(), moment - moment))
        for visitor, person_id in self._visitors:
            if person_id:  # the old session has been idle for too long
                visitor.come_in(self.token(person_id))

    def env(self) -> dict[str, str]:
        """What a command about this system is given."""
        return self._env()

    def _popen(self, command, log, **environment: str) -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            return subprocess.Popen(
                list(command),
                env=self._env(**environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )


@dataclass
class House:
    """The system, whoever listens to it, and what was said so far."""

    system: TalkativeSystem
    post: PostOffice
    tap: Tap
    collector: Collector
    recorder: Recorder
    provider: Provider
    """The organisation's own sign-in."""
    aviary: Aviary
    folder: Path
    said: list[bytes] = field(default_factory=list)
    """What each command printed, on either channel."""

    @property
    def home(self) -> Home:
        return self.system.home

    def visitor(self, person_id: UUID | None = COORDINATOR) -> Visitor:
        """Somebody whose browser is watched; nobody in particular without an id."""
        if person_id is None:
            return self.recorder.watch(self.system.stranger())
        visitor = self.system.visitor(person_id)
        self.aviary.also(*visitor.client.cookies.values())
        return self.recorder.watch(visitor)

    def command(self, *words: str, kept: bool = True) -> str:
        """`parley …`; what it printed is searched, unless printing somebody is what it is for."""
        return self.commands(words, kept=kept)[0]

    def commands(self, *each: tuple[str, ...], kept: bool = True) -> list[str]:
        """The same for several, one after the other."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.canaries.commands", json.dumps(each)],
            env=self.system.env(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=2 * LONG,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[str] = json.loads(done.stdout)
        for words, said in zip(each, found, strict=True):
            assert "Traceback" not in said, said
            if kept:
                self.said.append(f"parley {words[0]}: {said}\n{done.stderr}".encode())
        return found

    def careless(self) -> None:
        """Have the running process say a canary in every way careless code could."""
        (self.folder / "careless").write_text(birds.text("careless"))
        process = self.system.process
        assert process is not None
        os.kill(process.pid, signal.SIGUSR1)
        eventually(lambda: (self.home.root / "careless").exists())


@contextmanager
def a_house(folder: Path, **environment: str) -> Iterator[House]:
    """A system that has just started, with everybody listening."""
    (folder / "tmp").mkdir(parents=True)
    with ExitStack() as stack:
        loop = stack.enter_context(Loop())
        post = PostOffice(loop).open()
        stack.callback(post.close)
        collector = stack.enter_context(Collector())
        provider = stack.enter_context(a_provider(lambda: system.now()))
        outside = provider.settings(folder)
        system = TalkativeSystem(
            folder,
            PARLEY_LOG_LEVEL="debug",
            PARLEY_TRACE_ENDPOINT=collector.url,
            PARLEY_SMTP_URL=post.sink.url,
            PARLEY_GUEST_LIST="@example.org,@parley.example",
            TMPDIR=str(folder / "tmp"),
            **{f"PARLEY_{name.upper()}": str(value) for name, value in outside.items()},
            **{careless.NAMED_BY: str(folder / "careless")},
            **environment,
        )
        stack.callback(_end, system)
        system.start()
        tap = Tap(loop, system.home, folder).open()
        stack.callback(tap.close)
        aviary = Aviary([SECRET], digested=[*birds.PHONES, birds.BORN.isoformat()])
        yield House(system, post, tap, collector, Recorder(), provider, aviary, folder)


def _end(system: TalkativeSystem) -> None:
    """Without a look at its log and what it leaves: the controls were careless on purpose."""
    process = system.process
    if process is not None and process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(LONG)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
