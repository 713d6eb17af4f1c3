"""The coded words that facts and asks are made of: what the services must mean alike."""

from enum import StrEnum


class Matter(StrEnum):
    """What kind of matter restorative work is asked for."""

    NEIGHBOUR_DISPUTE = "neighbour_dispute"
    CRIME = "crime"


class Happened(StrEnum):
    """What happened, no finer than planning and funders need."""

    NOISE = "noise"
    BOUNDARY_OR_PARKING = "boundary_or_parking"
    CHILDREN_OR_PETS = "children_or_pets"
    ABUSE_OR_THREATS = "abuse_or_threats"
    DAMAGE = "damage"
    THEFT = "theft"
    VIOLENCE = "violence"
    HATE = "hate"
    OTHER = "other"


class Side(StrEnum):
    """How a person stands to the matter; between neighbours it is often both."""

    HARMED = "harmed"
    RESPONSIBLE = "responsible"
    BOTH = "both"


class Source(StrEnum):
    """Who sent the referral in."""

    SELF = "self"
    POLICE = "police"
    HOUSING = "housing"
    ASB_TEAM = "asb_team"
    PROBATION = "probation"
    SCHOOL = "school"
    FAITH_GROUP = "faith_group"
    OTHER_AGENCY = "other_agency"


class ReportedToPolice(StrEnum):
    """Whether the matter was reported; nobody has to say."""

    YES = "yes"
    NO = "no"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"


class HeardAbout(StrEnum):
    """How the person came to know of the service: what outreach is measured by."""

    FRIEND_OR_FAMILY = "friend_or_family"
    POLICE_OFFICER = "police_officer"
    HOUSING_OFFICER = "housing_officer"
    FAITH_LEADER = "faith_leader"
    SESSION_OR_EVENT = "session_or_event"
    LEAFLET_OR_POSTER = "leaflet_or_poster"
    ONLINE = "online"
    OTHER = "other"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"


class DeclineReason(StrEnum):
    """Why a referral goes no further: the closure codes that apply before engagement."""

    OUT_OF_SCOPE = "out_of_scope"
    SIGNPOSTED = "signposted"
    DUPLICATE = "duplicate"
    REFERRER_WITHDREW = "referrer_withdrew"
    LEGAL_TIMING = "legal_timing"
    OTHER_PARTY_NOT_IDENTIFIED = "other_party_not_identified"
    ADMINISTRATIVE_ERROR = "administrative_error"


class Role(StrEnum):
    """What a member of staff does here."""

    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    MANAGER = "manager"


class MeetingKind(StrEnum):
    """A meeting to prepare one person, or one that brings the parties together."""

    PREPARATION = "preparation"
    JOINT = "joint"


class Attendance(StrEnum):
    """How one invited person took part in a meeting that was held."""

    ATTENDED = "attended"
    LATE = "late"
    DID_NOT_ATTEND = "did_not_attend"
    EXCUSED = "excused"


class NotHeldReason(StrEnum):
    """Why a meeting that was due did not happen."""

    PARTICIPANT_DID_NOT_COME = "participant_did_not_come"
    PARTICIPANT_UNWELL = "participant_unwell"
    FACILITATOR_UNAVAILABLE = "facilitator_unavailable"
    VENUE_UNAVAILABLE = "venue_unavailable"
    NOT_SAFE_TO_HOLD = "not_safe_to_hold"
    OTHER = "other"


class CancelReason(StrEnum):
    """Why a booked meeting was called off before it was due. Never whose decision it was."""

    NOT_GOING_AHEAD = "not_going_ahead"
    FACILITATOR_UNAVAILABLE = "facilitator_unavailable"
    VENUE_UNAVAILABLE = "venue_unavailable"
    SAFETY_CONCERN = "safety_concern"
    BOOKED_IN_ERROR = "booked_in_error"


class MoveReason(StrEnum):
    """Why a booked meeting was moved to another time or place."""

    PARTICIPANT_ASKED = "participant_asked"
    FACILITATOR_UNAVAILABLE = "facilitator_unavailable"
    VENUE_UNAVAILABLE = "venue_unavailable"
    OTHER = "other"


class Channel(StrEnum):
    """A route a person may have said is safe. Only email is sent by machine today."""

    EMAIL = "email"
    PHONE = "phone"
    TEXT = "text"
    LETTER = "letter"


class Purpose(StrEnum):
    """What a message is for; also the name of its wording."""

    REFERRAL_RECEIVED = "referral_received"
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_DECLINED = "referral_declined"
    MEETING_BOOKED = "meeting_booked"
    MEETING_MOVED = "meeting_moved"
    MEETING_CANCELLED = "meeting_cancelled"
    STAFF_NEW_REFERRAL = "staff_new_referral"
    STAFF_MEETING_BOOKED = "staff_meeting_booked"
    STAFF_MEETING_MOVED = "staff_meeting_moved"
    STAFF_MEETING_CANCELLED = "staff_meeting_cancelled"


class FailReason(StrEnum):
    """Why a message could not be delivered."""

    ADDRESS_REFUSED = "address_refused"
    REFUSED_BY_SERVER = "refused_by_server"
    GAVE_UP = "gave_up"


class SuppressReason(StrEnum):
    """Why a message was, rightly, never sent."""

    ASKED_NOT_TO_BE_CONTACTED = "asked_not_to_be_contacted"
    NOT_A_PARTY = "not_a_party"
    AGREEMENT_NOT_IN_FORCE = "agreement_not_in_force"
    PERSON_UNKNOWN = "person_unknown"
    NOT_ON_GUEST_LIST = "not_on_guest_list"
    TOO_LATE_TO_MATTER = "too_late_to_matter"


class RecallReason(StrEnum):
    """Why an unsent message was taken back."""

    MEETING_CANCELLED = "meeting_cancelled"
    MEETING_MOVED = "meeting_moved"
    REFERRAL_DECLINED = "referral_declined"
    PERSON_ERASED = "person_erased"
