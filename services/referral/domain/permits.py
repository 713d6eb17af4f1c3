"""Whether we may be in touch with somebody now, for one purpose, and by what route.

Everything that leaves the house passes here, at every attempt: what is not plainly allowed is
not allowed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.referral.domain.intake import Status
from services.referral.domain.people import Person, SafeContact, WhoElse
from shared.contracts.referral import AllowedWords, ContactPermit, PermitOutcome
from shared.contracts.words import Channel, MeetingKind, Purpose, Role, SuppressReason

PERMIT_LASTS = timedelta(seconds=60)
"""Long enough to hand one message over; whatever changes after that is seen next time."""

STAFF_PURPOSES = {
    Purpose.STAFF_NEW_REFERRAL: frozenset({Role.COORDINATOR}),
    Purpose.STAFF_MEETING_BOOKED: frozenset(Role),
    Purpose.STAFF_MEETING_MOVED: frozenset(Role),
    Purpose.STAFF_MEETING_CANCELLED: frozenset(Role),
}
"""What colleagues are told, and the roles of which they must hold one at that moment."""

TRUE_WHILE = {
    Purpose.REFERRAL_RECEIVED: frozenset({Status.WAITING, Status.ACCEPTED}),
    Purpose.REFERRAL_ACCEPTED: frozenset({Status.ACCEPTED}),
    Purpose.REFERRAL_DECLINED: frozenset({Status.DECLINED}),
}
"""The states of a person's own referral in which the message still says the truth."""


@dataclass(frozen=True)
class Meeting:
    """The meeting a message is about, as far as this service knows it."""

    kind: MeetingKind
    live: bool
    """Whether leave to hold it is in force."""
    invited: bool
    """Whether this person takes part in it."""


@dataclass(frozen=True)
class Relation:
    """How a person stands to what the message is about, at this moment."""

    roles: frozenset[Role] = frozenset()
    """The roles they hold as staff."""
    referral: Status | None = None
    """Where the referral stands, when it is theirs."""
    party: bool = False
    """Whether they are a party of the case."""
    case_open: bool = False
    agrees: bool = False
    """Whether their own agreement to a joint meeting is in force."""
    meeting: Meeting | None = None
    kept_from: bool = False
    """Whether a wall stands between them, as staff, and the matter."""
    elsewhere: bool = False
    """Whether they work, as staff, in other areas than that of the matter."""
    released: bool = False
    """Whether they worked on the case and were taken off it."""


def permit(
    person: Person | None,
    safe_contact: SafeContact | None,
    purpose: Purpose,
    relation: Relation,
    now: datetime,
    *,
    shown_to_staff: bool = False,
) -> ContactPermit:
    """Answer for one attempt.

    The route is the one to try first. `granted` for email within safe hours; `by_hand` where only
    a person can take the route, with the address only for the eyes of a colleague who is about to
    use it; `later` with the first moment worth asking again; `denied` with the reason.
    """
    if person is None or safe_contact is None:
        return _denied(SuppressReason.PERSON_UNKNOWN)
    if person.asked_no_contact_at is not None:
        return _denied(SuppressReason.ASKED_NOT_TO_BE_CONTACTED)
    reason = _why_not(purpose, relation)
    if reason is not None:
        return _denied(reason)
    if safe_contact.first.channel is Channel.EMAIL:
        return _by_email(safe_contact, now)
    return _by_hand(safe_contact, now, shown_to_staff=shown_to_staff)


def _why_not(purpose: Purpose, relation: Relation) -> SuppressReason | None:
    if purpose in STAFF_PURPOSES:
        return None if _concerns_staff(purpose, relation) else SuppressReason.NOT_A_PARTY
    if purpose in TRUE_WHILE:
        return _about_referral(purpose, relation)
    return _about_meeting(purpose, relation)


def _concerns_staff(purpose: Purpose, relation: Relation) -> bool:
    """Whether a colleague may be told.

    Somebody who was taken off a case, or is kept from it, is told nothing more of its meetings but
    for one thing: that one they were told of before is off for them, because they must not come.
    """
    if not relation.roles & STAFF_PURPOSES[purpose]:
        return False
    if purpose is Purpose.STAFF_MEETING_CANCELLED:
        return True
    if purpose is Purpose.STAFF_NEW_REFERRAL and relation.elsewhere:
        return False
    return not (relation.kept_from or relation.released)


def _about_referral(purpose: Purpose, relation: Relation) -> SuppressReason | None:
    if relation.referral is None:
        return SuppressReason.NOT_A_PARTY
    if relation.referral not in TRUE_WHILE[purpose]:
        return SuppressReason.TOO_LATE_TO_MATTER
    return None


def _about_meeting(purpose: Purpose, relation: Relation) -> SuppressReason | None:
    if not relation.party:
        return SuppressReason.NOT_A_PARTY
    if purpose is Purpose.MEETING_CANCELLED:
        return None  # whoever was told of a meeting hears that it is off, whatever changed since
    meeting = relation.meeting
    if meeting is not None and not meeting.invited:
        return SuppressReason.NOT_A_PARTY
    if meeting is None or not meeting.live or not relation.case_open:
        return SuppressReason.AGREEMENT_NOT_IN_FORCE
    if meeting.kind is MeetingKind.JOINT and not relation.agrees:
        return SuppressReason.AGREEMENT_NOT_IN_FORCE
    return None


def _by_email(safe_contact: SafeContact, now: datetime) -> ContactPermit:
    route = safe_contact.first
    if not safe_contact.hours.hold_at(now):
        return _later(safe_contact, now)
    return ContactPermit(
        outcome=PermitOutcome.GRANTED,
        channel=route.channel,
        address=route.address,
        words=_words(safe_contact),
        valid_until=safe_contact.hours.safe_until(now, PERMIT_LASTS),
    )


def _by_hand(safe_contact: SafeContact, now: datetime, *, shown_to_staff: bool) -> ContactPermit:
    """A task may be written down at any hour; the address is shown only when it may be used."""
    route = safe_contact.first
    if not shown_to_staff:
        return ContactPermit(
            outcome=PermitOutcome.BY_HAND, channel=route.channel, words=_words(safe_contact)
        )
    if route.channel is Channel.LETTER:
        valid_until = now + PERMIT_LASTS
    elif safe_contact.hours.hold_at(now):
        valid_until = safe_contact.hours.safe_until(now, PERMIT_LASTS)
    else:
        return _later(safe_contact, now)
    return ContactPermit(
        outcome=PermitOutcome.BY_HAND,
        channel=route.channel,
        address=route.address,
        words=_words(safe_contact),
        valid_until=valid_until,
    )


def _words(safe_contact: SafeContact) -> AllowedWords:
    alone = safe_contact.who_else is WhoElse.NOBODY
    return AllowedWords(
        name_service=alone,
        say_time=alone,
        leave_voicemail=safe_contact.voicemail,
        avoid=safe_contact.avoid,
    )


def _later(safe_contact: SafeContact, now: datetime) -> ContactPermit:
    return ContactPermit(
        outcome=PermitOutcome.LATER, not_before=safe_contact.hours.next_opening(now)
    )


def _denied(reason: SuppressReason) -> ContactPermit:
    return ContactPermit(outcome=PermitOutcome.DENIED, reason=reason)
