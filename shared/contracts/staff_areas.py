"""What referral tells of where colleagues work."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.fact import Fact


class StaffAreasSet(Fact):
    """In which areas somebody who works here works from now on."""

    subject: ClassVar[str] = "referral.staff_areas_set.v1"
    about: ClassVar[str] = "person_id"

    person_id: UUID
    area_ids: tuple[UUID, ...] = Field(max_length=200)
    """None at all means everywhere."""
