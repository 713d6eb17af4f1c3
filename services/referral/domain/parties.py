"""Who belongs to a case, and on which side."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.referral.domain.people import Person
from services.referral.domain.triage import Case, CaseState
from shared.contracts.referral import PartyAdded
from shared.contracts.refusal import Refusal
from shared.contracts.words import Side

MOST_PARTIES = 20
"""As many as one meeting may be proposed with."""


class CaseNotOpen(Refusal):
    """There is no case to work on, or work on it has ended."""


class FirstPartyHasNotAgreed(Refusal):
    """The other side is approached only when whoever came first agrees to it (guard G2)."""


class TooManyParties(Refusal):
    """More people than one case can hold."""


@dataclass(frozen=True)
class Party:
    """A person who belongs to a case."""

    case_id: UUID
    person_id: UUID
    side: Side
    added_at: datetime
    first: bool = False
    """Whether the case began with this person."""
    declined_at: datetime | None = None
    """When they said that they do not want to take part."""


def add_party(
    case: Case | None,
    parties: tuple[Party, ...],
    first_person: Person,
    newcomer: Party,
    *,
    first_party_agrees: bool,
) -> PartyAdded:
    """Bring another person into the case.

    Raises CaseNotOpen, FirstPartyHasNotAgreed or TooManyParties.
    """
    refuse_unless_open(case)
    if not first_party_agrees or first_person.asked_no_contact_at is not None:
        raise FirstPartyHasNotAgreed(
            "The other person may only be approached when the first party has agreed to it."
        )
    if len(parties) >= MOST_PARTIES:
        raise TooManyParties(f"A case can have {MOST_PARTIES} parties at most.")
    return PartyAdded(case_id=newcomer.case_id, person_id=newcomer.person_id, side=newcomer.side)


def refuse_unless_open(case: Case | None) -> Case:
    """The case, which is open. Raises CaseNotOpen."""
    if case is None or case.state is not CaseState.OPEN:
        raise CaseNotOpen("This can only be done while the case is open.")
    return case
