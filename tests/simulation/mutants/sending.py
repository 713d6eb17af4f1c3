"""Mistakes in how letters leave."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.notifications.actions import meetings, sending
from services.notifications.actions.sending import Look
from services.notifications.channels import loop, sender
from services.notifications.channels.deciding import verdict
from services.notifications.channels.sender import Sender
from services.notifications.domain import turns
from services.notifications.domain.message import Message, State, WaitReason
from services.notifications.domain.turns import Happened, Turn
from services.notifications.store import messages
from services.notifications.wording import Occasion
from shared.contracts.referral import ContactPermit, ContactPermitWanted
from shared.plumbing.blueprint import Service
from tests.simulation.mutants.planting import mutant, nothing

_ask_permit = loop.ask_permit
_booked = meetings.booked


async def _hand_over_first(self: Sender, look: Look) -> None:
    """Speak to the mail server first, and store that it is being done after that."""
    message, asked_at = look.message, self._now()
    if look.against is not None:
        await self._carry_out(message, look.against)
        return
    permit = await self._ask(sender._question(message))
    occasion = Occasion(message.purpose, look.times.starts_at, look.times.told_before)
    decided = verdict(message, permit, occasion, self._rules, asked_at, self._now())
    if decided.ready is None:
        await self._carry_out(message, decided.turn)
        return
    delivery = await self._courier.deliver(
        decided.ready.envelope, "office@example.org", decided.ready.address, lambda: True
    )
    if await self._carry_out(message, decided.turn):
        await self._settle(decided.ready.message, delivery)


async def _from_memory(service: Service, question: ContactPermitWanted) -> ContactPermit:
    """Ask once, and go by that for ever."""
    known: dict[Any, ContactPermit] = service.__dict__.setdefault("permits", {})
    key = question.person_id
    if key in known:
        valid = {"valid_until": service.world.now() + timedelta(seconds=60)}
        return known[key].model_copy(update=valid)
    permit = await _ask_permit(service, question)
    if permit.address is not None:
        known[key] = permit
    return permit


async def _none_unsent(*_: object) -> list[Message]:
    return []


def _once_more(message: Message, _reason: object, now: datetime) -> Turn:
    waits = replace(
        message,
        state=State.WAITING,
        reason=WaitReason.MAIL_SERVER_BUSY,
        due_at=now,
        changed_at=now,
    )
    return Turn(turns.next_version(waits), Happened.SERVER_BUSY)


def _busy_is_final(message: Message, _code: object, now: datetime) -> Turn:
    return turns.accepted(message, now)


async def _forget_the_old(session: Any, fact: Any, cause: Any) -> None:
    """Do not look whether the meeting is dead by the time it is heard of."""
    await _booked(session, fact, cause)
    known = await meetings.meetings.find(session, fact.session_id)
    await meetings.meetings.save(session, replace(known, ended=None))


MUTANTS = (
    mutant("hand over before it is stored", (Sender, "_attempt", _hand_over_first)),
    mutant("permits kept", (loop, "ask_permit", _from_memory)),
    mutant(
        "take nothing back",
        (messages, "unsent_announcements", _none_unsent),
        (messages, "unsent_about_referral", _none_unsent),
        (sending, "untrue", nothing),
    ),
    mutant("send again what may have arrived", (turns, "unknown", _once_more)),
    mutant("the next lead takes nothing over", (Sender, "take_over", nothing)),
    mutant("a busy server counts as sent", (turns, "server_busy", _busy_is_final)),
    mutant("nobody hears that a meeting is off", (meetings, "_tell_of_the_end", nothing)),
    mutant("a meeting booked late is alive again", (meetings, "booked", _forget_the_old)),
)
