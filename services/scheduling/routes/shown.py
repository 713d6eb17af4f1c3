"""A meeting as pages show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.scheduling import store
from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.venues import Venue
from services.scheduling.routes import words
from services.scheduling.routes.names import Names
from shared.plumbing.database import Session


@dataclass(frozen=True)
class Shown:
    """A meeting in words."""

    meeting: Meeting
    kind: str
    state: str
    colour: str
    length: str
    venue: str
    reason: str
    participants: str
    facilitators: str
    needs_facilitator: bool
    """Nobody leads it, or somebody who does works here, or on the case, no more."""


@dataclass(frozen=True)
class Leading:
    """Who can still lead the meetings they are booked for."""

    working_here: frozenset[UUID]
    off_the_case: Mapping[UUID, frozenset[UUID]]
    """By meeting: those who were taken off its case, or are kept from it."""

    def why_not(self, person_id: UUID, meeting: Meeting) -> str:
        """Why somebody cannot lead it any more; nothing while they can."""
        if person_id not in self.working_here:
            return "no longer works here"
        off = self.off_the_case.get(meeting.id, frozenset())
        return "no longer works on the case" if person_id in off else ""


async def leading(session: Session, meetings: Iterable[Meeting]) -> Leading:
    """Looked up for all meetings of a page at once."""
    return Leading(
        await store.people.working_here(session),
        await store.leading.off_the_case(session, meetings),
    )


def people_of(meetings: Iterable[Meeting]) -> set[UUID]:
    """Everybody whose name a list of these meetings needs."""
    return {
        person_id
        for meeting in meetings
        for person_id in (*meeting.participant_ids, *meeting.facilitator_ids)
    }


def show(
    meeting: Meeting,
    venues: Mapping[UUID, Venue],
    can_lead: Leading,
    names: Names,
) -> Shown:
    """The meeting in words, for one member of staff."""
    state, colour = words.STATES[meeting.state]
    venue = venues.get(meeting.venue_id)
    return Shown(
        meeting=meeting,
        kind=words.KINDS[meeting.kind],
        state=state,
        colour=colour,
        length=words.length(meeting.ends_at - meeting.starts_at),
        venue=venue.label if venue else "",
        reason=words.reason(meeting),
        participants=", ".join(names.of(one) for one in meeting.participant_ids) or "Nobody",
        facilitators=", ".join(
            _facilitator(one, can_lead.why_not(one, meeting), names)
            for one in meeting.facilitator_ids
        )
        or "Nobody",
        needs_facilitator=not meeting.facilitator_ids
        or any(can_lead.why_not(one, meeting) for one in meeting.facilitator_ids),
    )


def _facilitator(person_id: UUID, why_not: str, names: Names) -> str:
    name = names.of(person_id, "Facilitator")
    return f"{name} ({why_not})" if why_not else name
