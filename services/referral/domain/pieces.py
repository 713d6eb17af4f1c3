"""What is about more than one person: nobody but a person can say what of it one of them may have.

Article 15(4) of the UK GDPR and paragraph 16 of Schedule 2 to the Data Protection Act 2018: a copy
is not to harm the rights of others; what is about somebody else as well is weighed, piece by piece.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.contracts.refusal import Refusal


class Source(StrEnum):
    """Where a piece comes from."""

    REFERRAL_ANSWERS = "referral_answers"
    """What somebody else answered when they asked for help, in a case this person is in."""
    TIMELINE = "timeline"
    """What has happened in a case of several people and is not noted of this one."""
    COMPLAINT_STEPS = "complaint_steps"
    """What we wrote down about a complaint of theirs, where others are in the case."""
    COMPLAINT_OF_OTHERS = "complaint_of_others"
    """A complaint by somebody else about a case they are in."""
    HOLD_REASONS = "hold_reasons"
    """Why a case they are in is kept from being destroyed, or is no more."""
    GLASS_REASONS = "glass_reasons"
    """Why colleagues opened a case they are in in an emergency, and what a reviewer noted."""


class Decision(StrEnum):
    """What happens to a piece."""

    RELEASED = "released"
    REDACTED = "redacted"
    WITHHELD = "withheld"


class Ground(StrEnum):
    """Why a piece, or a part of it, is not given."""

    SOMEBODY_ELSE = "somebody_else"
    SERIOUS_HARM = "serious_harm"
    CRIME = "crime"
    LEGAL_ADVICE = "legal_advice"
    TOLD_IN_CONFIDENCE = "told_in_confidence"


class NotDecided(Refusal):
    """Something is missing from the decision."""


@dataclass(frozen=True)
class Piece:
    """One piece of text that is about more than one person, as it is now."""

    source: Source
    id: UUID
    size: int
    """How much there is of it: what has grown since it was decided about waits again."""
    heading: str
    text: str


@dataclass(frozen=True)
class Ruling:
    """What somebody decided about a piece, for one person's copy."""

    id: UUID
    source: Source
    piece_id: UUID
    size: int
    decision: Decision
    ground: Ground | None
    given: str | None
    """The text that goes out; None when it is withheld."""
    reason: str
    """Why, for whoever looks at it later; it never goes out."""


def rule(
    piece: Piece,
    ruling_id: UUID,
    decision: Decision,
    *,
    ground: Ground | None,
    redacted: str | None,
    reason: str,
) -> Ruling:
    """Decide about a piece. Raises NotDecided."""
    given: str | None = None
    if decision is Decision.RELEASED:
        given, ground = piece.text, None
    elif ground is None:
        raise NotDecided("Choose why it cannot be given as it stands.")
    elif decision is Decision.REDACTED:
        if not redacted:
            raise NotDecided("Write what may be given of it.")
        given = redacted
    return Ruling(ruling_id, piece.source, piece.id, piece.size, decision, ground, given, reason)


def waiting(pieces: list[Piece], rulings: list[Ruling]) -> list[Piece]:
    """The pieces nobody has decided about as they are now."""
    decided = {(one.source, one.piece_id): one.size for one in rulings}
    return [one for one in pieces if decided.get((one.source, one.id)) != one.size]
