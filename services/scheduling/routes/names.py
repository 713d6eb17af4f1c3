"""What people are called, asked of referral for one member of staff; pages work without it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from fastapi import Request

from services.scheduling.domain.planning import Case
from services.scheduling.routes import words
from shared.contracts.referral import NameCards, NameCardsWanted
from shared.plumbing.asking import NoAnswer
from shared.plumbing.service import Service, service_of
from shared.plumbing.staff import Staff

PATIENCE = timedelta(seconds=2)
"""A page is not kept waiting longer: it shows short ids instead."""

MOST_IN_ONE_ASK = 200


@dataclass(frozen=True)
class Names:
    """The names this member of staff may see."""

    known: dict[UUID, str]
    unavailable: bool
    """Nobody answered: the page says so, and shows short ids."""
    references: dict[UUID, str] = field(default_factory=dict)

    def of(self, person_id: UUID, otherwise: str = "Person") -> str:
        """The name, or enough of the id to tell two people apart."""
        return self.known.get(person_id) or f"{otherwise} {words.short(person_id)}"

    def of_case(self, case: Case) -> str:
        """The reference everybody else calls the case by, or enough of its id."""
        return self.references.get(case.referral_id) or words.short(case.id)


async def names_of(
    service: Service, staff: Staff, person_ids: Iterable[UUID], cases: Iterable[Case] = ()
) -> Names:
    """Ask for the names of these people and cases. Call it with no transaction open."""
    people = sorted(set(person_ids))
    referrals = sorted({case.referral_id for case in cases})
    known: dict[UUID, str] = {}
    references: dict[UUID, str] = {}
    for start in range(0, max(len(people), len(referrals)), MOST_IN_ONE_ASK):
        some = slice(start, start + MOST_IN_ONE_ASK)
        wanted = NameCardsWanted(
            person_ids=tuple(people[some]), referral_ids=tuple(referrals[some]), asked_by=staff.id
        )
        try:
            answer = await service.bus.ask(wanted, PATIENCE)
        except NoAnswer:
            return Names(known, unavailable=True, references=references)
        assert isinstance(answer, NameCards)  # noqa: S101 - the bus has checked it
        known |= {card.person_id: card.name for card in answer.cards}
        references |= {one.referral_id: one.reference for one in answer.references}
    return Names(known, unavailable=False, references=references)


async def known_names(request: Request, staff: Staff, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The same for pages that are not planning's own; empty when nobody answers."""
    return (await names_of(service_of(request), staff, ids)).known
