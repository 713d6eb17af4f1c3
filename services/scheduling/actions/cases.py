"""Cases come and their parties with them, in whatever order they are heard of."""

from datetime import datetime
from uuid import UUID

from services.scheduling import store
from services.scheduling.actions.noting import note_person
from services.scheduling.domain import planning
from services.scheduling.domain.planning import Case, Party
from shared.plumbing import audit
from shared.plumbing.audit import Verb
from shared.plumbing.database import Session

CAME_WITH_THE_REFERRAL = 0
"""The version of a party nobody has told of but the acceptance itself."""


async def open_case(session: Session, case: Case, first_party: Party) -> None:
    """Let the case wait to be planned; a case that is open already is left as it is."""
    if await store.closed.is_destroyed(session, case.id):
        return
    # A case is opened even for somebody erased since, without them; the store leaves them out.
    await store.people.is_forgotten(session, first_party.person_id)
    await store.cases.keep_party(session, case.id, first_party, CAME_WITH_THE_REFERRAL)
    await store.standings.keep_party(
        session, case.referral_id, first_party.person_id, CAME_WITH_THE_REFERRAL
    )
    await store.cases.add(session, case)
    if await store.closed.is_closed(session, case.id):
        await store.cases.note_waiting(session, case.id, None)
    await note_person(
        session,
        Verb.COLLECTION,
        "case_opened",
        first_party.person_id,
        ("party", "side"),
        case_id=case.id,
        referral_id=case.referral_id,
    )


async def add_party(session: Session, case_id: UUID, party: Party, version: int) -> None:
    """Remember a party of the case, even of one that has not been heard of yet."""
    if await store.closed.is_destroyed(session, case_id):
        return
    if await store.people.is_forgotten(session, party.person_id):
        return
    await store.cases.keep_party(session, case_id, party, version)
    fields = ("party", "side")
    await note_person(
        session, Verb.COLLECTION, "party_added", party.person_id, fields, case_id=case_id
    )
    await store.standings.keep_party(session, case_id, party.person_id, version)


async def note_waiting(session: Session, case_id: UUID) -> None:
    """Work out anew since when the case waits; call it after every change to its meetings."""
    case = await store.cases.find(session, case_id)
    assert case is not None  # noqa: S101 - a meeting has a case: the store sees to it
    meetings = await store.meetings.of_case(session, case_id)
    waits = planning.waiting_since(case.opened_at, meetings)
    if waits is not None and await store.closed.is_closed(session, case_id):
        waits = None
    await store.cases.note_waiting(session, case_id, waits)


async def close_case(session: Session, case_id: UUID, referral_id: UUID, at: datetime) -> None:
    """Nothing more is planned in it; its meetings are called off by their grants."""
    await store.diary.take_the_pen(session)
    await store.closed.note(session, case_id, at)
    if await store.cases.find(session, case_id) is not None:
        await note_waiting(session, case_id)
    closed = audit.Entry(
        verb=Verb.ALTERATION,
        purpose="case_closed",
        fields=("case",),
        case_id=case_id,
        referral_id=referral_id,
    )
    await audit.record(session, closed)


async def destroy_case(
    session: Session, referral_id: UUID, case_id: UUID | None, at: datetime
) -> None:
    """The period of a matter was over: drop all there is of it. A repeat changes nothing."""
    await store.diary.take_the_pen(session)
    await store.closed.drop(session, referral_id, case_id, at)
    destroyed = audit.Entry(
        verb=Verb.ERASURE,
        purpose="records_destroyed",
        fields=("case", "party", "meeting", "attendance"),
        case_id=case_id,
        referral_id=referral_id,
    )
    await audit.record(session, destroyed)
