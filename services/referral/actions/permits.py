"""Answering whether, and how, somebody may be contacted now."""

from dataclasses import replace
from uuid import UUID

from services.referral import store
from services.referral.actions.access import colleague, permissions
from services.referral.domain.grants import Grant
from services.referral.domain.permits import STAFF_PURPOSES, Meeting, Relation, permit
from services.referral.domain.triage import CaseState
from services.referral.store.standings import STANDINGS
from shared.contracts.access import WALLS, Action, Actor
from shared.contracts.access import Relation as Standing
from shared.contracts.referral import ContactPermit, ContactPermitWanted
from shared.plumbing import audit
from shared.plumbing.database import Session


async def answer_permit(session: Session, ask: ContactPermitWanted) -> ContactPermit:
    """Decide by what is known at this moment. An address shown is recorded."""
    reader = await _reader(session, ask)
    answer = permit(
        await store.people.find(session, ask.person_id),
        await store.people.contact_of(session, ask.person_id),
        ask.purpose,
        await _relation(session, ask),
        session.now(),
        shown_to_staff=reader is not None,
    )
    if answer.address and reader is not None:
        await _note_shown(session, ask, reader)
    return answer


async def _reader(session: Session, ask: ContactPermitWanted) -> Actor | None:
    """The colleague who may reach this person and is about to use the answer, if one is."""
    if ask.shown_to is None:
        return None
    actor = await colleague(session, ask.shown_to)
    matter_id = await _matter(session, ask)
    if actor is None or matter_id is None:
        return None
    allowed = await permissions(session, actor, matter_id)
    return actor if allowed.may(Action.REACH_BY_HAND, ask.person_id) else None


async def _matter(session: Session, ask: ContactPermitWanted) -> UUID | None:
    """The referral that the message is about, or that its case came from."""
    if ask.referral_id is None and ask.case_id is not None:
        return await store.cases.referral_of(session, ask.case_id)
    return ask.referral_id


async def _as_staff(session: Session, ask: ContactPermitWanted, relation: Relation) -> Relation:
    """How a colleague who is to be told stands to the matter: too near, elsewhere, or off it."""
    matter_id = await _matter(session, ask) if ask.purpose in STAFF_PURPOSES else None
    if matter_id is None:
        return relation
    areas = await store.accounts.areas_of(session, ask.person_id)
    held = await STANDINGS.relations(session, Actor(ask.person_id, frozenset(), areas), matter_id)
    return replace(
        relation,
        kept_from=bool(held & WALLS),
        elsewhere=Standing.AREA not in held,
        released=ask.person_id in await STANDINGS.released(session, matter_id),
    )


async def _note_shown(session: Session, ask: ContactPermitWanted, reader: Actor) -> None:
    """An address leaves this service for somebody's eyes."""
    shown = audit.Entry(
        verb=audit.Verb.DISCLOSURE,
        purpose="contact_permit",
        fields=("contact",),
        person_id=ask.person_id,
        referral_id=ask.referral_id,
        case_id=ask.case_id,
        asker=audit.Asker(reader.id, audit.roles_in_order(reader.roles)),
    )
    await audit.record(session, shown)


async def _relation(session: Session, ask: ContactPermitWanted) -> Relation:
    """How the person stands to what the message is about."""
    roles = await store.staff.roles_of(session, [ask.person_id])
    standing = None
    if ask.referral_id is not None:
        standing = await store.intake.status_for(session, ask.referral_id, ask.person_id)
    relation = Relation(
        roles=roles.get(ask.person_id, frozenset()),
        referral=standing,
    )
    relation = await _as_staff(session, ask, relation)
    case = await store.cases.find(session, ask.case_id) if ask.case_id else None
    if case is None:
        return relation
    parties = await store.cases.parties_of(session, case.id)
    agreement = (await store.agreements.latest(session, case.id)).get(ask.person_id)
    return replace(
        relation,
        party=any(party.person_id == ask.person_id for party in parties),
        case_open=case.state is CaseState.OPEN,
        agrees=agreement is not None and agreement.in_force,
        meeting=await _meeting(session, ask),
    )


async def _meeting(session: Session, ask: ContactPermitWanted) -> Meeting | None:
    grant: Grant | None = None
    if ask.session_id is not None:
        grant = await store.grants.last_for(session, ask.session_id)
    if grant is None or grant.case_id != ask.case_id:
        return None
    return Meeting(
        kind=grant.kind,
        live=grant.live_at(session.now()),
        invited=ask.person_id in grant.agreements,
    )
