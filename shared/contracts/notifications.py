"""What the notifications service tells: how each message ended. Never what it said, or where."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.fact import Fact
from shared.contracts.words import Channel, FailReason, Purpose, RecallReason, SuppressReason


class MessageFact(Fact):
    """What every fact about a message says. Not a fact by itself."""

    subject: ClassVar[str] = "notifications.message.v1"
    about: ClassVar[str] = "message_id"

    message_id: UUID
    person_id: UUID
    purpose: Purpose
    referral_id: UUID | None = None
    case_id: UUID | None = None
    session_id: UUID | None = None


class MessageSent(MessageFact):
    """The mail server took the message, or somebody reached the person by hand.

    Whether it was read is not known.
    """

    subject: ClassVar[str] = "notifications.message_sent.v1"

    channel: Channel


class MessageFailed(MessageFact):
    """The message could not be delivered and will not be tried again."""

    subject: ClassVar[str] = "notifications.message_failed.v1"

    reason: FailReason


class MessageSuppressed(MessageFact):
    """The message was not sent because, at that moment, it was not allowed."""

    subject: ClassVar[str] = "notifications.message_suppressed.v1"

    reason: SuppressReason


class MessageRecalled(MessageFact):
    """The message was taken back before it was sent, because it was no longer true."""

    subject: ClassVar[str] = "notifications.message_recalled.v1"

    reason: RecallReason
