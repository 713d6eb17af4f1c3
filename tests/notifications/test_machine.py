"""Facts, permits, mail servers, crashes and people in any order, against a real store.

Whatever happens: no letter without a permit valid at that moment, none about a meeting that is
dead, none twice unless a person decided so; and at the end everybody knows what is true.
"""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.notifications.actions import by_hand
from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import Message, NotNow, State
from services.notifications.domain.purposes import ANNOUNCES_A_MEETING, CANCELLED
from services.notifications.store import SCHEMA
from shared.contracts.referral import PermitOutcome
from shared.contracts.words import Purpose
from shared.plumbing import crash
from shared.plumbing.database import Database
from tests.fixtures import keys
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import make_tables
from tests.notifications.builders import (
    CORA,
    DAY,
    HOUR,
    SAM,
    an_id,
    denied,
    granted,
    later,
    session_cancelled,
    session_rescheduled,
    session_scheduled,
)
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.office import Handed, Office, PromptCourier

MINUTE = timedelta(minutes=1)
ENDED = (State.SENT, State.SUPPRESSED, State.RECALLED)
OVER = {State.SENT, State.FAILED, State.SUPPRESSED, State.RECALLED, State.UNCERTAIN}


class Died(BaseException):
    """What a simulated crash raises: nothing but the end of the process may catch it."""


class SendingOffice(RuleBasedStateMachine):
    """Sam is invited to meetings that are booked, moved and called off."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="parley-machine-")
        self.world = FixedWorld()
        self.courier = WatchedCourier(self)
        self.alive: str | None = None
        self.dead: set[str] = set()
        self.count = 0
        self.permit = "granted"
        self.decided_repeats = 0
        self.ended: dict[object, State] = {}
        self.office = self.run(self.open_office())

    def run(self, coroutine):
        return self.runner.run(coroutine)

    async def open_office(self) -> Office:
        path = Path(self.folder.name) / "store.db"
        database = Database(
            f"sqlite+aiosqlite:///{path}", SCHEMA, self.world, keys.keyring("notifications")
        )
        await make_tables(database)
        office = Office(database, self.world, self.courier)
        office.referral.will_say(SAM, lambda *_: self.answer())
        return office

    def answer(self):
        now = self.world.now()
        match self.permit:
            case "denied":
                return denied()
            case "later":
                return later(now + HOUR)
            case "by hand":
                return by_hand_permit()
            case "stale":
                return granted(at=now - HOUR)
        return granted(at=now)

    @rule(answer=st.sampled_from(["granted", "granted", "denied", "later", "by hand", "stale"]))
    def change_of_mind(self, answer: str) -> None:
        self.permit = answer

    @rule(silent=st.booleans())
    def referral_comes_and_goes(self, silent: bool) -> None:
        self.office.referral.silent = silent

    @rule(outcome=st.sampled_from(list(Delivered)))
    def mail_server_will(self, outcome: Delivered) -> None:
        self.courier.outcomes.append(outcome)

    @rule()
    def book(self) -> None:
        if self.alive is None:
            self.alive = self.next_name()
            self.hear(session_scheduled(self.alive, facilitator_ids=(), starts_at=self.soon()))

    @rule(told_first=st.booleans())
    def move(self, told_first: bool) -> None:
        if self.alive is None:
            return
        old, new = self.alive, self.next_name()
        facts = [
            session_rescheduled(old, new),
            session_scheduled(new, replaces=an_id(old), facilitator_ids=(), starts_at=self.soon()),
        ]
        self.dead.add(old)
        for fact in facts if told_first else reversed(facts):
            self.hear(fact)
        self.alive = new

    @rule()
    def call_off(self) -> None:
        if self.alive is not None:
            self.dead.add(self.alive)
            self.hear(session_cancelled(self.alive, facilitator_ids=()))
            self.alive = None

    @rule(time=st.sampled_from([MINUTE, 10 * MINUTE, HOUR, 5 * HOUR]))
    def time_goes_by(self, time: timedelta) -> None:
        self.world.advance(time)

    @rule()
    def send(self) -> None:
        self.run(self.office.send_all())

    @rule(place=st.sampled_from(["sender.before_smtp", "sender.after_smtp"]))
    def die_while_sending(self, place: str) -> None:
        def die(name: str) -> None:
            if name == place:
                raise Died

        async def life() -> None:
            crash.hook = die
            try:
                await self.office.sender.send_due()
            except Died:
                pass
            finally:
                crash.hook = None
            await self.office.sender.take_over()

        self.run(life())

    @rule(data=st.data())
    def somebody_tries_again(self, data: st.DataObject) -> None:
        async def decide(message: Message) -> None:
            async with self.office.database.transaction() as session:
                await by_hand.try_again(session, message.id, CORA)

        candidates = [
            one for one in self.messages() if one.state in (State.FAILED, State.UNCERTAIN)
        ]
        if candidates:
            chosen = data.draw(st.sampled_from(candidates))
            try:
                self.run(decide(chosen))
            except NotNow:
                return
            self.decided_repeats += chosen.state is State.UNCERTAIN

    @rule()
    def somebody_rings(self) -> None:
        async def ring(message: Message) -> None:
            async with self.office.database.transaction() as session:
                await by_hand.note_reached(session, message.id, CORA)

        for task in [one for one in self.messages() if one.is_open_task]:
            self.run(ring(task))

    @invariant()
    def what_ended_stays_ended(self) -> None:
        for message in self.messages():
            before = self.ended.get(message.id)
            assert before is None or message.state is before
            if message.state in ENDED:
                self.ended[message.id] = message.state

    def teardown(self) -> None:
        try:
            self.settle_down()
            self.run(self.office.database.close())
        finally:
            self.runner.close()
            self.folder.cleanup()

    def settle_down(self) -> None:
        """Referral answers, mail is taken, people ring: then nothing is left open or untrue."""
        self.permit, self.office.referral.silent = "granted", False
        self.courier.outcomes.clear()
        for _ in range(12):
            self.run(self.office.wait(HOUR))
            self.somebody_rings()
        found = self.messages()
        assert all(one.state in OVER or one.outcome is not None for one in found)
        told = [one for one in found if one.told_at is not None]
        last = max(told, key=lambda one: one.told_at or one.created_at, default=None)
        if self.alive is None and last is not None and not self.kept_from_telling(found):
            assert last.purpose in CANCELLED, "somebody still expects a meeting that is off"

    def kept_from_telling(self, found: list[Message]) -> bool:
        """A cancelling that was refused by the person or by every mail server is nobody's fault."""
        kept = (State.SUPPRESSED, State.FAILED)
        return any(one.purpose in CANCELLED and one.state in kept for one in found)

    def messages(self) -> list[Message]:
        found: list[Message] = self.run(self.office.messages())
        return found

    def hear(self, fact) -> None:
        self.world.advance(MINUTE)
        self.run(self.office.hear(fact))

    def next_name(self) -> str:
        self.count += 1
        return f"meeting {self.count}"

    def soon(self):
        return self.world.now() + 6 * DAY


class WatchedCourier(PromptCourier):
    """Looks at each letter as it is handed over."""

    def __init__(self, machine: SendingOffice) -> None:
        super().__init__(machine.world)
        self.machine = machine
        self.given: dict[str, int] = {}

    async def deliver(self, envelope, sender, address, allowed):
        before = len(self.handed)
        delivery = await super().deliver(envelope, sender, address, allowed)
        if len(self.handed) > before:
            await self.look_at(self.handed[-1])
        return delivery

    async def look_at(self, letter: Handed) -> None:
        machine, office = self.machine, self.machine.office
        assert not office.referral.silent
        assert machine.answer().outcome is PermitOutcome.GRANTED
        message_id = letter.envelope["Message-ID"].strip("<>").partition("@")[0]
        [message] = [one for one in await office.messages() if str(one.id) == message_id]
        assert message.state is State.SENDING
        assert office.referral.asked[-1].intent_id == message.id
        if message.purpose in ANNOUNCES_A_MEETING:
            dead = {an_id(name) for name in machine.dead}
            assert message.subject.session_id not in dead
        if message.purpose is Purpose.MEETING_CANCELLED:
            assert any(
                one.told_at for one in await office.messages() if one.purpose in ANNOUNCES_A_MEETING
            )
        self.given[message_id] = self.given.get(message_id, 0) + 1
        assert sum(count - 1 for count in self.given.values()) <= machine.decided_repeats


TestSendingOffice = SendingOffice.TestCase
TestSendingOffice.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
