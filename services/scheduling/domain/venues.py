"""Where meetings are held: a short list the operator keeps, in the operator's own words."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.scheduling.domain.refusals import PageIsStale, VenueRefused


class VenueKind(StrEnum):
    """What kind of ground a meeting stands on."""

    NEUTRAL = "neutral"
    ONLINE = "online"
    OFFICE = "office"


@dataclass(frozen=True)
class Venue:
    """A place, or a way of meeting online, that can be chosen for a meeting."""

    id: UUID
    label: str
    kind: VenueKind
    safety_note: str
    """What facilitators should know about the place: exits, waiting rooms. Never about a person."""
    step_free: bool
    retired: bool = False
    version: int = 1

    @property
    def holds_one_meeting(self) -> bool:
        """A room holds one meeting at a time; online there is always room."""
        return self.kind is not VenueKind.ONLINE


def add_venue(venue: Venue, in_use: tuple[Venue, ...]) -> Venue:
    """Take a venue into the list; two venues in use never share a label."""
    if any(other.label.casefold() == venue.label.casefold() for other in in_use):
        raise VenueRefused("There is already a venue with this name.")
    return venue


def retire(venue: Venue, seen: int) -> Venue:
    """Offer this venue no more; meetings already booked there stay booked.

    A repeat changes nothing. Raises PageIsStale when the venue changed since it was shown.
    """
    if venue.retired:
        return venue
    if venue.version != seen:
        raise PageIsStale
    return replace(venue, retired=True, version=venue.version + 1)
