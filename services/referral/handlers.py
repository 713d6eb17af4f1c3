"""What the referral service hears from others, and the questions it answers."""

import structlog

from services.referral.actions import meetings, name_cards, permits, sessions, timeline
from services.referral.domain.timeline import Ending, MessageNote
from shared.contracts.fact import Envelope
from shared.contracts.notifications import (
    MessageFact,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageSuppressed,
)
from shared.contracts.referral import (
    ContactPermit,
    ContactPermitWanted,
    MeetingGrant,
    MeetingGrantWanted,
    NameCards,
    NameCardsWanted,
)
from shared.contracts.sign_in import SessionFound, SessionWanted
from shared.plumbing.database import Session
from shared.plumbing.hearing import Hearing

log = structlog.get_logger()


def listen(bus: Hearing) -> None:
    """Everything this service hears and answers."""
    bus.hears(MessageSent, note_sent)
    bus.hears(MessageFailed, note_failed)
    bus.hears(MessageSuppressed, note_suppressed)
    bus.hears(MessageRecalled, note_recalled)
    bus.answers(ContactPermitWanted, answer_permit)
    bus.answers(NameCardsWanted, answer_names)
    bus.answers(MeetingGrantWanted, answer_grant)
    bus.answers(SessionWanted, answer_session)


async def note_sent(fact: MessageSent, envelope: Envelope, session: Session) -> None:
    await timeline.note_message(session, _note(fact, envelope, Ending.SENT))


async def note_failed(fact: MessageFailed, envelope: Envelope, session: Session) -> None:
    await timeline.note_message(session, _note(fact, envelope, Ending.FAILED))


async def note_suppressed(fact: MessageSuppressed, envelope: Envelope, session: Session) -> None:
    await timeline.note_message(session, _note(fact, envelope, Ending.SUPPRESSED))


async def note_recalled(fact: MessageRecalled, envelope: Envelope, session: Session) -> None:
    await timeline.note_message(session, _note(fact, envelope, Ending.RECALLED))


async def answer_permit(ask: ContactPermitWanted, session: Session) -> ContactPermit:
    answer = await permits.answer_permit(session, ask)
    log.info("permit_answered", intent_id=str(ask.intent_id), outcome=answer.outcome.value)
    return answer


async def answer_names(ask: NameCardsWanted, session: Session) -> NameCards:
    return await name_cards.answer_names(session, ask)


async def answer_grant(ask: MeetingGrantWanted, session: Session) -> MeetingGrant:
    answer = await meetings.answer_grant(session, ask)
    refused = [refusal.value for refusal in answer.refusals]
    log.info("grant_answered", session_id=str(ask.session_id), given=answer.given, refused=refused)
    return answer


async def answer_session(ask: SessionWanted, session: Session) -> SessionFound:
    found = await sessions.look_up(session, bytes.fromhex(ask.token_digest))
    if found is None:
        return SessionFound()
    await sessions.note_use(session, found)
    return SessionFound(
        staff_id=found.sign_in.person_id,
        session_id=found.sign_in.id,
        roles=tuple(sorted(found.roles)),
        area_ids=tuple(sorted(found.area_ids)),
        stepped_up_until=found.sign_in.stepped_up_until,
    )


def _note(fact: MessageFact, envelope: Envelope, ending: Ending) -> MessageNote:
    reason = getattr(fact, "reason", None)
    return MessageNote(
        message_id=fact.message_id,
        person_id=fact.person_id,
        purpose=fact.purpose,
        ending=ending,
        at=envelope.time,
        sequence=envelope.sequence,
        referral_id=fact.referral_id,
        case_id=fact.case_id,
        channel=fact.channel if isinstance(fact, MessageSent) else None,
        reason=reason.value if reason is not None else None,
    )
