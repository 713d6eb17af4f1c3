"""Partner officers, and what they send about somebody who agreed to it."""

from uuid import UUID

from services.referral.actions import intake
from services.referral.actions.seeds import demo_id
from services.referral.domain.intake import Referral
from shared.contracts.access import AccessRole
from shared.contracts.words import Source
from shared.plumbing.database import Database
from shared.plumbing.staff import Staff
from tests.referral.builders import AREA, a_newcomer, a_request, some_id

PARTNER = "/referral/partner"
REFER = f"{PARTNER}/refer"

OFFICER = Staff(demo_id(7), frozenset({AccessRole.PARTNER_OFFICER}))
OTHER_OFFICER = Staff(some_id(0x0FF1), frozenset({AccessRole.PARTNER_OFFICER}))

ANSWERS = {
    "name": "Sam Example",
    "ways": ["email", "phone"],
    "email": "sam@example.org",
    "phone": "07700 900 982",
    "first": "phone",
    "safe_when": "some",
    "days": ["monday", "tuesday"],
    "opens": "09:00",
    "closes": "17:00",
    "who_else": "somebody",
    "voicemail": "false",
    "avoid": "court",
    "happened": "noise",
    "matter": "neighbour_dispute",
    "side": "harmed",
    "reported_to_police": "prefer_not_to_say",
    "area_id": str(AREA),
    "heard_about": "housing_officer",
    "source": "housing",
    "permission_attested": "true",
}
"""A whole form."""


async def referred(
    database: Database, number: int = 1, by: UUID | None = OFFICER.id, name: str = "Sam Example"
) -> Referral:
    """Somebody a partner officer referred."""
    asked = a_request(source=Source.HOUSING, permission_attested=True)
    async with database.transaction() as session:
        return await intake.receive_referral(
            session,
            asked,
            a_newcomer(name),
            referral_id=some_id(2000 + number),
            reference=f"TEST-{number}",
            referred_by=by,
        )


def one(referral: Referral | UUID) -> str:
    return f"{PARTNER}/{referral if isinstance(referral, UUID) else referral.id}"
