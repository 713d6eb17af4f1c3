"""Cases come and their parties with them, in whatever order they are heard of."""

from uuid import UUID

from services.scheduling import store
from services.scheduling.actions.noting import note_person
from services.scheduling.domain import planning
from services.scheduling.domain.planning import Case, Party
from shared.plumbing.audit import Verb
from shared.plumbing.database import Session

CAME_WITH_THE_REFERRAL = 0
"""The version of a party nobody has told of but the acceptance itself."""


async def open_case(session: Session, case: Case, first_party: Party) -> None:
    """Let the case wait to be planned; a case that is open already is left as it is."""
    # A case is opened even for somebody erased since, without them; the store leaves them out.
    await store.people.is_forgotten(session, first_party.person_id)
    await store.cases.keep_party(session, case.id, first_party, CAME_WITH_THE_REFERRAL)
    await store.standings.keep_party(
        session, case.referral_id, first_party.person_id, CAME_WITH_THE_REFERRAL
    )
    await store.cases.add(session, case)
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
    await store.cases.note_waiting(
        session, case_id, planning.waiting_since(case.opened_at, meetings)
    )
