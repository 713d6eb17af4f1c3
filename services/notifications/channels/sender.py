"""Sends what is due, in one process at a time, and brings every message to a named state.

For each message: look whether anything is against it; ask for a permit, outside any transaction;
store that it is being sent; speak to the mail server; store what came of it. A crash anywhere
leaves it waiting, or `sending`, which the next lead turns into `uncertain`: a letter is never sent
again by itself once it may have been taken.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

import structlog

from services.notifications.actions import sending, turning
from services.notifications.actions.sending import Delivered, Delivery, Look
from services.notifications.channels.deciding import Ready, Rules, verdict
from services.notifications.domain import turns
from services.notifications.domain.message import Message, State
from services.notifications.domain.turns import Turn
from services.notifications.store import messages
from services.notifications.store.messages import Overtaken
from services.notifications.wording import Occasion
from shared.contracts.referral import ContactPermit, ContactPermitWanted
from shared.plumbing.asking import NoAnswer
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database

log = structlog.get_logger()

AT_ONCE = 4
"""How many letters are on their way at the same time."""

SETTLE_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (0.2, 1, 2, 5, 5))
"""Pauses while the store cannot be reached and only we know what the mail server said."""

FINISH = timedelta(seconds=5)
"""How long letters on their way are given when the sender is told to stop."""


class Courier(Protocol):
    """How letters leave."""

    async def deliver(
        self, envelope: EmailMessage, sender: str, address: str, allowed: Callable[[], bool]
    ) -> Delivery:
        """Hand over one letter; say how far it got. Never raises for what a mail server does."""
        ...


class Sender:
    """Sends one service's messages. Lead before you let it send: `loop.py` does."""

    def __init__(
        self,
        database: Database,
        ask: Callable[[ContactPermitWanted], Awaitable[ContactPermit]],
        courier: Courier,
        rules: Rules,
    ) -> None:
        self._database = database
        self._ask = ask
        self._courier = courier
        self._rules = rules
        self._lost_track = False
        """Something unforeseen happened: a message of ours may be `sending` with nobody sending."""

    async def take_over(self) -> None:
        """At the start of a lead: what was being sent when the last one ended is uncertain."""
        async with self._database.transaction() as session:
            left = await sending.give_up_hope(session)
        for message_id in left:
            log.error("message_uncertain", message_id=str(message_id), reason="stopped")

    async def send_due(self) -> int:
        """Try some of what is due, side by side; how many were tried."""
        if self._lost_track:
            await self.take_over()
            self._lost_track = False
        async with self._database.reading() as session:
            due = await messages.due(session, session.now(), AT_ONCE)
            looks = [await sending.look(session, message) for message in due]
        if not looks:
            return 0
        attempts = [asyncio.ensure_future(self._try(look)) for look in looks]
        try:
            await asyncio.shield(asyncio.gather(*attempts))
        except asyncio.CancelledError:
            # Cut off, a letter on its way would be uncertain for no reason: let it arrive.
            await asyncio.wait(attempts, timeout=FINISH.total_seconds())
            for attempt in attempts:
                attempt.cancel()
            raise
        return len(looks)

    async def tidy(self) -> None:
        """Close the tasks for people that have come too late."""
        async with self._database.reading() as session:
            overdue = await messages.overdue_tasks(session, session.now(), 1)
        if overdue:
            async with self._database.transaction() as session:
                await sending.close_overdue_tasks(session)

    async def next_due_at(self) -> datetime | None:
        async with self._database.reading() as session:
            return await messages.next_due_at(session)

    async def _try(self, look: Look) -> None:
        """One attempt; whatever goes wrong with one message does not hold up the others."""
        try:
            await self._attempt(look)
        except Overtaken:
            log.info("message_overtaken", message_id=str(look.message.id))
        except Exception as error:
            name = type(error).__name__
            log.error("attempt_failed", message_id=str(look.message.id), error_type=name)
            self._lost_track = True
            await self._hold(look.message)

    async def _attempt(self, look: Look) -> None:
        message = look.message
        if look.against is not None:
            await self._carry_out(message, look.against)
            return
        asked_at = self._now()
        try:
            permit = await self._ask(_question(message))
        except NoAnswer as none:
            log.info("permit_not_answered", message_id=str(message.id), reason=none.reason)
            await self._carry_out(message, turns.nobody_answered(message, self._now()))
            return
        occasion = Occasion(message.purpose, look.times.starts_at, look.times.told_before)
        decided = verdict(message, permit, occasion, self._rules, asked_at, self._now())
        as_decided = await self._carry_out(message, decided.turn)
        if as_decided and decided.ready is not None:
            await self._send(decided.ready)

    async def _carry_out(self, message: Message, turn: Turn) -> bool:
        async with self._database.transaction() as session:
            return await sending.carry_out(session, message, turn)

    async def _send(self, ready: Ready) -> None:
        """Hand one letter over and store what came of it. Its message is `sending` by now."""
        if self._now() >= ready.until:
            async with self._database.transaction() as session:
                await turning.take(session, turns.permit_ran_out(ready.message, session.now()))
            return
        crash_point("sender.before_smtp")
        try:
            delivery = await self._courier.deliver(
                ready.envelope,
                self._rules.head.mail_from,
                ready.address,
                lambda: self._now() < ready.until,
            )
        except Exception as error:  # a mistake of ours: nobody can say how far the letter got
            name = type(error).__name__
            log.error("courier_failed", message_id=str(ready.message.id), error_type=name)
            delivery = Delivery(Delivered.UNKNOWN)
        crash_point("sender.after_smtp")
        await self._settle(ready.message, delivery)

    async def _settle(self, message: Message, delivery: Delivery) -> None:
        """Store what the mail server said; nobody else knows, so do not give up at once."""
        for pause in (*SETTLE_AGAIN, None):
            try:
                async with self._database.transaction() as session:
                    state = await sending.settle(session, message, delivery)
                log.info("message_settled", message_id=str(message.id), state=state)
                return
            except Exception as error:
                name = type(error).__name__
                log.error("settling_failed", message_id=str(message.id), error_type=name)
                if pause is None:
                    raise
                await asyncio.sleep(pause.total_seconds())

    async def _hold(self, message: Message) -> None:
        """Put a message off that something unforeseen happened to, so that it does not spin."""
        try:
            async with self._database.transaction() as session:
                now = await messages.find(session, message.id)
                if now is not None and now.state is State.WAITING:
                    await turning.take(session, turns.hold(now, session.now()))
        except Exception as error:
            log.error("holding_failed", error_type=type(error).__name__)
            await asyncio.sleep(SETTLE_AGAIN[1].total_seconds())

    def _now(self) -> datetime:
        return self._database.world.now()


def _question(message: Message) -> ContactPermitWanted:
    return ContactPermitWanted(
        person_id=message.person_id,
        purpose=message.purpose,
        intent_id=message.id,
        referral_id=message.subject.referral_id,
        case_id=message.subject.case_id,
        session_id=message.subject.session_id,
    )
