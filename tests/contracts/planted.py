"""A fact that is made up for these tests, to be changed and broken."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field, create_model

from shared.contracts.fact import Fact
from shared.contracts.frozen import Frozen


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Guest(Frozen):
    person_id: UUID
    sugar: bool


FIELDS: dict[str, Any] = {
    "kettle_id": (UUID, ...),
    "colour": (Colour, ...),
    "boiled_at": (AwareDatetime, ...),
    "cups": (int, Field(ge=1, le=12)),
    "guests": (tuple[Guest, ...], Field(max_length=12)),
    "refilled_from": (UUID | None, None),
    "host": (Guest | None, None),
    "quiet": (bool, False),
}


def a_fact(
    *, subject: str = "referral.kettle_boiled.v1", about: str = "kettle_id", **changes: Any
) -> type[Fact]:
    """The kettle fact, with fields changed or added; a field given as None is left out."""
    fields = {name: field for name, field in (FIELDS | changes).items() if field is not None}
    return create_model(
        "KettleBoiled",
        __base__=Fact,
        subject=(ClassVar[str], subject),
        about=(ClassVar[str], about),
        **fields,
    )
