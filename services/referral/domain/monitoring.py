"""What people may say of themselves so that we can see whom we reach (measure K25).

Asked by staff and never for its own sake: nobody has to answer, and "not asked" is an answer. The
groups are the broad ones of the Office for National Statistics; finer ones single people out.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class AgeBand(StrEnum):
    NOT_ASKED = "not_asked"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"
    UNDER_18 = "under_18"
    FROM_18_TO_24 = "18_to_24"
    FROM_25_TO_44 = "25_to_44"
    FROM_45_TO_64 = "45_to_64"
    FROM_65 = "65_or_over"


class Gender(StrEnum):
    NOT_ASKED = "not_asked"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"
    FEMALE = "female"
    MALE = "male"
    ANOTHER = "another"


class Ethnicity(StrEnum):
    NOT_ASKED = "not_asked"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"
    ASIAN = "asian"
    BLACK = "black"
    MIXED = "mixed"
    WHITE = "white"
    OTHER = "other"


@dataclass(frozen=True)
class Answers:
    """What one person said of themselves."""

    age_band: AgeBand = AgeBand.NOT_ASKED
    gender: Gender = Gender.NOT_ASKED
    ethnicity: Ethnicity = Ethnicity.NOT_ASKED


@dataclass(frozen=True)
class Reduced:
    """All that is left of somebody who did not want to take part: one of so many."""

    area_id: UUID
    quarter: date
    """Its first day."""
    answers: Answers


def reduce_to(area_id: UUID, declined_at: datetime, answers: Answers) -> Reduced:
    """What may be kept of them, with nothing that leads back to the person or the case."""
    day = declined_at.date()
    return Reduced(area_id, date(day.year, (day.month - 1) // 3 * 3 + 1, 1), answers)
