"""Facts, messages and permits for tests: each test names only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.notifications.domain.message import Message, Subject, intent_id
from services.notifications.wording import Letterhead
from shared.contracts.referral import (
    AllowedWords,
    ContactPermit,
    PermitOutcome,
    ReferralAccepted,
    ReferralDeclined,
    ReferralReceived,
    StaffJoined,
)
from shared.contracts.scheduling import SessionCancelled, SessionRescheduled, SessionScheduled
from shared.contracts.words import (
    CancelReason,
    Channel,
    DeclineReason,
    Happened,
    HeardAbout,
    Matter,
    MeetingKind,
    MoveReason,
    Purpose,
    ReportedToPolice,
    Role,
    Side,
    Source,
    SuppressReason,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

HEAD = Letterhead(
    mail_from="office@example.org",
    service_name="Parley",
    phone_number="020 7946 0123",
    site_url="https://parley.example",
)

NEUTRAL = AllowedWords(name_service=False, say_time=False, leave_voicemail=False)
OPEN = AllowedWords(name_service=True, say_time=True, leave_voicemail=True)


def an_id(name: str) -> UUID:
    """The same id for the same name, in every run."""
    return uuid5(UUID(int=0), name)


SAM, ALEX, CORA, FAY = (an_id(name) for name in ("sam", "alex", "cora", "fay"))
"""Two people, a coordinator and a facilitator."""


def a_message(**changes: Any) -> Message:
    usual = Message(
        id=intent_id(an_id("event"), SAM, Purpose.REFERRAL_RECEIVED),
        event_id=an_id("event"),
        person_id=SAM,
        purpose=Purpose.REFERRAL_RECEIVED,
        subject=Subject(referral_id=an_id("referral")),
        created_at=NOW,
        changed_at=NOW,
        due_at=NOW,
        matters_until=NOW + 14 * DAY,
    )
    return replace(usual, **changes)


def granted(
    address: str = "sam@example.org",
    *,
    at: datetime = NOW,
    lasts: timedelta = timedelta(seconds=60),
    words: AllowedWords = NEUTRAL,
    channel: Channel = Channel.EMAIL,
) -> ContactPermit:
    return ContactPermit(
        outcome=PermitOutcome.GRANTED,
        channel=channel,
        address=address,
        words=words,
        valid_until=at + lasts,
    )


def by_hand(
    channel: Channel = Channel.PHONE, address: str | None = None, words: AllowedWords = NEUTRAL
) -> ContactPermit:
    return ContactPermit(
        outcome=PermitOutcome.BY_HAND, channel=channel, address=address, words=words
    )


def later(not_before: datetime) -> ContactPermit:
    return ContactPermit(outcome=PermitOutcome.LATER, not_before=not_before)


def denied(reason: SuppressReason = SuppressReason.ASKED_NOT_TO_BE_CONTACTED) -> ContactPermit:
    return ContactPermit(outcome=PermitOutcome.DENIED, reason=reason)


def referral_received(**changes: Any) -> ReferralReceived:
    usual: dict[str, Any] = {
        "referral_id": an_id("referral"),
        "person_id": SAM,
        "source": Source.SELF,
        "matter": Matter.NEIGHBOUR_DISPUTE,
        "happened": Happened.NOISE,
        "side": Side.BOTH,
        "reported_to_police": ReportedToPolice.NO,
        "area_id": an_id("area"),
        "heard_about": HeardAbout.ONLINE,
    }
    return ReferralReceived(**usual | changes)


def referral_accepted(**changes: Any) -> ReferralAccepted:
    usual: dict[str, Any] = {
        "referral_id": an_id("referral"),
        "case_id": an_id("case"),
        "person_id": SAM,
        "side": Side.BOTH,
        "matter": Matter.NEIGHBOUR_DISPUTE,
        "area_id": an_id("area"),
    }
    return ReferralAccepted(**usual | changes)


def referral_declined(reason: DeclineReason = DeclineReason.OUT_OF_SCOPE) -> ReferralDeclined:
    return ReferralDeclined(referral_id=an_id("referral"), person_id=SAM, reason=reason)


def staff_joined(person_id: UUID = CORA, role: Role = Role.COORDINATOR) -> StaffJoined:
    return StaffJoined(person_id=person_id, role=role)


def session_scheduled(name: str = "meeting", **changes: Any) -> SessionScheduled:
    usual: dict[str, Any] = {
        "session_id": an_id(name),
        "case_id": an_id("case"),
        "kind": MeetingKind.PREPARATION,
        "starts_at": NOW + 5 * DAY,
        "ends_at": NOW + 5 * DAY + HOUR,
        "venue_id": an_id("venue"),
        "facilitator_ids": (FAY,),
        "participant_ids": (SAM,),
    }
    return SessionScheduled(**usual | changes)


def session_rescheduled(name: str = "meeting", successor: str = "second") -> SessionRescheduled:
    return SessionRescheduled(
        session_id=an_id(name),
        successor_id=an_id(successor),
        case_id=an_id("case"),
        reason=MoveReason.PARTICIPANT_ASKED,
    )


def session_cancelled(name: str = "meeting", **changes: Any) -> SessionCancelled:
    usual: dict[str, Any] = {
        "session_id": an_id(name),
        "case_id": an_id("case"),
        "kind": MeetingKind.PREPARATION,
        "reason": CancelReason.NOT_GOING_AHEAD,
        "facilitator_ids": (FAY,),
        "participant_ids": (SAM,),
    }
    return SessionCancelled(**usual | changes)
