"""The areas we work in, as the public knows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.contracts.referral import AreaNamed
from shared.contracts.refusal import Refusal

LONGEST_LABEL = 80


class AreaNameTaken(Refusal):
    """Two areas with one label could not be told apart on a form."""

    status: ClassVar[int] = 409


class AreaUnknown(Refusal):
    """The area chosen is not one we work in."""


@dataclass(frozen=True)
class Area:
    """A place people can choose on the form."""

    id: UUID
    label: str
    version: int = 1


def name_area(area: Area, others: Iterable[Area]) -> AreaNamed:
    """Give an area its public label. Raises AreaNameTaken."""
    if any(_same(area.label, other.label) for other in others if other.id != area.id):
        raise AreaNameTaken("There is an area with this name already.")
    return AreaNamed(area_id=area.id, label=area.label)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
