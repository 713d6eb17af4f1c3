"""Bringing people into a case, and doing as they wish about being contacted."""

from dataclasses import replace
from uuid import UUID

from services.referral import store
from services.referral.actions import agreements, case_file
from services.referral.actions.case_file import CaseFile, Edit
from services.referral.domain import contact_wishes, corrections, parties
from services.referral.domain.agreement import HowTold
from services.referral.domain.corrections import Correction
from services.referral.domain.parties import Party
from services.referral.domain.people import Newcomer, Person
from services.referral.domain.timeline import Happening
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Relation, Standing
from shared.contracts.words import Side
from shared.plumbing.database import Session

NOT_SAID = "No reason was given."


async def add_other_party(
    session: Session, edit: Edit, who: Newcomer, side: Side, *, first_party_agrees: bool
) -> Person:
    """Bring the other side into the case, with the first party's agreement."""
    file = await case_file.opened(session, edit)
    case = parties.refuse_unless_open(file.case)
    first = await case_file.person_in(session, file, file.referral.person_id)
    person = Person(id=session.new_id(), name=who.name, born=who.born)
    newcomer = Party(case.id, person.id, side, added_at=session.now())
    added = parties.add_party(
        case, file.parties, first, newcomer, first_party_agrees=first_party_agrees
    )
    await store.people.add(session, person, who.safe_contact)
    await store.cases.add_party(session, newcomer)
    case = await case_file.tell(session, case, added)
    own = Standing(file.referral.id, person.id, Relation.OWN_CASE, case.version)
    await STANDINGS.note(session, own)
    await case_file.changed(session, file)
    await case_file.note(session, file, Happening.PARTY_ADDED, about=person.id, by=edit.by)
    return person


async def change_contact(
    session: Session,
    edit: Edit,
    person_id: UUID,
    now_known: Newcomer,
    because: str = NOT_SAID,
) -> None:
    """Put right what somebody is called, when they were born and how they may be reached.

    The very next message goes by it, those that wait to be sent included. What was known before is
    kept with the reason, sealed; no other service holds a copy that would have to be put right.
    """
    file = await case_file.opened(session, edit)
    person = await case_file.person_in(session, file, person_id)
    contact = await store.people.contact_of(session, person_id)
    for before in corrections.differing(person, contact, now_known):
        made = Correction(session.new_id(), person_id, session.now(), edit.by, before.what, because)
        await store.corrections.add(session, made, before)
    renamed = replace(person, name=now_known.name, born=now_known.born, version=person.version + 1)
    await store.people.save(session, renamed)
    await store.people.change_contact(session, person_id, now_known.safe_contact)
    await case_file.changed(session, file)
    await case_file.note(session, file, Happening.SAFE_CONTACT_CHANGED, about=person_id, by=edit.by)


async def ask_no_contact(session: Session, edit: Edit, person_id: UUID, how: HowTold) -> None:
    """Somebody wants no contact: nothing is sent to them, and no meeting goes ahead with them."""
    files = await _files_of(session, edit, person_id)
    person = await case_file.person_in(session, files[0], person_id)
    await store.people.save(session, contact_wishes.ask_no_contact(person, session.now()))
    for file in files:
        await agreements.end_everything(session, file, person_id, how, by=edit.by)
        await case_file.changed(session, file)
        await case_file.note(
            session, file, Happening.ASKED_NO_CONTACT, about=person_id, by=edit.by, how=how
        )


async def ask_contact_again(session: Session, edit: Edit, person_id: UUID, how: HowTold) -> None:
    """Somebody came back to us by themselves. They have to agree to a meeting anew."""
    files = await _files_of(session, edit, person_id)
    person = await case_file.person_in(session, files[0], person_id)
    await store.people.save(session, contact_wishes.ask_contact_again(person))
    for file in files:
        await case_file.changed(session, file)
        await case_file.note(
            session, file, Happening.ASKED_CONTACT_AGAIN, about=person_id, by=edit.by, how=how
        )


async def _files_of(session: Session, edit: Edit, person_id: UUID) -> list[CaseFile]:
    """Every file this person belongs to, locked; first the one whose page asks."""
    others = await store.cases.referrals_with(session, person_id) - {edit.referral_id}
    await case_file.lock(session, edit.referral_id, *others)
    asking = await case_file.opened(session, edit)
    return [asking, *[await case_file.read(session, other) for other in sorted(others)]]
