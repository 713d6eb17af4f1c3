"""Destroying what referral has kept long enough, and telling those who keep things about it.

Nothing of this is ever done to what a hold keeps: whoever calls it asks first, under the same lock
under which holds are placed.
"""

from uuid import UUID

from services.referral import store
from services.referral.actions import case_file, erasure
from services.referral.actions.erasure import lock_everything
from services.referral.domain.erasure import Basis
from services.referral.domain.monitoring import reduce_to
from services.referral.domain.timeline import Happening
from shared.contracts.lifecycle import RecordsDestroyed
from shared.contracts.retention import RecordClass
from shared.plumbing import audit, outbox
from shared.plumbing.database import Session
from shared.plumbing.ledger import Ledger
from shared.plumbing.retention import Keeping


async def _lock_matter(session: Session, referral_id: UUID) -> None:
    await lock_everything(session, *await store.retention.people_of(session, referral_id))
    await case_file.lock(session, referral_id)  # held already, but for a matter with nobody in it


async def _lock_matters(session: Session, person_id: UUID) -> None:
    """Every matter they are in: a hold on any of these keeps them."""
    await lock_everything(session, person_id)


async def destroy_matter(
    session: Session, ledger: Ledger, referral_id: UUID, purpose: RecordClass
) -> audit.Entry:
    """Take a matter out of the store, and with it whoever is in no other and does not work here."""
    file = await case_file.read(session, referral_id)
    case_id = file.case.id if file.case else None
    people = await store.retention.people_of(session, referral_id)
    told = RecordsDestroyed(referral_id=referral_id, case_id=case_id)
    await store.retention.drop(session, referral_id, case_id)
    await outbox.record(session, told, version=file.referral.version + 1)
    for person_id in await store.retention.kept_by_nothing(session, people):
        await _erase(session, ledger, person_id)
    return audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose=purpose.value,
        fields=("referral", "case", "agreement", "history"),
        referral_id=referral_id,
        case_id=case_id,
    )


async def reduce_person(session: Session, ledger: Ledger, person_id: UUID) -> audit.Entry:
    """Keep of somebody who declined only what leads to nobody, once for all they declined."""
    declined = await store.retention.declined_in(session, person_id)
    answers = await store.monitoring.find(session, person_id)
    _, area_id, declined_at = declined[0]
    await store.monitoring.count(session, reduce_to(area_id, declined_at, answers))
    for referral_id, _, _ in declined:
        file = await case_file.read(session, referral_id)
        await case_file.changed(session, file)
        await case_file.note(session, file, Happening.PERSON_REDUCED)
    await _erase(session, ledger, person_id)
    return audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose=RecordClass.PERSON_DECLINED.value,
        fields=("age_band", "gender", "ethnicity"),
        person_id=person_id,
    )


async def _erase(session: Session, ledger: Ledger, person_id: UUID) -> None:
    today = session.now().date()  # at night the day in London is the same, or the one after
    await erasure.erase(session, ledger, person_id, Basis.RETENTION, on=today)


def _of_matters(purpose: RecordClass, ledger: Ledger) -> Keeping:
    async def destroy(session: Session, referral_id: UUID) -> audit.Entry:
        return await destroy_matter(session, ledger, referral_id, purpose)

    over = {
        RecordClass.REFERRAL_NOT_TAKEN_UP: store.retention.declined_referrals,
        RecordClass.CLOSED_CASE: store.retention.closed_cases,
    }[purpose]
    return Keeping(purpose, over, destroy, store.holds.keeps_referral, _lock_matter)


def keepings(ledger: Ledger) -> tuple[Keeping, ...]:
    """What referral keeps for a time; whoever is erased when it is over is in this ledger."""

    async def reduce(session: Session, person_id: UUID) -> audit.Entry:
        return await reduce_person(session, ledger, person_id)

    return (
        _of_matters(RecordClass.REFERRAL_NOT_TAKEN_UP, ledger),
        _of_matters(RecordClass.CLOSED_CASE, ledger),
        Keeping(
            RecordClass.PERSON_DECLINED,
            store.retention.people_who_declined,
            reduce,
            store.holds.keeps_person,
            _lock_matters,
        ),
    )
