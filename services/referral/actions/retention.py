"""Destroying what referral has kept long enough, and telling those who keep things about it.

Nothing of this is ever done to what a hold keeps: whoever calls it asks first, under the same lock
under which holds are placed.
"""

from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.domain.monitoring import reduce_to
from services.referral.domain.timeline import Happening
from services.referral.store.cases import referrals_with
from shared.contracts.lifecycle import RecordsDestroyed
from shared.contracts.referral import PersonErased
from shared.contracts.retention import RecordClass
from shared.plumbing import audit, outbox
from shared.plumbing.database import Session
from shared.plumbing.retention import Keeping


async def _lock_matter(session: Session, referral_id: UUID) -> None:
    await case_file.lock(session, referral_id)


async def _lock_matters(session: Session, person_id: UUID) -> None:
    """Every matter they are in: a hold on any of these keeps them."""
    await case_file.lock(session, *await referrals_with(session, person_id))


async def destroy_matter(session: Session, referral_id: UUID, purpose: RecordClass) -> audit.Entry:
    """Take a matter out of the store, and with it whoever is in no other and does not work here."""
    file = await case_file.read(session, referral_id)
    case_id = file.case.id if file.case else None
    people = await store.retention.people_of(session, referral_id)
    told = RecordsDestroyed(referral_id=referral_id, case_id=case_id)
    await store.retention.drop(session, referral_id, case_id)
    await outbox.record(session, told, version=file.referral.version + 1)
    for person_id in await store.retention.kept_by_nothing(session, people):
        await _erase(session, person_id, purpose)
    return audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose=purpose.value,
        fields=("referral", "case", "agreement", "history"),
        referral_id=referral_id,
        case_id=case_id,
    )


async def reduce_person(session: Session, person_id: UUID) -> audit.Entry:
    """Keep of somebody who declined only what leads to nobody, once for all they declined."""
    declined = await store.retention.declined_in(session, person_id)
    answers = await store.monitoring.find(session, person_id)
    _, area_id, declined_at = declined[0]
    await store.monitoring.count(session, reduce_to(area_id, declined_at, answers))
    for referral_id, _, _ in declined:
        file = await case_file.read(session, referral_id)
        await case_file.changed(session, file)
        await case_file.note(session, file, Happening.PERSON_REDUCED)
    await _erase(session, person_id, RecordClass.PERSON_DECLINED)
    return audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose=RecordClass.PERSON_DECLINED.value,
        fields=("age_band", "gender", "ethnicity"),
        person_id=person_id,
    )


async def _erase(session: Session, person_id: UUID, purpose: RecordClass) -> None:
    """Destroy their keys and tell of it: others drop what hangs on the id."""
    await store.monitoring.forget(session, person_id)
    await store.people.erase(session, person_id)
    version = await store.retention.next_version(session, person_id)
    await outbox.record(session, PersonErased(person_id=person_id), version=version)
    erased = audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose=purpose.value,
        fields=("name", "contact", "born"),
        person_id=person_id,
    )
    await audit.record(session, erased)


def _of_matters(purpose: RecordClass) -> Keeping:
    async def destroy(session: Session, referral_id: UUID) -> audit.Entry:
        return await destroy_matter(session, referral_id, purpose)

    over = {
        RecordClass.REFERRAL_NOT_TAKEN_UP: store.retention.declined_referrals,
        RecordClass.CLOSED_CASE: store.retention.closed_cases,
    }[purpose]
    return Keeping(purpose, over, destroy, store.holds.keeps_referral, _lock_matter)


KEEPINGS = (
    _of_matters(RecordClass.REFERRAL_NOT_TAKEN_UP),
    _of_matters(RecordClass.CLOSED_CASE),
    Keeping(
        RecordClass.PERSON_DECLINED,
        store.retention.people_who_declined,
        reduce_person,
        store.holds.keeps_person,
        _lock_matters,
    ),
)
"""What referral keeps for a time."""
