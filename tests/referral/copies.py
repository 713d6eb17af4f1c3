"""Two people in one case, each with canaries of their own in everything that is kept of them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.referral import store
from services.referral.actions import agreements, complaints, people
from services.referral.actions import person_requests as rights
from services.referral.actions.case_file import Edit
from services.referral.actions.complaints import Told
from services.referral.domain.agreement import HowTold
from services.referral.domain.complaints import HowCame, Step
from services.referral.domain.people import Newcomer, Route
from services.referral.domain.rights import RightKind
from shared.contracts.access import AccessRole
from shared.contracts.person_record import PersonRecord
from shared.contracts.words import Channel
from shared.plumbing.database import Database
from shared.plumbing.staff import Staff
from tests.referral.builders import COORDINATOR, a_newcomer, a_safe_contact
from tests.referral.cases import OpenCase, an_open_case, say, version_of
from tests.referral.standing import MANAGER

FAR = datetime(2100, 1, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)

CONFIRMED = replace(MANAGER, stepped_up_until=FAR)
"""A manager who has just shown a code once more."""


@dataclass(frozen=True)
class Canaries:
    """What is found in one person's store alone."""

    name: str
    email: str
    avoid: str
    moved: str
    said: str

    @property
    def all(self) -> tuple[str, ...]:
        return (self.name, self.email, self.avoid, self.moved, self.said)


SAMS = Canaries("Sam Kingfisher", "sam.k@example.org", "heronry", "Sam moved inland", "Sam waited")
KIMS = Canaries("Kim Goldcrest", "kim.g@example.org", "rookery", "Kim moved out", "Kim was angry")
NOTED = "The coordinator found a lapwing in it"


def confirmed(*roles: AccessRole, **more: object) -> Staff:
    return replace(CONFIRMED, roles=frozenset(roles), **more)


def newcomer(canaries: Canaries, email: str) -> Newcomer:
    route = Route(Channel.EMAIL, email)
    return a_newcomer(canaries.name, safe_contact=a_safe_contact(route, avoid=(canaries.avoid,)))


async def two_people(database: Database) -> OpenCase:
    """A case whose parties have agreed, been corrected, asked and complained."""
    case = await an_open_case(
        database, sam=newcomer(SAMS, "old.sam@example.org"), kim=newcomer(KIMS, "old.kim@e.org")
    )
    for person_id, canaries in ((case.sam, SAMS), (case.kim, KIMS)):
        await say(database, agreements.record_agreement, case, person_id)
        edit = Edit(case.referral_id, await version_of(database, case.referral_id), COORDINATOR)
        async with database.transaction() as session:
            now = newcomer(canaries, canaries.email)
            await people.change_contact(session, edit, person_id, now, canaries.moved)
        await complain(database, case, person_id, canaries.said)
        async with database.transaction() as session:
            await rights.receive(
                session,
                person_id,
                RightKind.ACCESS,
                TODAY - timedelta(days=1),
                HowTold.BY_PHONE,
                by=COORDINATOR,
                today=TODAY,
            )
    return case


async def complain(
    database: Database, case: OpenCase, person_id: UUID | None, said: str, **more: object
) -> UUID:
    """Somebody complains, and a coordinator notes something about it; the complaint's id."""
    usual: dict[str, object] = {"person_id": person_id, "referral_id": case.referral_id}
    came_on = more.pop("came_on", TODAY)
    async with database.transaction() as session:
        told = Told(came_on, HowCame.BY_PHONE, said, **{**usual, **more})  # type: ignore[arg-type]
        complaint = await complaints.record_complaint(session, told, TODAY)
    async with database.transaction() as session:
        await store.complaints.add_step(session, complaint, Step.NOTED, NOTED, COORDINATOR)
    return complaint.id


def text_of(record: PersonRecord) -> str:
    return record.model_dump_json()
