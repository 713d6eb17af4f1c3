"""What agencies send, and what they get back: JSON, read strictly."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.referral.actions.seeds import DEMO_AREAS, demo_id
from services.referral.domain import intake
from services.referral.domain.people import (
    MOST_WORDS_TO_AVOID,
    Newcomer,
    Route,
    SafeContact,
    WhoElse,
)
from services.referral.domain.safe_hours import ANY_TIME, SafeHours, Weekday
from services.referral.routes.contact_answers import minute_of
from services.referral.routes.contact_fields import (
    AvoidedWord,
    PersonName,
    one_email,
    postal_address,
    uk_mobile,
    uk_phone,
)
from shared.contracts.words import (
    Channel,
    Happened,
    HeardAbout,
    Matter,
    ReportedToPolice,
    Side,
    Source,
)
from shared.ui.text import Line, Paragraph, plain_error

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"

READ_ADDRESS = {
    Channel.EMAIL: lambda text: one_email(Line(254).read(text)),
    Channel.PHONE: lambda text: uk_phone(Line(40).read(text)),
    Channel.TEXT: lambda text: uk_mobile(Line(40).read(text)),
    Channel.LETTER: lambda text: postal_address(Paragraph(400).read(text)),
}


class Shape(BaseModel):
    """Nothing unknown is accepted, and nothing that was sent is repeated in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RouteShape(Shape):
    """One way that the person said is safe."""

    channel: Channel
    address: str = Field(
        max_length=1000,
        description="One email address, one UK phone number, or a postal address with line breaks.",
    )

    @field_validator("address")
    @classmethod
    def _one_address(cls, address: str, info: ValidationInfo) -> str:
        channel = info.data.get("channel")
        return READ_ADDRESS[channel](address) if channel else address


class HoursShape(Shape):
    """The days, and the hours of each by the clocks of London, in which it is safe."""

    days: list[Weekday] = Field(min_length=1, max_length=7)
    from_time: str = Field(alias="from", pattern=CLOCK)
    until: str = Field(pattern=CLOCK)

    @field_validator("until")
    @classmethod
    def _later(cls, until: str, info: ValidationInfo) -> str:
        if until <= info.data.get("from_time", ""):
            raise plain_error("This must be later than the time it begins.")
        return until


class SafeContactShape(Shape):
    """How the person may be reached. Nothing else is ever used."""

    routes: list[RouteShape] = Field(
        min_length=1, max_length=4, description="Best first; each channel once."
    )
    hours: HoursShape | None = Field(default=None, description="Left out: any time is safe.")
    who_else: WhoElse = Field(description="Whether somebody else might see, hear or answer.")
    leave_voicemail: bool = False
    avoid: list[AvoidedWord] = Field(default=[], max_length=MOST_WORDS_TO_AVOID)

    @field_validator("routes")
    @classmethod
    def _each_once(cls, routes: list[RouteShape]) -> list[RouteShape]:
        if len({route.channel for route in routes}) != len(routes):
            raise plain_error("Give each channel only once.")
        return routes


class PersonShape(Shape):
    """The person who asks, or for whom somebody asks with their permission."""

    name: PersonName
    safe_contact: SafeContactShape


class ReferralShape(Shape):
    """One referral: one person, one matter."""

    source: Source
    permission_attested: bool = Field(
        default=False,
        validate_default=True,
        description="True: the person agreed to this. Needed unless they refer themselves.",
    )
    matter: Matter
    happened: Happened
    side: Side
    reported_to_police: ReportedToPolice
    area_id: UUID = Field(description="One of `GET /referral/api/areas`.")
    heard_about: HeardAbout
    person: PersonShape

    @field_validator("permission_attested")
    @classmethod
    def _has_permission(cls, attested: bool, info: ValidationInfo) -> bool:
        # The rule itself is in domain/intake.py; this only says it beside the field.
        if info.data.get("source") is not Source.SELF and not attested:
            raise plain_error("This must be true: the person has agreed to be referred.")
        return attested

    def request(self) -> intake.Request:
        """What is asked for, as the rules know it."""
        return intake.Request(
            source=self.source,
            matter=self.matter,
            happened=self.happened,
            side=self.side,
            reported_to_police=self.reported_to_police,
            area_id=self.area_id,
            heard_about=self.heard_about,
            permission_attested=self.permission_attested,
        )

    def newcomer(self) -> Newcomer:
        """Who it is about, as the rules know it."""
        safe, hours = self.person.safe_contact, self.person.safe_contact.hours
        contact = SafeContact(
            routes=tuple(Route(route.channel, route.address) for route in safe.routes),
            hours=ANY_TIME if hours is None else _hours(hours),
            who_else=safe.who_else,
            voicemail=safe.leave_voicemail,
            avoid=tuple(dict.fromkeys(safe.avoid)),
        )
        return Newcomer(name=self.person.name, safe_contact=contact)


class TakenIn(Shape):
    """The referral was stored."""

    referral_id: UUID
    reference: Annotated[str, Field(description="To quote to us; it says nothing by itself.")]


class AreaShape(Shape):
    """An area we work in."""

    id: UUID
    label: str


def _hours(shape: HoursShape) -> SafeHours:
    return SafeHours(frozenset(shape.days), minute_of(shape.from_time), minute_of(shape.until))


EXAMPLE: dict[str, object] = {
    "source": "housing",
    "permission_attested": True,
    "matter": "neighbour_dispute",
    "happened": "noise",
    "side": "harmed",
    "reported_to_police": "no",
    "area_id": str(demo_id(DEMO_AREAS[0][0])),
    "heard_about": "housing_officer",
    "person": {
        "name": "Sam Example",
        "safe_contact": {
            "routes": [
                {"channel": "email", "address": "sam@example.org"},
                {"channel": "phone", "address": "07700 900 982"},
            ],
            "hours": {
                "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "from": "09:00",
                "until": "17:30",
            },
            "who_else": "nobody",
            "leave_voicemail": False,
            "avoid": ["court"],
        },
    },
}
"""Works as it stands on a fresh development copy: the area is one of those it begins with."""
