"""What an answer about a permit means for a message: send it now, later, by hand, or not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from services.notifications.channels.mail import mail
from services.notifications.domain import turns
from services.notifications.domain.addresses import GuestList, is_one_address
from services.notifications.domain.message import CallReason, Message
from services.notifications.domain.turns import Turn
from services.notifications.wording import Letterhead, Occasion, write_letter
from shared.contracts.referral import ContactPermit, PermitOutcome
from shared.contracts.words import Channel, FailReason, SuppressReason

PERMIT_LASTS = timedelta(seconds=60)
"""No permit is good for longer than this after it was asked for, whatever it says itself."""


@dataclass(frozen=True)
class Rules:
    """What the operator decided: who may be written to at all, and what letters say of us."""

    guests: GuestList
    head: Letterhead


@dataclass(frozen=True)
class Ready:
    """A letter that may be sent to one address until a moment from now. Never stored."""

    message: Message
    """As it stands once it is `sending`."""
    envelope: EmailMessage
    address: str
    until: datetime


@dataclass(frozen=True)
class Verdict:
    """The turn the message takes, and the letter to send once that turn is stored."""

    turn: Turn
    ready: Ready | None = None


def verdict(
    message: Message,
    permit: ContactPermit,
    occasion: Occasion,
    rules: Rules,
    asked_at: datetime,
    now: datetime,
) -> Verdict:
    """Decide by the permit alone; a message that is not plainly allowed is not sent."""
    if permit.outcome is PermitOutcome.DENIED and permit.reason is not None:
        return Verdict(turns.suppress(message, permit.reason, now))
    if permit.outcome is PermitOutcome.LATER and permit.not_before is not None:
        return Verdict(turns.put_off(message, permit.not_before, now))
    if permit.outcome is PermitOutcome.BY_HAND and permit.channel is not None:
        return _by_hand(message, permit.channel, now)
    if permit.outcome is PermitOutcome.GRANTED and permit.valid_until is not None:
        until = min(permit.valid_until, asked_at + PERMIT_LASTS)
        return _granted(message, permit, until, occasion, rules, now)
    return Verdict(turns.nobody_answered(message, now))


def _granted(
    message: Message,
    permit: ContactPermit,
    until: datetime,
    occasion: Occasion,
    rules: Rules,
    now: datetime,
) -> Verdict:
    if now >= until or permit.address is None or permit.words is None or permit.channel is None:
        return Verdict(turns.nobody_answered(message, now))
    if permit.channel is not Channel.EMAIL:
        return _by_hand(message, permit.channel, now)
    if not is_one_address(permit.address):
        return Verdict(turns.refused(message, FailReason.ADDRESS_REFUSED, None, now))
    if not rules.guests.allows(permit.address):
        return Verdict(turns.suppress(message, SuppressReason.NOT_ON_GUEST_LIST, now))
    letter = write_letter(occasion, permit.words, rules.head)
    if letter.word_to_avoid(permit.words) is not None:
        reason = CallReason.NEEDS_A_WORD_TO_AVOID
        return Verdict(turns.needs_a_call(message, reason, Channel.EMAIL, now))
    turn = turns.begin(message, Channel.EMAIL, now)
    envelope = mail(letter, permit.address, message.id, now)
    return Verdict(turn, Ready(turn.message, envelope, permit.address, until))


def _by_hand(message: Message, channel: Channel, now: datetime) -> Verdict:
    reason = CallReason.NO_SAFE_ELECTRONIC_ROUTE
    return Verdict(turns.needs_a_call(message, reason, channel, now))
