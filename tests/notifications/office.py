"""One store, one sender, and a referral service that says what a test tells it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy import select

from services.notifications import handlers
from services.notifications.actions.sending import Delivered, Delivery
from services.notifications.channels.deciding import Rules
from services.notifications.channels.sender import Courier, Sender
from services.notifications.domain.addresses import guest_list
from services.notifications.domain.message import Message, State
from services.notifications.domain.turns import Happened
from services.notifications.store import history, messages
from services.notifications.store.tables import MessageRow
from shared.contracts.fact import Envelope, Fact
from shared.contracts.referral import ContactPermit, ContactPermitWanted
from shared.contracts.words import Purpose
from shared.plumbing.asking import NoAnswer
from shared.plumbing.database import Database
from shared.plumbing.hearing import Hearing
from tests.fixtures.clock import FixedWorld
from tests.notifications.builders import HEAD, granted

Says = Callable[[ContactPermitWanted, datetime], ContactPermit]


@dataclass
class Referral:
    """Answers about permits, and remembers what it was asked."""

    world: FixedWorld
    says: dict[UUID, Says] = field(default_factory=dict)
    asked: list[ContactPermitWanted] = field(default_factory=list)
    silent: bool = False

    async def answer(self, question: ContactPermitWanted) -> ContactPermit:
        self.asked.append(question)
        if self.silent:
            raise NoAnswer("nobody")
        says = self.says.get(question.person_id)
        if says is not None:
            return says(question, self.world.now())
        return granted(f"{question.person_id}@example.org", at=self.world.now())

    def will_say(self, person_id: UUID, permit: ContactPermit | Says) -> None:
        """What is said of a person from now on; a permit is taken as it stands."""
        self.says[person_id] = permit if callable(permit) else lambda *_: permit


@dataclass
class Handed:
    """A letter that was handed to the courier, and when."""

    to: str
    at: datetime
    envelope: EmailMessage


class PromptCourier:
    """Takes letters without a network, for tests about what is decided rather than sent."""

    def __init__(self, world: FixedWorld) -> None:
        self.world = world
        self.handed: list[Handed] = []
        self.outcomes: list[Delivered] = []
        """What becomes of the next letters; after that all are accepted."""
        self.meanwhile: Callable[[], object] | None = None

    async def deliver(
        self, envelope: EmailMessage, _sender: str, address: str, allowed: Callable[[], bool]
    ) -> Delivery:
        if self.meanwhile is not None:
            await self.meanwhile()  # type: ignore[misc]
        if not allowed():
            return Delivery(Delivered.BUSY)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered.ACCEPTED
        if outcome in (Delivered.ACCEPTED, Delivered.UNKNOWN):
            self.handed.append(Handed(address, self.world.now(), envelope))
        return Delivery(outcome)


class Office:
    """Everything between a fact that is heard and a letter that leaves."""

    def __init__(
        self, database: Database, world: FixedWorld, courier: Courier, guests: tuple[str, ...] = ()
    ) -> None:
        self.database, self.world = database, world
        self.referral = Referral(world)
        rules = Rules(guest_list(guests, trial=bool(guests), mail_stays_here=False), HEAD)
        self.sender = Sender(database, self.referral.answer, courier, rules)
        self.hearing = Hearing()
        handlers.listen(self.hearing)
        self._sequence = 0

    async def hear(
        self,
        fact: Fact,
        *,
        told_at: datetime | None = None,
        sequence: int | None = None,
        event_id: UUID | None = None,
    ) -> UUID:
        """Hear one fact, in a transaction of its own; the id of the event."""
        self._sequence += 1
        envelope = Envelope(
            id=event_id or self.world.new_id(),
            source=fact.teller(),
            type=fact.subject,
            subject=fact.aggregate_id,
            sequence=sequence or self._sequence,
            time=told_at or self.world.now(),
            correlation=fact.aggregate_id,
        )
        async with self.database.transaction() as session:
            session.envelope = envelope
            await self.hearing.facts[type(fact)](fact, envelope, session)
        return envelope.id

    async def send_all(self) -> int:
        """Send until nothing more is due."""
        tried = 0
        while count := await self.sender.send_due():
            tried += count
            assert tried < 1000, "the sender spins"
        return tried

    async def wait(self, time: timedelta) -> int:
        """Let time go by and send whatever became due."""
        self.world.advance(time)
        return await self.send_all()

    async def messages(self, purpose: Purpose | None = None) -> list[Message]:
        async with self.database.reading() as session:
            rows = await session.scalars(select(MessageRow.id).order_by(MessageRow.created_at))
            found = [await messages.find(session, row) for row in rows]
        return [one for one in found if one and (purpose is None or one.purpose is purpose)]

    async def message(self, purpose: Purpose) -> Message:
        [message] = await self.messages(purpose)
        return message

    async def written_to(self, person_id: UUID) -> list[tuple[Purpose, State]]:
        """Everything begun to somebody: what announces a meeting first, what calls it off last."""
        order = list(Purpose)
        found = [one for one in await self.messages() if one.person_id == person_id]
        pairs = [(one.purpose, one.state) for one in found]
        return sorted(pairs, key=lambda pair: (order.index(pair[0]), pair[1]))

    async def states(self) -> dict[Purpose, State]:
        return {one.purpose: one.state for one in await self.messages()}

    async def history(self, message: Message) -> list[Happened]:
        async with self.database.reading() as session:
            return [entry.happened for entry in await history.of(session, message.id)]

    async def told(self) -> list[tuple[str, dict[str, object], int]]:
        """The facts in the outbox: name, body without what is empty, version."""
        outbox = self.database.schema.tables.outbox
        async with self.database.reading() as session:
            rows = await session.execute(select(outbox).order_by(outbox.c.id))
            return [
                (
                    row.subject.split(".")[1],
                    {k: v for k, v in json.loads(row.body).items() if v is not None},
                    row.version,
                )
                for row in rows
            ]
