"""A meeting as pages show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.venues import Venue
from services.scheduling.routes import words
from services.scheduling.routes.names import Names


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
    """Nobody leads it, or somebody who does works here no more."""


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
    working_here: frozenset[UUID],
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
            facilitator(one, working_here, names) for one in meeting.facilitator_ids
        )
        or "Nobody",
        needs_facilitator=not meeting.facilitator_ids
        or not working_here.issuperset(meeting.facilitator_ids),
    )


def facilitator(person_id: UUID, working_here: frozenset[UUID], names: Names) -> str:
    name = names.of(person_id, "Facilitator")
    return name if person_id in working_here else f"{name} (no longer works here)"
