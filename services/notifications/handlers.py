"""What notifications hears, and what it says of somebody who asks what is kept about them."""

from services.notifications.actions import (
    meetings,
    people,
    record,
    referrals,
    retention,
    standings,
)
from services.notifications.domain.intents import Cause
from shared.contracts.fact import Envelope
from shared.contracts.glass import BreakGlassEnded, BreakGlassOpened, GlassFact
from shared.contracts.lifecycle import HoldLifted, HoldPlaced, RecordsDestroyed
from shared.contracts.person_record import NotificationsRecordWanted, PersonRecord
from shared.contracts.referral import (
    PartyAdded,
    PersonErased,
    ReferralAccepted,
    ReferralDeclined,
    ReferralReceived,
    StaffJoined,
    StaffLeft,
)
from shared.contracts.scheduling import SessionCancelled, SessionRescheduled, SessionScheduled
from shared.contracts.staff_areas import StaffAreasSet
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
    StandingFact,
)
from shared.plumbing.database import Session
from shared.plumbing.hearing import Hearing


def listen(bus: Hearing) -> None:
    bus.hears(ReferralReceived, tell_of_arrival)
    bus.hears(ReferralAccepted, tell_of_acceptance)
    bus.hears(ReferralDeclined, tell_of_decline)
    bus.hears(SessionScheduled, tell_of_meeting)
    bus.hears(SessionRescheduled, take_back_moved_meeting)
    bus.hears(SessionCancelled, tell_of_cancelling)
    bus.hears(StaffJoined, welcome_staff)
    bus.hears(StaffLeft, let_staff_go)
    bus.hears(StaffAreasSet, note_staff_areas)
    bus.hears(PartyAdded, keep_party_out)
    bus.hears(FacilitatorAllocated, note_standing)
    bus.hears(FacilitatorReleased, note_standing)
    bus.hears(ConflictDeclared, note_standing)
    bus.hears(ConflictLifted, note_standing)
    bus.hears(BreakGlassOpened, note_glass)
    bus.hears(BreakGlassEnded, note_glass)
    bus.hears(PersonErased, forget_person)
    bus.hears(HoldPlaced, note_hold)
    bus.hears(HoldLifted, note_hold)
    bus.hears(RecordsDestroyed, destroy_matter)
    bus.answers(NotificationsRecordWanted, answer_record)


async def tell_of_arrival(fact: ReferralReceived, envelope: Envelope, session: Session) -> None:
    await referrals.received(session, fact, _cause(envelope))


async def tell_of_acceptance(fact: ReferralAccepted, envelope: Envelope, session: Session) -> None:
    await referrals.accepted(session, fact, _cause(envelope))


async def tell_of_decline(fact: ReferralDeclined, envelope: Envelope, session: Session) -> None:
    await referrals.declined(session, fact, _cause(envelope))


async def tell_of_meeting(fact: SessionScheduled, envelope: Envelope, session: Session) -> None:
    await meetings.booked(session, fact, _cause(envelope))


async def take_back_moved_meeting(
    fact: SessionRescheduled, envelope: Envelope, session: Session
) -> None:
    await meetings.moved(session, fact, _cause(envelope))


async def tell_of_cancelling(fact: SessionCancelled, envelope: Envelope, session: Session) -> None:
    await meetings.cancelled(session, fact, _cause(envelope))


async def welcome_staff(fact: StaffJoined, envelope: Envelope, session: Session) -> None:
    await people.joined(session, fact.person_id, fact.role, envelope.sequence)


async def let_staff_go(fact: StaffLeft, envelope: Envelope, session: Session) -> None:
    await people.left(session, fact.person_id, fact.role, envelope.sequence)


async def note_staff_areas(fact: StaffAreasSet, envelope: Envelope, session: Session) -> None:
    await people.works_in(session, fact.person_id, fact.area_ids, envelope.sequence)


async def keep_party_out(fact: PartyAdded, envelope: Envelope, session: Session) -> None:
    await standings.party_added(session, fact.case_id, fact.person_id, envelope.sequence)


async def note_standing(fact: StandingFact, envelope: Envelope, session: Session) -> None:
    await standings.note(session, fact, envelope.sequence)


async def note_glass(fact: GlassFact, envelope: Envelope, session: Session) -> None:
    await standings.note_glass(session, fact, envelope.sequence)


async def forget_person(fact: PersonErased, _envelope: Envelope, session: Session) -> None:
    await people.erased(session, fact.person_id)


async def note_hold(fact: HoldPlaced | HoldLifted, envelope: Envelope, session: Session) -> None:
    await retention.note_hold(session, fact, envelope.sequence)


async def destroy_matter(fact: RecordsDestroyed, _envelope: Envelope, session: Session) -> None:
    await retention.destroy_matter(session, fact)


async def answer_record(ask: NotificationsRecordWanted, session: Session) -> PersonRecord:
    return await record.answer_record(session, ask)


def _cause(envelope: Envelope) -> Cause:
    return Cause(envelope.id, envelope.time)
