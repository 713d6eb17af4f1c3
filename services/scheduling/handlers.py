"""What planning hears of referral. It tells of meetings, and says what it keeps about somebody.

Every handler bears repeats and any order: what is told of a case that has not been opened yet is
kept for it, and of two facts about one thing the one with the higher version stands.
"""

import structlog

from services.scheduling import actions
from services.scheduling.domain.planning import Case, Party
from shared.contracts.fact import Envelope
from shared.contracts.glass import BreakGlassEnded, BreakGlassOpened, GlassFact
from shared.contracts.lifecycle import CaseClosed, RecordsDestroyed
from shared.contracts.person_record import PersonRecord, SchedulingRecordWanted
from shared.contracts.referral import (
    MeetingGrantRevoked,
    PartyAdded,
    PersonErased,
    ReferralAccepted,
    StaffJoined,
    StaffLeft,
)
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
    StandingFact,
)
from shared.contracts.words import Role
from shared.plumbing.database import Session
from shared.plumbing.hearing import Hearing

log = structlog.get_logger()


def listen(bus: Hearing) -> None:
    """Say what is heard, and by what it is acted on."""
    bus.hears(ReferralAccepted, open_case)
    bus.hears(PartyAdded, add_party)
    bus.hears(StaffJoined, take_on_facilitator)
    bus.hears(StaffLeft, let_facilitator_go)
    bus.hears(MeetingGrantRevoked, stop_meeting)
    bus.hears(FacilitatorAllocated, note_standing)
    bus.hears(FacilitatorReleased, note_standing)
    bus.hears(ConflictDeclared, note_standing)
    bus.hears(ConflictLifted, note_standing)
    bus.hears(BreakGlassOpened, note_glass)
    bus.hears(BreakGlassEnded, note_glass)
    bus.hears(PersonErased, forget_person)
    bus.hears(CaseClosed, close_case)
    bus.hears(RecordsDestroyed, destroy_case)
    bus.answers(SchedulingRecordWanted, answer_record)


async def open_case(fact: ReferralAccepted, envelope: Envelope, session: Session) -> None:
    """Let the case wait to be planned, with its first party."""
    case = Case(
        id=fact.case_id,
        referral_id=fact.referral_id,
        matter=fact.matter,
        area_id=fact.area_id,
        opened_at=envelope.time,
        waiting_since=envelope.time,
    )
    await actions.cases.open_case(session, case, Party(fact.person_id, fact.side))
    log.info("case_waits_to_be_planned", case_id=str(fact.case_id))


async def add_party(fact: PartyAdded, envelope: Envelope, session: Session) -> None:
    """Let another person be invited to the meetings of the case."""
    party = Party(fact.person_id, fact.side)
    await actions.cases.add_party(session, fact.case_id, party, envelope.sequence)


async def take_on_facilitator(fact: StaffJoined, envelope: Envelope, session: Session) -> None:
    """Let the person be chosen to facilitate; other roles do not concern planning."""
    if fact.role is Role.FACILITATOR:
        await actions.people.note_facilitator(
            session, fact.person_id, works_here=True, version=envelope.sequence
        )


async def let_facilitator_go(fact: StaffLeft, envelope: Envelope, session: Session) -> None:
    """Let the person be chosen no more; what is booked with them stays for somebody to move."""
    if fact.role is Role.FACILITATOR:
        await actions.people.note_facilitator(
            session, fact.person_id, works_here=False, version=envelope.sequence
        )


async def stop_meeting(fact: MeetingGrantRevoked, envelope: Envelope, session: Session) -> None:
    """Call the meeting off, or keep it from being booked if it is not yet."""
    stopped = await actions.outcomes.stop_meeting(
        session, fact.session_id, fact.grant_id, envelope.time
    )
    log.info("permission_for_a_meeting_went", session_id=str(fact.session_id), stopped=stopped)


async def close_case(fact: CaseClosed, envelope: Envelope, session: Session) -> None:
    """Plan nothing more in it."""
    await actions.cases.close_case(session, fact.case_id, fact.referral_id, envelope.time)
    log.info("case_closed", case_id=str(fact.case_id))


async def destroy_case(fact: RecordsDestroyed, envelope: Envelope, session: Session) -> None:
    """Drop all there is of it."""
    await actions.cases.destroy_case(session, fact.referral_id, fact.case_id, envelope.time)
    log.info("records_destroyed", referral_id=str(fact.referral_id))


async def note_standing(fact: StandingFact, envelope: Envelope, session: Session) -> None:
    """Show the matter to whoever works on it, and hide it from whoever stands too near."""
    await actions.standings.note(session, fact, envelope.sequence)


async def note_glass(fact: GlassFact, envelope: Envelope, session: Session) -> None:
    """Let somebody who opened the matter in an emergency see its plan for as long as it says."""
    await actions.standings.note_glass(session, fact, envelope.sequence)


async def forget_person(fact: PersonErased, envelope: Envelope, session: Session) -> None:
    """Drop what hangs on the person."""
    await actions.erasure.forget_person(session, fact.person_id, envelope.time)
    log.info("person_forgotten")


async def answer_record(ask: SchedulingRecordWanted, session: Session) -> PersonRecord:
    """Say what is kept about somebody who asked for it."""
    return await actions.record.answer_record(session, ask)
