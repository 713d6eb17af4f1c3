"""The questions about being reached safely, asked of the public and filled in by staff alike."""

import re
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from services.referral.domain.people import (
    MOST_WORDS_TO_AVOID,
    Newcomer,
    Route,
    SafeContact,
    WhoElse,
)
from services.referral.domain.safe_hours import ANY_TIME, WEEK, SafeHours, Weekday
from services.referral.routes.contact_fields import (
    AvoidedWord,
    EmailAddress,
    PersonName,
    PostalAddress,
    UkMobile,
    UkPhone,
)
from services.referral.routes.wording import clock
from shared.contracts.words import Channel
from shared.ui.forms import Form, Values
from shared.ui.text import Line, plain_error

EARLIEST_HOUR, LATEST_HOUR = 7, 22
CLOCK_SHAPE = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
BETWEEN_WORDS = re.compile(r"[,;\n]")


class ContactAnswers(Form):
    """What to call somebody and the ways that are safe, each with its address."""

    words: ClassVar[dict[str, str]] = {
        "name.missing": "Enter the name we should use",
        "ways.missing": "Choose at least one way that is safe",
        "ways.too_short": "Choose at least one way that is safe",
    }

    name: PersonName
    ways: list[Channel] = Field(min_length=1)
    email: EmailAddress | None = Field(default=None, validate_default=True)
    phone: UkPhone | None = Field(default=None, validate_default=True)
    text: UkMobile | None = Field(default=None, validate_default=True)
    letter: PostalAddress | None = Field(default=None, validate_default=True)
    first: Channel | None = Field(default=None, validate_default=True)

    @field_validator("email", "phone", "text", "letter", mode="wrap")
    @classmethod
    def _only_where_chosen(
        cls, value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> object:
        """An address counts only with its way ticked; then it has to be there."""
        way = Channel(str(info.field_name))
        if way not in info.data.get("ways", []):
            return None
        if value is None:
            raise plain_error(ADDRESS_WANTED[way])
        return read(value)

    @field_validator("first")
    @classmethod
    def _one_of_the_ways(cls, first: Channel | None, info: ValidationInfo) -> Channel | None:
        ways = info.data.get("ways", [])
        if len(ways) < 2:
            return None
        if first not in ways:
            raise plain_error("Choose which of the ways you ticked we should try first")
        return first

    def routes(self) -> tuple[Route, ...]:
        """The safe ways, the one to try first in front."""
        ways = [way for way in Channel if way in self.ways]
        ordered = sorted(ways, key=lambda way: way is not self.first)
        return tuple(Route(way, str(getattr(self, way.value))) for way in ordered)


ADDRESS_WANTED = {
    Channel.EMAIL: "Enter the email address",
    Channel.PHONE: "Enter the phone number to call",
    Channel.TEXT: "Enter the mobile number for text messages",
    Channel.LETTER: "Enter the postal address",
}


class TimesAnswers(Form):
    """When it is safe."""

    words: ClassVar[dict[str, str]] = {
        "safe_when.missing": "Choose when it is safe to be in touch",
        "opens": "Choose the time from which it is safe",
        "closes": "Choose the time until which it is safe",
    }

    safe_when: Literal["any", "some"]
    days: list[Weekday] = Field(default_factory=list, validate_default=True)
    opens: str | None = Field(default=None, validate_default=True)
    closes: str | None = Field(default=None, validate_default=True)

    @field_validator("days")
    @classmethod
    def _some_day(cls, days: list[Weekday], info: ValidationInfo) -> list[Weekday]:
        if info.data.get("safe_when") == "some" and not days:
            raise plain_error("Choose at least one day")
        return days

    @field_validator("opens", "closes")
    @classmethod
    def _a_time(cls, clock_time: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("safe_when") != "some":
            return None
        if clock_time is None or not CLOCK_SHAPE.fullmatch(clock_time):
            raise plain_error(cls.words[str(info.field_name)])
        opens = info.data.get("opens")
        if info.field_name == "closes" and opens is not None and clock_time <= opens:
            raise plain_error("The safe time must end later than it begins")
        return clock_time

    def hours(self) -> SafeHours:
        """The hours as the rules know them."""
        if self.safe_when == "any":
            return ANY_TIME
        return SafeHours(frozenset(self.days), minute_of(self.opens), minute_of(self.closes))


class PrivacyAnswers(Form):
    """Who else might see, hear or answer."""

    words: ClassVar[dict[str, str]] = {
        "who_else.missing": "Choose whether somebody else might see or hear a message from us",
    }

    who_else: WhoElse
    voicemail: bool = False
    """Nothing said means no."""
    avoid: Annotated[str, Line(300)] | None = None

    @field_validator("avoid")
    @classmethod
    def _few_short_words(cls, avoid: str | None) -> str | None:
        words = split_words(avoid)
        if len(words) > MOST_WORDS_TO_AVOID or any(len(word) > 40 for word in words):
            raise plain_error(f"Give up to {MOST_WORDS_TO_AVOID} short words, with commas between")
        return avoid


class SafeContactForm(PrivacyAnswers, TimesAnswers, ContactAnswers):
    """All of it on one page, as staff fill it in; errors come in the order of the last base."""

    words: ClassVar[dict[str, str]] = {
        **ContactAnswers.words,
        **TimesAnswers.words,
        **PrivacyAnswers.words,
    }


def newcomer(
    contact: ContactAnswers,
    times: TimesAnswers,
    privacy: PrivacyAnswers,
    born: date | None = None,
) -> Newcomer:
    """Who it is and how they may be reached, as the rules know it."""
    return Newcomer(contact.name, _safe_contact(contact, times, privacy), born)


def _safe_contact(
    contact: ContactAnswers, times: TimesAnswers, privacy: PrivacyAnswers
) -> SafeContact:
    return SafeContact(
        routes=contact.routes(),
        hours=times.hours(),
        who_else=privacy.who_else,
        voicemail=privacy.voicemail,
        avoid=split_words(privacy.avoid),
    )


def as_values(name: str, safe_contact: SafeContact) -> Values:
    """The answers that would give this block: what a form shows to have it changed."""
    safe = safe_contact.hours
    values: Values = {
        "name": name,
        "ways": [route.channel.value for route in safe_contact.routes],
        "first": safe_contact.routes[0].channel.value,
        "safe_when": "any" if safe.is_any_time else "some",
        "who_else": safe_contact.who_else.value,
        "voicemail": str(safe_contact.voicemail).lower(),
        "avoid": ", ".join(safe_contact.avoid),
        **{route.channel.value: route.address for route in safe_contact.routes},
    }
    if not safe.is_any_time:
        values["days"] = [day.value for day in WEEK if day in safe.days]
        values["opens"], values["closes"] = (
            as_clock(safe.opens_minute),
            as_clock(safe.closes_minute),
        )
    return values


def split_words(avoid: str | None) -> tuple[AvoidedWord, ...]:
    """`work, court ; money` → the three words, each once."""
    words = (" ".join(word.split()) for word in BETWEEN_WORDS.split(avoid or ""))
    return tuple(dict.fromkeys(word for word in words if word))


def minute_of(clock_time: str | None) -> int:
    """`09:30` → 570 minutes after midnight."""
    hour, minute = (clock_time or "").split(":")
    return int(hour) * 60 + int(minute)


def as_clock(minute: int) -> str:
    """570 minutes after midnight → `09:30`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def clock_choices(*also: str | list[str] | None) -> list[tuple[str, str]]:
    """The hours a form offers, and those that were chosen before by another way."""
    usual = {f"{hour:02}:00" for hour in range(EARLIEST_HOUR, LATEST_HOUR + 1)}
    chosen = {time for time in also if isinstance(time, str) and CLOCK_SHAPE.fullmatch(time)}
    return [(time, clock(minute_of(time))) for time in sorted(usual | chosen)]
