"""Who is in the story, all of them invented, and what brought them here."""

from dataclasses import dataclass
from datetime import datetime

from shared.ui.london import LONDON
from tests.journeys.people import Someone

GARETH, HALIMA = "Gareth Pugh", "Halima Yusuf"
FACILITATORS = {GARETH: "gareth@parley.example", HALIMA: "halima@parley.example"}
NOT_EVENINGS = {
    "safe_when": "some",
    "days": ("saturday", "sunday"),
    "opens": "10:00",
    "closes": "16:00",
}

ASHA = Someone("Asha Patel", "asha.patel@example.org", avoid="court")
GRAHAM = Someone("Graham Webb", "g.webb@example.org", who_else="somebody")
NORA = Someone("Nora Quinn", phone="01632 960 001", who_else="somebody")
IRIS = Someone("Iris Blake", "iris.b@example.org", times=NOT_EVENINGS)
OMAR = Someone("Omar Haddad", "omar.haddad@example.org")
SUNITA = Someone("Sunita Rao", "sunita.rao@example.org")
LIAM = Someone("Liam Burke", "liam.burke@example.org")


@dataclass(frozen=True)
class Referred:
    """Somebody an agency referred, and what became of it."""

    month: int
    day: int
    source: str
    who: str
    happened: str
    side: str
    area: str
    days_to_meeting: int = 0
    next_meeting: int = 0
    """Days from today to the next one that is booked."""
    declined: str = ""
    missed: bool = False
    """Nobody came to the first meeting."""
    then_with: str = ""
    """The other party, with whom a joint meeting was held four weeks after the first one."""

    @property
    def at(self) -> datetime:
        return datetime(2026, self.month, self.day, 11, 0, tzinfo=LONDON)

    @property
    def matter(self) -> str:
        crimes = ("damage", "theft", "violence", "hate")
        return "crime" if self.happened in crimes else "neighbour_dispute"


NORTH, CITY, RIVER = "Northfields and Eastgate", "City centre", "Riverside"

EARLIER = (
    Referred(4, 15, "housing", "Derek Holt", "boundary_or_parking", "both", NORTH, 8, 6),
    Referred(4, 28, "self", "Priya Nair", "noise", "harmed", RIVER, 6, 7),
    Referred(
        5, 13, "police", "Callum Reid", "damage", "responsible", CITY, 12, then_with="Hannah Wells"
    ),
    Referred(5, 21, "self", "Joan Fisher", "other", "harmed", NORTH, declined="out_of_scope"),
    Referred(6, 9, "asb_team", "Tariq Aziz", "abuse_or_threats", "harmed", CITY, 9, 12),
    Referred(6, 17, "school", "Ellie Marsh", "violence", "harmed", CITY, declined="signposted"),
    Referred(7, 2, "police", "Stefan Kowal", "theft", "harmed", RIVER, 14, 14),
    Referred(7, 15, "housing", "Maureen Boyle", "children_or_pets", "both", NORTH, 7, 19),
    Referred(7, 23, "self", "Abdi Noor", "noise", "harmed", CITY, declined="referrer_withdrew"),
    Referred(8, 11, "faith_group", "Ruth Levi", "hate", "harmed", RIVER, 10, 21),
    Referred(9, 3, "police", "Jamie Cole", "damage", "responsible", CITY, 5, missed=True),
)
WAITING = (
    Referred(10, 13, "police", "Ben Achebe", "theft", "harmed", CITY),
    Referred(10, 13, "housing", "Chloe Martin", "noise", "both", NORTH),
)


def somebody_called(name: str) -> Someone:
    """Somebody who can be written to at any time."""
    return Someone(name, f"{name.lower().replace(' ', '.')}@example.org")
