"""Everybody who is planted, each with marks of their own."""

from tests.canaries.birds import PHONES, address, email, text
from tests.journeys.people import Someone

EVERY_WAY = ("email", "phone", "text", "letter")

SOME_HOURS = {
    "safe_when": "some",
    "days": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "opens": "07:00",
    "closes": "22:00",
}

ADA = Someone(
    f"{text('ada')} Öberg",
    email=email("ada"),
    phone=PHONES[0],
    text=PHONES[1],
    letter=address("ada"),
    avoid=f"{text('avoidada')}, court",
)
"""Refers herself, with every way of being reached."""

BEN = Someone(f"{text('ben')} Łukasz", phone=PHONES[2], avoid=text("avoidben"))
"""The other party; can only be called."""

CAL = Someone(text("cal"), letter=address("cal"))
"""Can only be written to by hand."""

DOT = Someone(text("dot"), text=PHONES[3])
"""Can only be sent a text."""

ELI = Someone(text("eli"), email=email("eli"))
"""Refers himself; his mail server refuses him."""

FAY = Someone(text("fay"), email=email("fay"))
"""Refers herself and is declined."""

KIT = Someone(text("kit"), email=email("kit"))
"""Asks for a copy of all that is kept."""

LEO = Someone(text("leo"), email=email("leo"))
"""The other party of Kit's; is erased."""

GUS = "gus"
"""Referred by an agency."""

HAN = Someone(text("han"), email=email("han"), avoid=text("avoidhan"))
"""Referred by a partner officer."""

COLLEAGUE, NEWCOMER, OUTSIDER = "hal", "ivy", "max"
"""Joins on the staff page; is let in by a command; comes in with an account from outside."""


def by_an_agency(mark: str, area_id: str) -> dict[str, object]:
    """What a housing officer's program sends about somebody."""
    return {
        "source": "housing",
        "permission_attested": True,
        "matter": "neighbour_dispute",
        "happened": "noise",
        "side": "harmed",
        "reported_to_police": "no",
        "area_id": area_id,
        "heard_about": "housing_officer",
        "person": {
            "name": text(mark),
            "safe_contact": {
                "routes": [
                    {"channel": "email", "address": email(mark)},
                    {"channel": "phone", "address": PHONES[4]},
                    {"channel": "text", "address": PHONES[5]},
                    {"channel": "letter", "address": address(mark)},
                ],
                "hours": {"days": ["monday", "sunday"], "from": "07:00", "until": "22:00"},
                "who_else": "somebody",
                "avoid": [text(f"avoid{mark}")],
            },
        },
    }
