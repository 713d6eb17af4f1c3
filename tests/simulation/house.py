"""The four services put together around a broker, a mail server and a clock that are simulated.

A process is everything a service holds in memory. When it crashes all of that is thrown away,
and the service starts anew on its store, as a supervisor would start it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from httpx import ASGITransport, AsyncClient
from nats.aio.msg import Msg

from deploy.parts import blueprints, hearings
from shared.contracts.catalogue import SERVICES
from shared.plumbing import outbox, second_chance
from shared.plumbing.delivery import Heard
from shared.plumbing.hearing import durable_name
from tests.fixtures.clock import FixedWorld
from tests.simulation import stores, wire
from tests.simulation.broker import Broker, Stored
from tests.simulation.faults import Crashed, Faults, acting, refuse_the_dead
from tests.simulation.mail_server import MailServer
from tests.simulation.process import Process, referral_app

T = TypeVar("T")

HERE = "http://127.0.0.1:8000"


class Cut(Exception):
    """Whoever was waiting for this process hears nothing: it died."""


class HandlerBroken(Exception):
    """What a handler raises while there is a mistake in it."""


@dataclass(frozen=True)
class Beginning:
    """What a seed finds when it begins."""

    stores: Mapping[str, Path]
    told: Mapping[str, list[Stored]] = field(default_factory=dict)
    """What each stream holds, all of which was heard."""


class House:
    """Everything that runs in one seed."""

    def __init__(
        self,
        world: FixedWorld,
        faults: Faults,
        note: Callable[[str], None],
        beginning: "Beginning",
    ) -> None:
        self.world, self.faults, self.note = world, faults, note
        self.broker = Broker(hearings(blueprints()))
        self.broker.begin_with(beginning.told)
        self.mail = MailServer(world, faults, self.meanwhile)
        self.disks = {
            name: stores.Disk(name, stores.folder() / f"{name}.db", beginning.stores[name], faults)
            for name in SERVICES
        }
        self.processes: dict[str, Process] = {}
        self.failures: Counter[tuple[str, str]] = Counter()
        """How often acting on an event has failed, by consumer and event."""
        self.broken: set[tuple[str, str]] = set()
        """Handlers with a mistake in them: the service, and the fact they stumble over."""
        self.something_else: Callable[[], Awaitable[None]] | None = None
        """What may happen while somebody waits for the network."""
        self._depth = 0

    async def open(self) -> None:
        for name in SERVICES:
            await self._start(name)

    def close(self) -> None:
        for disk in self.disks.values():
            disk.close()

    async def _start(self, name: str) -> None:
        self.processes[name] = Process(self, name)
        await self.processes[name].start()

    async def restart(self, name: str) -> None:
        """End the process where it stands and start it anew on its store."""
        self.processes[name].alive = False
        self.disks[name].let_go()
        await self._start(name)

    async def within(self, name: str, work: Callable[[Process], Awaitable[T]]) -> T:
        """Do some work of this service. Raises Cut when its process died over it."""
        process = self.processes[name]
        token = acting.set(process)
        try:
            return await work(process)
        except Crashed as crash:
            if crash.process is not process:
                raise
        finally:
            acting.reset(token)
        if self.processes[name] is process:
            self.note(f"  {name} died and is started anew")
            await self.restart(name)
        raise Cut

    async def meanwhile(self, place: str) -> None:
        """While this process waits for the network, something else may happen anywhere."""
        something_else = self.something_else if not self._depth else None
        if something_else is not None and self.faults.strikes("meanwhile", place):
            self._depth += 1
            token = acting.set(None)
            try:
                await something_else()
            finally:
                acting.reset(token)
                self._depth -= 1
        refuse_the_dead()

    async def put(
        self, asker: str, subject: str, payload: bytes, headers: dict[str, str]
    ) -> Msg | None:
        """Carry a question to its owner; none when no answer comes back."""
        if self.faults.strikes("question lost") or self.faults.strikes("referral does not answer"):
            return None
        owner = subject.split(".")[1]
        process = self.processes[owner]
        answer = await wire.ask(asker, process, subject, payload, headers)
        if not process.alive and self.processes[owner] is process:
            self.note(f"  {owner} died over a question and is started anew")
            await self.restart(owner)
        return None if self.faults.strikes("answer lost") else answer

    async def relay(self, name: str, *, recount: bool) -> int:
        """Let the relay of this service do what it does when it wakes."""
        return await self.within(name, _recount_and_publish if recount else _publish)

    async def reconcile(self, name: str) -> int:
        """Let the leader compare outbox and stream; how many events the stream lacks."""
        return await self.within(name, _reconcile)

    async def deliver(self, name: str) -> bool:
        """Hand the next event to this consumer; False when there is none for it now."""
        consumer = self.broker.consumers[name]
        reordered = self.faults.strikes("events of different things reordered", name)
        found = consumer.next(self.world.now(), skip=1 + reordered if reordered else 0)
        if found is None:
            return False
        event, deliveries = found
        again = f", delivery {deliveries}" if deliveries > 1 else ""
        self.note(f"  {name} is handed {event.subject} {event.event_id[-6:]}{again}")

        async def take(process: Process) -> None:
            message = process.wire.hand_over(consumer, event, deliveries)
            await process.deliverer.deliver(message, self._acting(process))

        try:
            await self.within(consumer.reader, take)
        except Cut:
            self.failures[name, event.event_id] += 1
            return True
        if consumer.pending is None and self.faults.strikes("event delivered again", name):
            consumer.again.append(event.seq)
        return True

    def _acting(self, process: Process) -> Callable[[Heard], Awaitable[None]]:
        async def act(heard: Heard) -> None:
            durable = durable_name(process.name, heard.envelope.source)
            try:
                self._stumble(process.name, heard.envelope.type)
            except HandlerBroken:
                self.failures[durable, str(heard.envelope.id)] += 1
                raise
            handler = process.bus.facts[type(heard.fact)]
            await handler(heard.fact, heard.envelope, heard.session)

        return act

    def _stumble(self, service: str, subject: str) -> None:
        broken = self.faults.on and (service, subject) in self.broken
        if broken or self.faults.strikes("handler broken", f"{service} at {subject}"):
            raise HandlerBroken

    async def second_chance(self, name: str) -> int:
        """Let the service act on the parked events that somebody asked to retry."""

        async def give(process: Process) -> int:
            handlers = {
                kind: self._stumbling(process.name, kind.subject, handler)
                for kind, handler in process.bus.facts.items()
            }
            return await second_chance.give(process.database, process.deliverer, handlers)

        return await self.within(name, give)

    def _stumbling(self, service: str, subject: str, handler: Callable[..., Awaitable[None]]):
        async def act(*heard: object) -> None:
            self._stumble(service, subject)
            await handler(*heard)

        return act

    async def send(self) -> int:
        """Let the sender take over if it has just begun to lead, and try what is due."""

        async def try_due(process: Process) -> int:
            assert process.sender is not None
            if not process.has_led:
                await process.sender.take_over()
                process.has_led = True
            tried = await process.sender.send_due()
            if not tried:
                await process.sender.tidy()
            return tried

        return await self.within("notifications", try_due)

    async def visit(self, method: str, path: str, **request: object) -> tuple[int, bytes]:
        """One request to the referral service's real app. Raises Cut."""

        async def serve(process: Process) -> tuple[int, bytes]:
            app = referral_app()
            app.state.service = process.service
            transport = ASGITransport(app=app, client=("127.0.0.1", 50000))
            async with AsyncClient(transport=transport, base_url=HERE, trust_env=False) as client:
                answer = await client.request(method, path, **request)  # type: ignore[arg-type]
            return answer.status_code, answer.content

        return await self.within("referral", serve)


async def _publish(process: Process) -> int:
    return await process.relay.publish_waiting()


async def _recount_and_publish(process: Process) -> int:
    await process.relay._recounted()
    return await process.relay.publish_waiting()


async def _reconcile(process: Process) -> int:
    report = await outbox.Reconciler(process.database, process.bus.publisher).reconcile()
    return report.missing


def short(one: UUID | str) -> str:
    """The end of an id: enough to follow it through a trace."""
    return str(one).replace("-", "")[-6:]
