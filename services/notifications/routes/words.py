"""The coded words of notifications in plain English, for staff."""

from uuid import UUID

from services.notifications.domain.message import (
    CallOutcome,
    CallReason,
    Message,
    Reason,
    State,
    UnknownReason,
    WaitReason,
)
from services.notifications.domain.turns import Happened
from shared.contracts.words import Channel, FailReason, Purpose, RecallReason, SuppressReason

PURPOSES: dict[Purpose, str] = {
    Purpose.REFERRAL_RECEIVED: "Your referral has arrived",
    Purpose.REFERRAL_ACCEPTED: "We would like to help",
    Purpose.REFERRAL_DECLINED: "We cannot take this further",
    Purpose.MEETING_BOOKED: "Meeting booked",
    Purpose.MEETING_MOVED: "Meeting moved",
    Purpose.MEETING_CANCELLED: "Meeting cancelled",
    Purpose.STAFF_NEW_REFERRAL: "New referral, to staff",
    Purpose.STAFF_MEETING_BOOKED: "Meeting booked, to staff",
    Purpose.STAFF_MEETING_MOVED: "Meeting moved, to staff",
    Purpose.STAFF_MEETING_CANCELLED: "Meeting cancelled, to staff",
}

STATES: dict[State, tuple[str, str]] = {
    State.WAITING: ("Waiting", "yellow"),
    State.SENDING: ("Sending", "yellow"),
    State.SENT: ("Sent", "green"),
    State.FAILED: ("Failed", "red"),
    State.SUPPRESSED: ("Not allowed", "grey"),
    State.RECALLED: ("Taken back", "grey"),
    State.UNCERTAIN: ("Uncertain", "orange"),
    State.NEEDS_A_CALL: ("Needs a call", "blue"),
}
"""What a state is called, and its colour."""

REASONS: dict[Reason, str] = {
    WaitReason.NEW: "It will be sent in a moment.",
    WaitReason.NOT_SAFE_YET: "It is not a safe time to write to this person.",
    WaitReason.NO_ANSWER: "Nobody answered when we asked whether it is safe to write. Until "
    "somebody does, nothing is sent.",
    WaitReason.MAIL_SERVER_BUSY: "The mail server did not take it. We try again for four hours.",
    WaitReason.TRIED_AGAIN_BY_STAFF: "A member of staff asked for it to be tried again.",
    FailReason.ADDRESS_REFUSED: "The address does not work. Reach the person another way, and "
    "put the address right.",
    FailReason.REFUSED_BY_SERVER: "The mail server will not take this message.",
    FailReason.GAVE_UP: "The mail server could not be reached for four hours.",
    SuppressReason.ASKED_NOT_TO_BE_CONTACTED: "This person asked not to be contacted.",
    SuppressReason.NOT_A_PARTY: "This person has no part in the case.",
    SuppressReason.AGREEMENT_NOT_IN_FORCE: "The agreement of this person is not in force.",
    SuppressReason.PERSON_UNKNOWN: "We do not know this person, or no longer do.",
    SuppressReason.NOT_ON_GUEST_LIST: "Trial mode is on, and the address is not on the guest list.",
    SuppressReason.TOO_LATE_TO_MATTER: "It was too late to be of any use.",
    RecallReason.MEETING_CANCELLED: "The meeting was cancelled before this was sent.",
    RecallReason.MEETING_MOVED: "The meeting was moved before this was sent.",
    RecallReason.REFERRAL_DECLINED: "The referral was declined before this was sent.",
    RecallReason.PERSON_ERASED: "The person was erased before this was sent.",
    UnknownReason.CUT_OFF_AFTER_SENDING: "The mail server stopped answering when it had the "
    "whole message. It may have arrived, or not.",
    UnknownReason.STOPPED_WHILE_SENDING: "Parley stopped while this was being sent. It may have "
    "arrived, or not.",
    UnknownReason.STORE_PUT_BACK: "The store was put back from an older copy. This had ended "
    "since: it may have been sent, or taken back.",
    CallReason.NO_SAFE_ELECTRONIC_ROUTE: "Email is not how this person asked to be reached first.",
    CallReason.NEEDS_A_WORD_TO_AVOID: "The message needs a word this person asked us not to use.",
}

OUTCOMES: dict[CallOutcome, str] = {
    CallOutcome.DONE: "Done by a member of staff.",
    CallOutcome.NOT_NEEDED: "A member of staff decided that it is no longer needed.",
}

CHANNELS: dict[Channel, str] = {
    Channel.EMAIL: "Write an email yourself",
    Channel.PHONE: "Ring",
    Channel.TEXT: "Send a text",
    Channel.LETTER: "Post a letter",
}

REACH_AT: dict[Channel, str] = {
    Channel.EMAIL: "Write to",
    Channel.PHONE: "Ring them at",
    Channel.TEXT: "Send it to",
    Channel.LETTER: "Post it to",
}
"""What stands before a number or an address."""

ANOTHER_WAY: dict[Channel, str] = {
    Channel.PHONE: "By telephone, or face to face",
    Channel.TEXT: "By text",
    Channel.LETTER: "By letter",
    Channel.EMAIL: "By an email I wrote myself",
}

HAPPENED: dict[Happened, str] = {
    Happened.STARTED: "The message was begun.",
    Happened.PUT_OFF: "Put off: it was not a safe time to write.",
    Happened.SENDING: "A permit was given, and the mail server was spoken to.",
    Happened.PERMIT_RAN_OUT: "The permit ran out before anything was sent.",
    Happened.ACCEPTED: "The mail server took the message.",
    Happened.SERVER_BUSY: "The mail server did not take it this time.",
    Happened.REFUSED: "Refused for good.",
    Happened.GAVE_UP: "Given up after four hours.",
    Happened.UNKNOWN: "Nobody can say whether it arrived.",
    Happened.SUPPRESSED: "It may not be sent.",
    Happened.NEEDS_A_CALL: "Handed to a person: no machine may send it.",
    Happened.RECALLED: "Taken back: it was no longer true.",
    Happened.TRIED_AGAIN: "A member of staff asked for it to be tried again.",
    Happened.SHOWN: "A member of staff was shown how to reach the person.",
    Happened.REACHED: "A member of staff told the person.",
    Happened.NOT_REACHED: "A member of staff could not reach the person.",
    Happened.NOT_NEEDED: "A member of staff decided that it is no longer needed.",
    Happened.REACHED_TOO_LATE: "A member of staff had told the person before this was taken back.",
}


def reason(message: Message) -> str:
    """Why the message is in its state; empty when the state says it all."""
    if message.outcome is not None:
        return OUTCOMES[message.outcome]
    return REASONS[message.reason] if message.reason is not None else ""


def short(person_id: UUID) -> str:
    """Enough of an id to tell two people on one page apart."""
    return str(person_id)[-6:]
