"""What the referral service tells and answers: it alone knows people."""

from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from shared.contracts.ask import Answer, Ask
from shared.contracts.fact import Fact
from shared.contracts.frozen import Frozen
from shared.contracts.words import (
    Channel,
    DeclineReason,
    Happened,
    HeardAbout,
    Matter,
    MeetingKind,
    Purpose,
    ReportedToPolice,
    Role,
    Side,
    Source,
    SuppressReason,
)


class ReferralReceived(Fact):
    """A referral was taken in and stored; a coordinator has not looked at it yet."""

    subject: ClassVar[str] = "referral.referral_received.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    person_id: UUID
    """The person who asked for help, or for whom an agency asked with their permission."""
    source: Source
    matter: Matter
    happened: Happened
    side: Side
    """How the person referred stands to the matter."""
    reported_to_police: ReportedToPolice
    area_id: UUID
    heard_about: HeardAbout


class ReferralAccepted(Fact):
    """A coordinator took the referral on: a case is open and waits to be planned."""

    subject: ClassVar[str] = "referral.referral_accepted.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    case_id: UUID
    person_id: UUID
    side: Side
    matter: Matter
    area_id: UUID


class ReferralDeclined(Fact):
    """A coordinator ended the referral before a case was opened."""

    subject: ClassVar[str] = "referral.referral_declined.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    person_id: UUID
    reason: DeclineReason


class PartyAdded(Fact):
    """Another person belongs to the case from now on."""

    subject: ClassVar[str] = "referral.party_added.v1"
    about: ClassVar[str] = "case_id"

    case_id: UUID
    person_id: UUID
    side: Side


class MeetingGrantRevoked(Fact):
    """Permission to hold a joint meeting is gone: the meeting must not go ahead.

    Told when a party's agreement stops being in force. It never says whose.
    """

    subject: ClassVar[str] = "referral.meeting_grant_revoked.v1"
    about: ClassVar[str] = "case_id"

    case_id: UUID
    session_id: UUID
    grant_id: UUID


class StaffJoined(Fact):
    """Somebody works here in this role from now on; told once for each role."""

    subject: ClassVar[str] = "referral.staff_joined.v1"
    about: ClassVar[str] = "person_id"

    person_id: UUID
    role: Role


class StaffLeft(Fact):
    """Somebody no longer works here in this role."""

    subject: ClassVar[str] = "referral.staff_left.v1"
    about: ClassVar[str] = "person_id"

    person_id: UUID
    role: Role


class AreaNamed(Fact):
    """An area got its public label, or a new one."""

    subject: ClassVar[str] = "referral.area_named.v1"
    about: ClassVar[str] = "area_id"

    area_id: UUID
    label: str = Field(min_length=1, max_length=80)
    """Public wording chosen by the operator; the one string a fact may carry."""


class PersonErased(Fact):
    """A person's data was destroyed; readers drop what hangs on the id."""

    subject: ClassVar[str] = "referral.person_erased.v1"
    about: ClassVar[str] = "person_id"
    destroys: ClassVar[bool] = True

    person_id: UUID


class PermitOutcome(StrEnum):
    """How the question "may we contact this person now?" was answered."""

    GRANTED = "granted"
    BY_HAND = "by_hand"
    LATER = "later"
    DENIED = "denied"


class AllowedWords(Frozen):
    """What a message may say where somebody else could see or hear it."""

    name_service: bool
    """The name of the service may appear."""
    say_time: bool
    """The time of an appointment may appear; a place or a name never may."""
    leave_voicemail: bool
    """Whoever calls may leave a message; otherwise they hang up and try again."""
    avoid: tuple[str, ...] = ()
    """Words this person asked us not to use. A message that needs one is not sent."""


class ContactPermit(Answer):
    """Leave to contact one person once, by one route, until a moment from now."""

    outcome: PermitOutcome
    channel: Channel | None = None
    address: str | None = None
    """Where to: only when granted, or when a member of staff asked to see it."""
    words: AllowedWords | None = None
    valid_until: AwareDatetime | None = None
    """The last moment at which it may be used; after that it must be asked for again."""
    not_before: AwareDatetime | None = None
    """With `later`: the first moment at which asking again can succeed."""
    reason: SuppressReason | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needed = {
            PermitOutcome.GRANTED: (self.channel, self.address, self.words, self.valid_until),
            PermitOutcome.BY_HAND: (self.channel, self.words),
            PermitOutcome.LATER: (self.not_before,),
            PermitOutcome.DENIED: (self.reason,),
        }
        if any(part is None for part in needed[self.outcome]):
            raise ValueError(f"a permit that is {self.outcome} lacks a part it needs")
        return self


class ContactPermitWanted(Ask):
    """May we contact this person now, for this purpose, and how?

    Asked at every attempt. The answer is good for 60 seconds and is never stored.
    """

    subject: ClassVar[str] = "ask.referral.contact_permit.v1"
    answered_by: ClassVar[type[Answer]] = ContactPermit

    person_id: UUID
    purpose: Purpose
    intent_id: UUID
    referral_id: UUID | None = None
    case_id: UUID | None = None
    session_id: UUID | None = None
    shown_to: UUID | None = None
    """The member of staff who will make the call, when it is a person who asks."""


class NameCard(Frozen):
    """What a member of staff needs to recognise a person on a page."""

    person_id: UUID
    name: str


class Reference(Frozen):
    """What a referral, and the case it became, is called by everybody who works on it."""

    referral_id: UUID
    reference: str
    """What the person it is for was told to quote to us."""


class NameCards(Answer):
    """One card for each person the asker may see; the others are simply not there."""

    cards: tuple[NameCard, ...] = ()
    references: tuple[Reference, ...] = ()


class NameCardsWanted(Ask):
    """What are these people called, for the eyes of this member of staff?"""

    subject: ClassVar[str] = "ask.referral.name_cards.v1"
    answered_by: ClassVar[type[Answer]] = NameCards

    person_ids: tuple[UUID, ...] = Field(max_length=200)
    referral_ids: tuple[UUID, ...] = Field(default=(), max_length=200)
    """And what are these referrals called? A reference names nobody."""
    asked_by: UUID


class GrantRefusal(StrEnum):
    """Why a meeting may not be held now."""

    CASE_NOT_OPEN = "case_not_open"
    NOT_A_PARTY = "not_a_party"
    AGREEMENT_MISSING = "agreement_missing"
    AGREEMENT_WITHDRAWN = "agreement_withdrawn"
    ONE_SIDE_ONLY = "one_side_only"
    FACILITATOR_NOT_STAFF = "facilitator_not_staff"


class GrantMoment(StrEnum):
    """When the question is put: the answer of an earlier moment is never reused."""

    BOOKING = "booking"
    CONFIRMATION = "confirmation"
    DAY_BEFORE = "day_before"
    START = "start"


class AgreementSeen(Frozen):
    """The version of one party's agreement that a grant rests on."""

    person_id: UUID
    version: int


class MeetingGrant(Answer):
    """Leave to hold this meeting as proposed, or every reason why not."""

    grant_id: UUID | None = None
    agreements: tuple[AgreementSeen, ...] = ()
    refusals: tuple[GrantRefusal, ...] = ()

    @property
    def given(self) -> bool:
        """Whether the meeting may be held."""
        return self.grant_id is not None and not self.refusals


class MeetingGrantWanted(Ask):
    """May this meeting, as proposed, be held?"""

    subject: ClassVar[str] = "ask.referral.meeting_grant.v1"
    answered_by: ClassVar[type[Answer]] = MeetingGrant

    session_id: UUID
    case_id: UUID
    kind: MeetingKind
    participant_ids: tuple[UUID, ...] = Field(max_length=20)
    facilitator_ids: tuple[UUID, ...] = Field(max_length=4)
    venue_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    moment: GrantMoment
