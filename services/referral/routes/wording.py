"""The coded words in plain English, for pages: what the public reads and what staff read."""

import phonenumbers

from services.referral.domain.accounts import Means, WayIn
from services.referral.domain.agreement import HowTold
from services.referral.domain.corrections import Corrected
from services.referral.domain.people import Route, WhoElse
from services.referral.domain.rights import (
    ExtensionReason,
    RefusalReason,
    RequestState,
    RightKind,
)
from services.referral.domain.safe_hours import DAY_MINUTES, WEEK, SafeHours, Weekday
from services.referral.domain.timeline import Ending, Happening
from services.referral.store.intake import Tab
from shared.contracts.access import AccessRole
from shared.contracts.words import (
    Channel,
    DeclineReason,
    FailReason,
    Happened,
    HeardAbout,
    Matter,
    Purpose,
    RecallReason,
    ReportedToPolice,
    Role,
    Side,
    Source,
    SuppressReason,
)

HAPPENED = {
    Happened.NOISE: "Noise",
    Happened.BOUNDARY_OR_PARKING: "A boundary, a fence, parking or access",
    Happened.CHILDREN_OR_PETS: "Children or pets",
    Happened.ABUSE_OR_THREATS: "Insults, harassment or threats",
    Happened.DAMAGE: "Damage to something",
    Happened.THEFT: "Something was taken",
    Happened.VIOLENCE: "Somebody was hurt",
    Happened.HATE: "Somebody was targeted because of who they are",
    Happened.OTHER: "Something else",
}
MATTER = {
    Matter.NEIGHBOUR_DISPUTE: "A dispute between neighbours",
    Matter.CRIME: "A crime",
}
SIDE_ASKED = {
    Side.HARMED: "I was harmed or upset by it",
    Side.RESPONSIBLE: "I caused harm or upset",
    Side.BOTH: "Some of both",
}
SIDE = {
    Side.HARMED: "Harmed person",
    Side.RESPONSIBLE: "Person responsible",
    Side.BOTH: "Both harmed and responsible",
}
REPORTED = {
    ReportedToPolice.YES: "Yes",
    ReportedToPolice.NO: "No",
    ReportedToPolice.PREFER_NOT_TO_SAY: "I would rather not say",
}
HEARD = {
    HeardAbout.FRIEND_OR_FAMILY: "From a friend or family",
    HeardAbout.POLICE_OFFICER: "From a police officer",
    HeardAbout.HOUSING_OFFICER: "From a housing officer",
    HeardAbout.FAITH_LEADER: "From a faith leader",
    HeardAbout.SESSION_OR_EVENT: "At a talk, a session or an event",
    HeardAbout.LEAFLET_OR_POSTER: "From a leaflet or a poster",
    HeardAbout.ONLINE: "Online",
    HeardAbout.OTHER: "Another way",
    HeardAbout.PREFER_NOT_TO_SAY: "I would rather not say",
}
CHANNEL = {
    Channel.EMAIL: "Email",
    Channel.PHONE: "Phone call",
    Channel.TEXT: "Text message",
    Channel.LETTER: "Letter",
}
WHO_ELSE = {
    WhoElse.NOBODY: "No, only me",
    WhoElse.SOMEBODY: "Yes, somebody else might",
    WhoElse.NOT_SURE: "I am not sure",
}
WHO_ELSE_NOTED = {
    WhoElse.NOBODY: "Nobody else",
    WhoElse.SOMEBODY: "Somebody else might see, hear or answer",
    WhoElse.NOT_SURE: "Not sure: treat as if somebody might",
}
DAY = {day: day.value.capitalize() for day in WEEK}
SOURCE = {
    Source.SELF: "The person themselves",
    Source.POLICE: "Police",
    Source.HOUSING: "Housing",
    Source.ASB_TEAM: "Antisocial behaviour team",
    Source.PROBATION: "Probation",
    Source.SCHOOL: "School",
    Source.FAITH_GROUP: "Faith group",
    Source.OTHER_AGENCY: "Another agency",
}
DECLINE = {
    DeclineReason.OUT_OF_SCOPE: "It is not something we can help with",
    DeclineReason.SIGNPOSTED: "Another service is better placed, and they know of it",
    DeclineReason.DUPLICATE: "We have this referral already",
    DeclineReason.REFERRER_WITHDREW: "Whoever asked has changed their mind",
    DeclineReason.LEGAL_TIMING: "Legal proceedings do not allow it now",
    DeclineReason.OTHER_PARTY_NOT_IDENTIFIED: "The other person cannot be identified",
    DeclineReason.ADMINISTRATIVE_ERROR: "It was entered by mistake",
}
HOW_TOLD = {
    HowTold.IN_PERSON: "In person",
    HowTold.BY_PHONE: "By phone",
    HowTold.IN_WRITING: "In writing",
}
ROLE = {
    Role.COORDINATOR: "Coordinator",
    Role.FACILITATOR: "Facilitator",
    Role.MANAGER: "Manager",
}
ACCESS_ROLE = {
    AccessRole.COORDINATOR: "Coordinator",
    AccessRole.FACILITATOR: "Facilitator",
    AccessRole.MANAGER: "Manager",
    AccessRole.FUNDER: "Funder",
    AccessRole.OPS: "Operations",
    AccessRole.PARTNER_OFFICER: "Partner officer",
}
MEANS = {
    Means.PASSWORD: "With a password and a code",
    Means.RECOVERY_CODE: "With a password and a recovery code",
    Means.INVITATION: "By setting up the account",
    Means.DEMONSTRATION: "With a demonstration link",
    Means.OUTSIDE: "With your own organisation",
}
WAY_IN = {
    WayIn.OUTSIDE: "With your own organisation",
    WayIn.HERE: "With a password and a code",
    WayIn.NONE_YET: "Not yet: they have not followed an invitation",
}
TAB = {Tab.WAITING: "Waiting", Tab.OPEN: "Open", Tab.CLOSED: "Declined", Tab.ENDED: "Closed"}
RIGHT_KIND = {
    RightKind.ERASURE: "To be erased",
    RightKind.ACCESS: "To see what is kept of them",
    RightKind.RECTIFICATION: "To have it put right",
}
REQUEST_STATE = {
    RequestState.OPEN: "Still to be decided",
    RequestState.CARRIED_OUT: "Carried out",
    RequestState.REFUSED: "Refused",
    RequestState.WITHDRAWN: "They no longer asked",
}
EXTENSION = {
    ExtensionReason.COMPLEX: "It is complex",
    ExtensionReason.MANY: "They have asked for many things",
}
REFUSAL = {
    RefusalReason.EXPRESSION: "Freedom of expression and information",
    RefusalReason.LEGAL_OBLIGATION: "A law has us keep it, or a task in the public interest",
    RefusalReason.PUBLIC_HEALTH: "Public health",
    RefusalReason.ARCHIVING: "Archives, research or statistics in the public interest",
    RefusalReason.LEGAL_CLAIMS: "It is needed for a legal claim",
    RefusalReason.UNFOUNDED_OR_EXCESSIVE: "It is plainly unfounded, or asked again and again",
}
CORRECTED = {
    Corrected.NAME: "Name",
    Corrected.BORN: "Date of birth",
    Corrected.CONTACT: "How to reach them",
}
HAPPENING = {
    Happening.RECEIVED: "The referral was received",
    Happening.ACCEPTED: "The referral was accepted and a case opened",
    Happening.DECLINED: "The referral was declined",
    Happening.PARTY_ADDED: "{person} was added to the case",
    Happening.AGREED: "{person} agreed to a joint meeting",
    Happening.AGREEMENT_WITHDRAWN: "{person} no longer agrees to a joint meeting",
    Happening.MEETINGS_ENDED: "Permission for meetings ended",
    Happening.ASKED_NO_CONTACT: "{person} asked not to be contacted",
    Happening.ASKED_CONTACT_AGAIN: "{person} asked to be contacted again",
    Happening.SAFE_CONTACT_CHANGED: "How to reach {person} was changed",
    Happening.ALLOCATED: "{person} works on this case",
    Happening.RELEASED: "{person} no longer works on this case",
    Happening.CONFLICT_DECLARED: "This is kept from {person}, who stands too near to it",
    Happening.CONFLICT_LIFTED: "This is no longer kept from {person}",
    Happening.GLASS_BROKEN: "{person} opened this in an emergency, for an hour",
    Happening.GLASS_CLOSED: "What {person} opened in an emergency was closed before its time",
    Happening.CASE_CLOSED: "The case was closed",
    Happening.DECLINED_TO_TAKE_PART: "{person} does not want to take part",
    Happening.TAKES_PART_AFTER_ALL: "{person} wants to take part after all",
    Happening.MONITORING_ANSWERED: "What {person} said of themselves was recorded",
    Happening.HOLD_PLACED: "This is kept from being destroyed",
    Happening.HOLD_LIFTED: "This is no longer kept from being destroyed",
    Happening.PERSON_REDUCED: "What was kept of somebody who declined was destroyed",
    Happening.ERASED: "What was kept of a person was erased for good",
}
PURPOSE = {
    Purpose.REFERRAL_RECEIVED: "the referral being received",
    Purpose.REFERRAL_ACCEPTED: "the referral being accepted",
    Purpose.REFERRAL_DECLINED: "the referral going no further",
    Purpose.MEETING_BOOKED: "a meeting",
    Purpose.MEETING_MOVED: "a moved meeting",
    Purpose.MEETING_CANCELLED: "a meeting being off",
    Purpose.STAFF_NEW_REFERRAL: "the new referral",
    Purpose.STAFF_MEETING_BOOKED: "a meeting",
    Purpose.STAFF_MEETING_MOVED: "a moved meeting",
    Purpose.STAFF_MEETING_CANCELLED: "a meeting being off",
}
ENDING = {
    Ending.SENT: "was sent",
    Ending.FAILED: "could not be delivered",
    Ending.SUPPRESSED: "was not sent",
    Ending.RECALLED: "was taken back before it was sent",
}
REASON = {
    FailReason.ADDRESS_REFUSED: "the address does not work",
    FailReason.REFUSED_BY_SERVER: "the mail server refused it",
    FailReason.GAVE_UP: "it was tried for hours",
    SuppressReason.ASKED_NOT_TO_BE_CONTACTED: "they asked not to be contacted",
    SuppressReason.NOT_A_PARTY: "it does not concern them",
    SuppressReason.AGREEMENT_NOT_IN_FORCE: "the meeting has not been agreed to",
    SuppressReason.PERSON_UNKNOWN: "the person is not known",
    SuppressReason.NOT_ON_GUEST_LIST: "this is a trial, and the address is not on the guest list",
    SuppressReason.TOO_LATE_TO_MATTER: "it was no longer true",
    RecallReason.MEETING_CANCELLED: "the meeting is off",
    RecallReason.MEETING_MOVED: "the meeting has moved",
    RecallReason.REFERRAL_DECLINED: "the referral was declined",
    RecallReason.PERSON_ERASED: "the person's details were deleted",
}


def clock(minute: int) -> str:
    """540 → `9am`, 570 → `9:30am`, 720 → `midday`, 1440 → `midnight`."""
    if minute in (0, DAY_MINUTES):
        return "midnight"
    if minute == DAY_MINUTES // 2:
        return "midday"
    hour, past = divmod(minute, 60)
    shown = f"{(hour - 1) % 12 + 1}" + (f":{past:02}" if past else "")
    return shown + ("am" if hour < 12 else "pm")


def hours(safe: SafeHours) -> str:
    """The hours in which somebody may be reached, in one line."""
    if safe.is_any_time:
        return "At any time"
    named = _days(safe.days)
    if safe.opens_minute == 0 and safe.closes_minute == DAY_MINUTES:
        return named
    return f"{named}, {clock(safe.opens_minute)} to {clock(safe.closes_minute)}"


def _days(days: frozenset[Weekday]) -> str:
    if len(days) == len(WEEK):
        return "Every day"
    if days == frozenset(WEEK[:5]):
        return "Monday to Friday"
    return ", ".join(DAY[day] for day in WEEK if day in days)


def address(route: Route) -> str:
    """An address as people write it: British numbers with spaces and a leading 0."""
    if route.channel not in (Channel.PHONE, Channel.TEXT):
        return route.address
    number = phonenumbers.parse(route.address)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
