"""One referral and all that belongs to it, changed by one person at a time."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.referral import store
from services.referral.domain.agreement import HowTold
from services.referral.domain.case_file import NotThere, refuse_stale
from services.referral.domain.intake import Referral
from services.referral.domain.parties import Party
from services.referral.domain.people import Person
from services.referral.domain.timeline import Entry, Happening
from services.referral.domain.triage import Case
from shared.contracts.referral import MeetingGrantRevoked, PartyAdded
from shared.plumbing import audit, outbox
from shared.plumbing.database import Session

CHANGED: dict[Happening, tuple[str, ...]] = {
    Happening.RECEIVED: ("name", "contact", "referral"),
    Happening.ACCEPTED: ("status",),
    Happening.DECLINED: ("status",),
    Happening.PARTY_ADDED: ("name", "contact", "side"),
    Happening.AGREED: ("agreement",),
    Happening.AGREEMENT_WITHDRAWN: ("agreement",),
    Happening.MEETINGS_ENDED: ("meeting_grant",),
    Happening.ASKED_NO_CONTACT: ("contact_wish",),
    Happening.ASKED_CONTACT_AGAIN: ("contact_wish",),
    Happening.SAFE_CONTACT_CHANGED: ("name", "contact"),
    Happening.ALLOCATED: ("facilitator",),
    Happening.RELEASED: ("facilitator",),
    Happening.CONFLICT_DECLARED: ("conflict",),
    Happening.CONFLICT_LIFTED: ("conflict",),
    Happening.CASE_CLOSED: ("status",),
    Happening.DECLINED_TO_TAKE_PART: ("participation",),
    Happening.TAKES_PART_AFTER_ALL: ("participation",),
    Happening.MONITORING_ANSWERED: ("age_band", "gender", "ethnicity"),
    Happening.HOLD_PLACED: ("hold",),
    Happening.HOLD_LIFTED: ("hold",),
    Happening.PERSON_REDUCED: ("name", "contact", "agreement"),
    Happening.ERASED: ("name", "contact"),
}
"""What each happening changes, by name, for the audit."""

DONE_WITH = {
    Happening.RECEIVED: audit.Verb.COLLECTION,
    Happening.PARTY_ADDED: audit.Verb.COLLECTION,
    Happening.ERASED: audit.Verb.ERASURE,
}
"""What is more than an alteration: somebody's details come to us, or are destroyed."""


@dataclass(frozen=True)
class Edit:
    """A change that a member of staff asks for, from a page that showed one version."""

    referral_id: UUID
    seen_version: int
    by: UUID


@dataclass(frozen=True)
class CaseFile:
    """A referral with its case, if it has become one, held against everybody else."""

    referral: Referral
    case: Case | None
    parties: tuple[Party, ...]

    def holds(self, person_id: UUID) -> bool:
        """Whether this person belongs to it."""
        own = person_id == self.referral.person_id
        return own or any(party.person_id == person_id for party in self.parties)


async def lock(session: Session, *referral_ids: UUID) -> None:
    """Be the only one to change these referrals and their cases, until the transaction ends.

    To be called before anything of them is read.
    """
    await session.lock(*(f"referral:{referral_id}" for referral_id in referral_ids))


async def opened(session: Session, edit: Edit) -> CaseFile:
    """The locked file, as the page that asks for a change showed it.

    Raises NotThere, or PageOutOfDate when the page showed another version.
    """
    await lock(session, edit.referral_id)
    file = await read(session, edit.referral_id)
    refuse_stale(file.referral, edit.seen_version)
    return file


async def read(session: Session, referral_id: UUID) -> CaseFile:
    """The file as it is now. Raises NotThere."""
    referral = await store.intake.find(session, referral_id)
    if referral is None:
        raise NotThere("There is no such referral.")
    case = await store.cases.of_referral(session, referral_id)
    parties = await store.cases.parties_of(session, case.id) if case else ()
    return CaseFile(referral, case, parties)


async def person_in(session: Session, file: CaseFile, person_id: UUID) -> Person:
    """Somebody who belongs to this file. Raises NotThere for anybody else."""
    person = await store.people.find(session, person_id) if file.holds(person_id) else None
    if person is None:
        raise NotThere("There is no such person in this case.")
    return person


async def changed(session: Session, file: CaseFile) -> CaseFile:
    """Give the file its next version, so that pages opened before are out of date."""
    referral = replace(file.referral, version=file.referral.version + 1)
    await store.intake.save(session, referral)
    return replace(file, referral=referral)


async def tell(session: Session, case: Case, fact: PartyAdded | MeetingGrantRevoked) -> Case:
    """Tell a fact about the case under its next version."""
    case = replace(case, version=case.version + 1)
    await store.cases.save(session, case)
    await outbox.record(session, fact, version=case.version)
    return case


async def note(
    session: Session,
    file: CaseFile,
    happening: Happening,
    *,
    about: UUID | None = None,
    by: UUID | None = None,
    how: HowTold | None = None,
) -> None:
    """Put an entry on the timeline, and with it into the audit: nothing of a case changes
    without both."""
    entry = Entry(session.new_id(), file.referral.id, session.now(), happening, about, by, how)
    await store.timeline.add(session, entry)
    is_asker = by is None or by == session.asker.id
    changed = audit.Entry(
        verb=DONE_WITH.get(happening, audit.Verb.ALTERATION),
        purpose=happening.value,
        fields=CHANGED[happening],
        person_id=about,
        referral_id=file.referral.id,
        case_id=file.case.id if file.case else None,
        asker=None if is_asker else audit.Asker(by, "staff"),
    )
    await audit.record(session, changed)
