"""What people are called, asked of referral for one member of staff; pages work without it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from fastapi import Request

from services.notifications.routes import words
from shared.contracts.referral import NameCards, NameCardsWanted
from shared.plumbing.asking import NoAnswer
from shared.plumbing.service import Service, service_of
from shared.plumbing.staff import Staff

PATIENCE = timedelta(seconds=2)
"""A page is not kept waiting longer: it shows short ids instead."""

MOST_IN_ONE_ASK = 200


@dataclass(frozen=True)
class Names:
    """The names this member of staff may see. They are shown and forgotten."""

    unavailable: bool
    """Nobody answered: the page says so, and shows short ids."""
    known: dict[UUID, str] = field(default_factory=dict, repr=False)

    def of(self, person_id: UUID) -> str:
        """The name, or enough of the id to tell two people apart."""
        return self.known.get(person_id) or f"Person {words.short(person_id)}"


async def names_of(service: Service, staff: Staff, person_ids: Iterable[UUID]) -> Names:
    """Ask for the names of these people. Call it with no transaction open."""
    wanted = sorted(set(person_ids))
    known: dict[UUID, str] = {}
    for start in range(0, len(wanted), MOST_IN_ONE_ASK):
        some = tuple(wanted[start : start + MOST_IN_ONE_ASK])
        question = NameCardsWanted(person_ids=some, asked_by=staff.id)
        try:
            answer = await service.bus.ask(question, PATIENCE)
        except NoAnswer:
            return Names(unavailable=True, known=known)
        assert isinstance(answer, NameCards)  # noqa: S101 - the bus has checked it
        known |= {card.person_id: card.name for card in answer.cards}
    return Names(unavailable=False, known=known)


async def known_names(request: Request, staff: Staff, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The same for pages that are not about messages; empty when nobody answers."""
    return (await names_of(service_of(request), staff, ids)).known
