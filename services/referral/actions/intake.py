"""Taking referrals in, from the form and from agencies."""

from dataclasses import dataclass
from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.case_file import CaseFile
from services.referral.domain import intake
from services.referral.domain.areas import AreaUnknown
from services.referral.domain.intake import Referral, Request
from services.referral.domain.people import Newcomer, Person
from services.referral.domain.timeline import Happening
from shared.plumbing import outbox
from shared.plumbing.database import Session


@dataclass(frozen=True)
class Receipt:
    """What somebody who sent the form is shown."""

    reference: str
    changed_since: bool = False
    """They sent the form before, and have changed answers since: those did not reach us."""


async def receive_referral(
    session: Session,
    request: Request,
    who: Newcomer,
    *,
    referral_id: UUID,
    reference: str,
    referred_by: UUID | None = None,
) -> Referral:
    """Take a referral in. Raises AreaUnknown or PermissionMissing."""
    if await store.areas.find(session, request.area_id) is None:
        raise AreaUnknown("Choose one of the areas we work in.")
    person = Person(id=session.new_id(), name=who.name)
    referral = Referral(
        id=referral_id,
        reference=reference,
        person_id=person.id,
        request=request,
        received_at=session.now(),
        referred_by=referred_by,
    )
    received = intake.receive(referral)
    await store.people.add(session, person, who.safe_contact)
    await store.intake.add(session, referral)
    await outbox.record(session, received, version=referral.version)
    file = CaseFile(referral, case=None, parties=())
    await case_file.note(session, file, Happening.RECEIVED, about=person.id, by=referred_by)
    return referral


async def receive_form(
    session: Session, request: Request, who: Newcomer, *, referral_id: UUID, reference: str
) -> Receipt:
    """Take in what somebody sent with the form; sent twice, it is one referral.

    `referral_id` was given to the form when it was opened, so that a second click, a reload and
    the Back button all mean the same referral.
    """
    await case_file.lock(session, referral_id)
    known = await store.intake.find(session, referral_id)
    if known is None:
        await receive_referral(session, request, who, referral_id=referral_id, reference=reference)
        return Receipt(reference)
    return Receipt(known.reference, changed_since=not await _same(session, known, request, who))


async def _same(session: Session, known: Referral, request: Request, who: Newcomer) -> bool:
    person = await store.people.find(session, known.person_id)
    safe_contact = await store.people.contact_of(session, known.person_id)
    return (
        known.request == request
        and person is not None
        and (person.name, safe_contact) == (who.name, who.safe_contact)
    )
