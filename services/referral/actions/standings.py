"""Putting colleagues on a case and taking them off it; keeping it from those who are too near."""

from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.case_file import CaseFile, Edit
from services.referral.domain import standings
from services.referral.domain.parties import refuse_unless_open
from services.referral.domain.standings import Standee
from services.referral.domain.timeline import Happening
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Relation
from shared.contracts.standings import StandingFact
from shared.contracts.standings import standings as told_by
from shared.plumbing import outbox
from shared.plumbing.database import Session


async def allocate(
    session: Session, edit: Edit, person_id: UUID, party_id: UUID | None = None
) -> None:
    """Let a facilitator work on an open case, for all its parties or for one."""
    file = await case_file.opened(session, edit)
    refuse_unless_open(file.case)
    parties = frozenset(party.person_id for party in file.parties)
    colleague = await _standee(session, file, person_id)
    told = standings.allocate(file.referral.id, colleague, party_id, parties)
    await _tell(session, file, edit, told, Happening.ALLOCATED)


async def release(session: Session, edit: Edit, person_id: UUID) -> None:
    """End a facilitator's work on the case."""
    file = await case_file.opened(session, edit)
    told = standings.release(file.referral.id, await _standee(session, file, person_id))
    await _tell(session, file, edit, told, Happening.RELEASED)


async def declare_conflict(session: Session, edit: Edit, person_id: UUID) -> None:
    """Hide the matter from a colleague who stands too near to it."""
    file = await case_file.opened(session, edit)
    colleague = await _standee(session, file, person_id)
    declared, released = standings.declare_conflict(file.referral.id, colleague)
    if released is not None:
        file = await _tell(session, file, edit, released, Happening.RELEASED)
    await _tell(session, file, edit, declared, Happening.CONFLICT_DECLARED)


async def lift_conflict(session: Session, edit: Edit, person_id: UUID) -> None:
    """Let a colleague know of the matter again."""
    file = await case_file.opened(session, edit)
    told = standings.lift_conflict(file.referral.id, await _standee(session, file, person_id))
    await _tell(session, file, edit, told, Happening.CONFLICT_LIFTED)


async def _standee(session: Session, file: CaseFile, person_id: UUID) -> Standee:
    roles = (await store.staff.roles_of(session, [person_id])).get(person_id, frozenset())
    held = await STANDINGS.holding(session, file.referral.id)
    relations = {one.relation for one in held if one.person_id == person_id}
    if file.holds(person_id):
        relations.add(Relation.OWN_CASE)
    if file.referral.referred_by == person_id:
        relations.add(Relation.OWN_REFERRAL)
    return Standee(person_id, roles, frozenset(relations))


async def _tell(
    session: Session, file: CaseFile, edit: Edit, fact: StandingFact, happening: Happening
) -> CaseFile:
    file = await case_file.changed(session, file)
    version = file.referral.version
    await outbox.record(session, fact, version=version)
    for standing in told_by(fact, version):
        await STANDINGS.note(session, standing)
    await case_file.note(session, file, happening, about=fact.person_id, by=edit.by)
    return file
