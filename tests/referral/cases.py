"""Cases in a real store, brought as far as a test needs them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.referral import store
from services.referral.actions import agreements, intake, meetings, people, triage
from services.referral.actions.case_file import Edit
from services.referral.domain.agreement import HowTold
from services.referral.domain.intake import Referral
from services.referral.domain.people import Newcomer
from shared.contracts.referral import GrantMoment, MeetingGrant, MeetingGrantWanted
from shared.contracts.words import MeetingKind, Side
from shared.plumbing.database import Database
from tests.referral.builders import COORDINATOR, FACILITATOR, NOW, a_newcomer, a_request, some_id


@dataclass(frozen=True)
class OpenCase:
    """A case with two parties."""

    referral_id: UUID
    case_id: UUID
    sam: UUID
    kim: UUID


async def a_waiting_referral(
    database: Database, number: int = 1, who: Newcomer | None = None, **changes
) -> Referral:
    async with database.transaction() as session:
        return await intake.receive_referral(
            session,
            a_request(**changes),
            who or a_newcomer(),
            referral_id=some_id(1000 + number),
            reference=f"TEST-{number}",
        )


async def version_of(database: Database, referral_id: UUID) -> int:
    async with database.reading() as session:
        referral = await store.intake.find(session, referral_id)
    assert referral is not None
    return referral.version


async def an_open_case(
    database: Database, *, sam: Newcomer | None = None, kim: Newcomer | None = None
) -> OpenCase:
    """Sam referred themselves, was accepted, and agreed that Kim is approached."""
    referral = await a_waiting_referral(database, who=sam)
    async with database.transaction() as session:
        case = await triage.accept_referral(session, Edit(referral.id, 1, COORDINATOR))
    async with database.transaction() as session:
        other = await people.add_other_party(
            session,
            Edit(referral.id, 2, COORDINATOR),
            kim or a_newcomer("Kim Example"),
            Side.BOTH,
            first_party_agrees=True,
        )
    return OpenCase(referral.id, case.id, referral.person_id, other.id)


async def as_if_referred(database: Database, referral_id: UUID, by: UUID) -> None:
    """Let somebody have made a referral that is there already."""
    async with database.transaction() as session:
        known = await store.intake.find(session, referral_id)
        assert known is not None
        await store.intake.save(session, replace(known, referred_by=by))


async def say(database: Database, act, case: OpenCase, person_id: UUID) -> None:
    """Record what one party says, from a page that is up to date."""
    version = await version_of(database, case.referral_id)
    async with database.transaction() as session:
        await act(
            session, Edit(case.referral_id, version, COORDINATOR), person_id, HowTold.BY_PHONE
        )


async def both_agree(database: Database, case: OpenCase) -> None:
    for person_id in (case.sam, case.kim):
        await say(database, agreements.record_agreement, case, person_id)


def a_meeting(case: OpenCase, **changes) -> MeetingGrantWanted:
    """A joint meeting of both, a week from now."""
    usual = {
        "session_id": some_id(4),
        "case_id": case.case_id,
        "kind": MeetingKind.JOINT,
        "participant_ids": (case.sam, case.kim),
        "facilitator_ids": (FACILITATOR,),
        "venue_id": some_id(70),
        "starts_at": NOW + timedelta(days=7),
        "ends_at": NOW + timedelta(days=7, hours=1),
        "moment": GrantMoment.BOOKING,
    }
    return MeetingGrantWanted(**{**usual, **changes})


async def ask_grant(database: Database, ask: MeetingGrantWanted) -> MeetingGrant:
    async with database.transaction() as session:
        return await meetings.answer_grant(session, ask)
