"""The other questions of the public form."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.words import Happened, HeardAbout, Matter, ReportedToPolice, Side
from shared.ui.forms import Form

CHOOSE = "Choose the answer that fits best"


class HappenedAnswer(Form):
    words: ClassVar[dict[str, str]] = {"happened": CHOOSE}
    happened: Happened


class MatterAnswer(Form):
    words: ClassVar[dict[str, str]] = {"matter": CHOOSE}
    matter: Matter


class SideAnswer(Form):
    words: ClassVar[dict[str, str]] = {"side": CHOOSE}
    side: Side


class ReportedAnswer(Form):
    words: ClassVar[dict[str, str]] = {
        "reported_to_police": "Choose yes, no, or that you would rather not say"
    }
    reported_to_police: ReportedToPolice


class AreaAnswer(Form):
    words: ClassVar[dict[str, str]] = {"area_id": "Choose the area where it happened"}
    area_id: UUID


class HeardAnswer(Form):
    words: ClassVar[dict[str, str]] = {"heard_about": "Choose how you heard of us"}
    heard_about: HeardAbout
