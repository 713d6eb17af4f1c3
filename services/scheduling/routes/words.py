"""What the codes of planning are called on a page."""

from datetime import timedelta

from services.scheduling.domain.meetings import Meeting, State
from services.scheduling.domain.venues import VenueKind
from shared.contracts.words import (
    Attendance,
    CancelReason,
    Matter,
    MeetingKind,
    MoveReason,
    NotHeldReason,
    Side,
)

KINDS: dict[MeetingKind, str] = {
    MeetingKind.PREPARATION: "Preparation meeting",
    MeetingKind.JOINT: "Joint meeting",
}
MATTERS: dict[Matter, str] = {
    Matter.NEIGHBOUR_DISPUTE: "Neighbour dispute",
    Matter.CRIME: "Crime",
}
SIDES: dict[Side, str] = {
    Side.HARMED: "Harmed person",
    Side.RESPONSIBLE: "Person responsible",
    Side.BOTH: "Party (both harmed and responsible)",
}
STATES: dict[State, tuple[str, str]] = {
    State.SCHEDULED: ("Booked", "blue"),
    State.COMPLETED: ("Held", "green"),
    State.MISSED: ("Not held", "orange"),
    State.CANCELLED: ("Cancelled", "grey"),
    State.SUPERSEDED: ("Moved", "grey"),
}
"""Words and the colour of the tag."""
ATTENDANCES: dict[Attendance, str] = {
    Attendance.ATTENDED: "Took part",
    Attendance.LATE: "Took part, came late",
    Attendance.DID_NOT_ATTEND: "Did not come",
    Attendance.EXCUSED: "Sent word that they could not come",
}
NOT_HELD_REASONS: dict[NotHeldReason, str] = {
    NotHeldReason.PARTICIPANT_DID_NOT_COME: "A participant did not come",
    NotHeldReason.PARTICIPANT_UNWELL: "A participant was unwell",
    NotHeldReason.FACILITATOR_UNAVAILABLE: "A facilitator could not be there",
    NotHeldReason.VENUE_UNAVAILABLE: "The venue could not be used",
    NotHeldReason.NOT_SAFE_TO_HOLD: "It was not safe to hold it",
    NotHeldReason.OTHER: "Another reason",
}
CANCEL_REASONS: dict[CancelReason, str] = {
    CancelReason.NOT_GOING_AHEAD: "It is not going ahead",
    CancelReason.FACILITATOR_UNAVAILABLE: "A facilitator cannot be there",
    CancelReason.VENUE_UNAVAILABLE: "The venue cannot be used",
    CancelReason.SAFETY_CONCERN: "There is a concern about safety",
    CancelReason.BOOKED_IN_ERROR: "It was booked by mistake",
}
MOVE_REASONS: dict[MoveReason, str] = {
    MoveReason.PARTICIPANT_ASKED: "A participant asked",
    MoveReason.FACILITATOR_UNAVAILABLE: "A facilitator cannot be there",
    MoveReason.VENUE_UNAVAILABLE: "The venue cannot be used",
    MoveReason.OTHER: "Another reason",
}
VENUE_KINDS: dict[VenueKind, str] = {
    VenueKind.NEUTRAL: "Neutral place",
    VenueKind.ONLINE: "Online",
    VenueKind.OFFICE: "Office, of ours or of an agency",
}

LENGTHS = [timedelta(minutes=minutes) for minutes in range(15, 241, 15)]


def length(span: timedelta) -> str:
    """`45 minutes`, `1 hour`, `2 hours 15 minutes`."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = [f"{hours} hour{'s' if hours > 1 else ''}"] if hours else []
    parts += [f"{minutes} minute{'s' if minutes > 1 else ''}"] if minutes else []
    return " ".join(parts)


def reason(meeting: Meeting) -> str:
    """Why it was cancelled, moved or not held; empty when there is nothing to say."""
    match meeting.reason:
        case CancelReason():
            return CANCEL_REASONS[meeting.reason]
        case MoveReason():
            return MOVE_REASONS[meeting.reason]
        case NotHeldReason():
            return NOT_HELD_REASONS[meeting.reason]
    return ""


def short(thing_id: object) -> str:
    """Enough of an id to tell two things on a page apart."""
    return str(thing_id)[-6:].upper()
