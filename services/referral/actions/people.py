"""Bringing people into a case, and doing as they wish about being contacted."""

from dataclasses import replace
from uuid import UUID

from services.referral import store
from services.referral.actions import agreements, case_file
from services.referral.actions.case_file import CaseFile
from services.referral.domain import contact_wishes, parties
from services.referral.domain.agreement import HowTold
from services.referral.domain.parties import Party
from services.referral.domain.people import Newcomer, Person
from services.referral.domain.timeline import Happening
from shared.contracts.words import Side
from shared.plumbing.database import Session


async def add_other_party(
    session: Session,
    referral_id: UUID,
    seen_version: int,
    who: Newcomer,
    side: Side,
    *,
    first_party_agrees: bool,
    by: UUID,
) -> Person:
    """Bring the other side into the case, with the first party's agreement."""
    file = await case_file.opened(session, referral_id, seen_version)
    case = parties.refuse_unless_open(file.case)
    first = await case_file.person_in(session, file, file.referral.person_id)
    person = Person(id=session.new_id(), name=who.name)
    newcomer = Party(case.id, person.id, side, added_at=session.now())
    added = parties.add_party(
        case, file.parties, first, newcomer, first_party_agrees=first_party_agrees
    )
    await store.people.add(session, person, who.safe_contact)
    await store.cases.add_party(session, newcomer)
    await case_file.tell(session, case, added)
    await case_file.changed(session, file)
    await case_file.note(session, referral_id, Happening.PARTY_ADDED, person_id=person.id, by=by)
    return person


async def change_contact(
    session: Session,
    referral_id: UUID,
    seen_version: int,
    person_id: UUID,
    now_known: Newcomer,
    *,
    by: UUID,
) -> None:
    """Put right what somebody is called and how they may be reached.

    The very next message goes by it, those that wait to be sent included.
    """
    file = await case_file.opened(session, referral_id, seen_version)
    person = await case_file.person_in(session, file, person_id)
    renamed = replace(person, name=now_known.name, version=person.version + 1)
    await store.people.save(session, renamed)
    await store.people.change_contact(session, person_id, now_known.safe_contact)
    await case_file.changed(session, file)
    await case_file.note(
        session, referral_id, Happening.SAFE_CONTACT_CHANGED, person_id=person_id, by=by
    )


async def ask_no_contact(
    session: Session,
    referral_id: UUID,
    seen_version: int,
    person_id: UUID,
    how: HowTold,
    *,
    by: UUID,
) -> None:
    """Somebody wants no contact: nothing is sent to them, and no meeting goes ahead with them."""
    for file in await _files_of(session, referral_id, seen_version, person_id):
        if file.referral.id == referral_id:
            person = await case_file.person_in(session, file, person_id)
            await store.people.save(session, contact_wishes.ask_no_contact(person, session.now()))
        await agreements.end_everything(session, file, person_id, how, by=by)
        await case_file.changed(session, file)
        await _note_wish(session, file, Happening.ASKED_NO_CONTACT, person_id, how, by=by)


async def ask_contact_again(
    session: Session,
    referral_id: UUID,
    seen_version: int,
    person_id: UUID,
    how: HowTold,
    *,
    by: UUID,
) -> None:
    """Somebody came back to us by themselves. They have to agree to a meeting anew."""
    for file in await _files_of(session, referral_id, seen_version, person_id):
        if file.referral.id == referral_id:
            person = await case_file.person_in(session, file, person_id)
            await store.people.save(session, contact_wishes.ask_contact_again(person))
        await case_file.changed(session, file)
        await _note_wish(session, file, Happening.ASKED_CONTACT_AGAIN, person_id, how, by=by)


async def _note_wish(
    session: Session,
    file: CaseFile,
    happening: Happening,
    person_id: UUID,
    how: HowTold,
    *,
    by: UUID,
) -> None:
    await case_file.note(session, file.referral.id, happening, person_id=person_id, by=by, how=how)


async def _files_of(
    session: Session, referral_id: UUID, seen_version: int, person_id: UUID
) -> list[CaseFile]:
    """Every file this person belongs to, locked; first the one whose page asks."""
    others = await store.cases.referrals_with(session, person_id) - {referral_id}
    await case_file.lock(session, referral_id, *others)
    asking = await case_file.opened(session, referral_id, seen_version)
    await case_file.person_in(session, asking, person_id)
    return [asking, *[await case_file.read(session, other) for other in sorted(others)]]
