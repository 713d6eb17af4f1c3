"""Who may be given all that is kept about one person, to hand it on to them.

Everything means every matter somebody is in. So one that is kept from whoever asks, or lies in an
area of others, keeps them from the whole: a copy that silently lacked it would be a false one.
"""

from uuid import UUID

from fastapi import HTTPException

from services.referral import store
from services.referral.actions import case_file
from services.referral.domain.people import Person
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Action, Context, Decision, Resource, decide
from shared.plumbing.database import Session
from shared.plumbing.gates import NOT_THERE
from shared.plumbing.staff import Staff


async def whole_person(
    session: Session, staff: Staff, referral_id: UUID, person_id: UUID
) -> Person:
    """Somebody in this matter, of whom all may be known. Raises NotThere or 404."""
    file = await case_file.read(session, referral_id)
    person = await case_file.person_in(session, file, person_id)
    for each in await store.cases.referrals_with(session, person_id):
        relations = await STANDINGS.relations(session, staff, each)
        # The gate has seen to the code already.
        context = Context(confirmed=True)
        if (
            decide(staff, Action.EXPORT_PERSON, Resource(relations), context)
            is not Decision.ALLOWED
        ):
            raise HTTPException(404, NOT_THERE)
    if await store.complaint_reach.hides_one(session, staff, person_id):
        raise HTTPException(404, NOT_THERE)
    return person
