"""The copy somebody is given of all that is kept about them: one page to read, and JSON.

It stands alone, needs no network and runs nothing; whatever people wrote is text in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment

from shared.contracts.person_record import PersonRecord
from shared.plumbing.settings import Settings

PAGES = Path(__file__).parents[1] / "pages"

CALLED = {
    "referral": "Your case, and who you are",
    "scheduling": "Meetings",
    "notifications": "Messages",
    "reporting": "Figures",
}
"""What each service's part is called by somebody who knows no services."""

NOT_SET = "[the organisation that runs this service: set PARLEY_CONTROLLER]"
NO_CONTACT = "[how to reach whoever looks after your data there: set PARLEY_PRIVACY_CONTACT]"


@dataclass(frozen=True)
class Controller:
    """Who answers for the data."""

    name: str
    contact: str
    regime: str
    phone_number: str


@dataclass(frozen=True)
class PersonFile:
    """Everything that is given."""

    person_id: UUID
    made_at: datetime
    controller: Controller
    parts: Mapping[str, PersonRecord]
    """What each service said, in reading order."""
    silent: tuple[str, ...] = ()
    """The services that did not answer: their part is missing, and the copy says so."""


def controller_of(settings: Settings) -> Controller:
    return Controller(
        settings.controller or NOT_SET,
        settings.privacy_contact or NO_CONTACT,
        settings.controller_regime,
        settings.phone_number,
    )


def as_html(environment: Environment, copy: PersonFile) -> str:
    return environment.get_template("person_file.html").render(copy=copy, called=CALLED)


def as_json(copy: PersonFile) -> str:
    told = {
        "person_id": str(copy.person_id),
        "made_at": copy.made_at.isoformat(),
        "controller": vars(copy.controller),
        "missing": list(copy.silent),
        "parts": {
            service: [section.model_dump(mode="json") for section in record.sections]
            for service, record in copy.parts.items()
        },
    }
    return json.dumps(told, indent=2, ensure_ascii=False)
