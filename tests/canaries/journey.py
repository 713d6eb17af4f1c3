"""All journeys, one after the other, and everything that was to be searched afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.canaries import asking, doors, endings, meeting, nonsense, outside, places, rights
from tests.canaries.house import House

RIGHTLY: dict[str, tuple[str, Callable[[House], bytes]]] = {
    "letters handed to the mail server": (
        "they go to the person, at the address they gave",
        lambda house: house.post.taken,
    ),
    "asks in flight and their answers": (
        "the one way by which one service learns a name or an address, over TLS, never stored",
        lambda house: house.tap.said(*places.IN_FLIGHT),
    ),
    "referral's pages for staff": (
        "they are for people who may know, each look is recorded, and no browser may keep them",
        lambda house: house.recorder.pages("/referral/cases"),
    ),
    "pages of planning and messages that show names": (
        "name cards, asked for whoever is looking, and not kept",
        lambda house: house.recorder.pages("/scheduling") + house.recorder.pages("/notifications"),
    ),
}
"""Where somebody may be found, and why. Each is a control as well: the search finds them there."""


@dataclass
class Walked:
    """A house in which everything has happened, and what was found lying about."""

    house: House
    searched: dict[str, bytes] = field(default_factory=dict)
    tried: int = 0
    """How many requests full of nonsense were sent."""

    @property
    def hits(self) -> dict[str, list[str]]:
        found = {place: self.house.aviary.hits(data) for place, data in self.searched.items()}
        return {place: some for place, some in found.items() if some}


def walk(house: House) -> Walked:
    """Everything people and machines do with Parley, and a search in the end."""
    walked = Walked(house)
    case = asking.ask_for_help(house)
    asking.look_after(house, case)
    other = rights.ask_for_rights(house)
    endings.break_glass(house, other)
    endings.hold(house, other)
    rights.give_copies(house, other)
    doors.colleagues(house)
    rights.erase(house, other)
    endings.close(house, other)
    doors.come_in(house)
    outside.come_in_from_outside(house)
    meeting.meet(house, case)
    meeting.look_back(house, case)
    meeting.open_the_rest(house)
    _search(walked, places.EARLY)
    doors.trouble(house)
    doors.upkeep(house)
    walked.tried = nonsense.try_everything(house)
    _search(walked, [one for one in places.PLACES if one not in places.EARLY])
    return walked


def _search(walked: Walked, names) -> None:
    for name in names:
        walked.searched[name] = places.PLACES[name](walked.house)
