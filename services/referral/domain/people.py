"""People, and how each of them has said they may be reached safely."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.referral.domain.safe_hours import ANY_TIME, SafeHours
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel

MOST_WORDS_TO_AVOID = 10

ERASED_NAME = "Erased person"
"""In place of a name that was destroyed for good."""

ADDRESS_SHAPE = {
    Channel.EMAIL: re.compile(r"[^\s@,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    Channel.PHONE: re.compile(r"\+44[1-9]\d{8,9}"),
    Channel.TEXT: re.compile(r"\+447\d{9}"),
    Channel.LETTER: re.compile(r"\S[^\x00-\x09\x0b-\x1f\x7f]{4,399}"),
}
"""The last fence: what no reading of a form or a file may let through. One address, no list."""


class WhoElse(StrEnum):
    """Whether somebody else could see, hear or answer what we send."""

    NOBODY = "nobody"
    SOMEBODY = "somebody"
    NOT_SURE = "not_sure"


class NoSafeWay(Refusal):
    """There is no route, or one that could reach somebody else."""


@dataclass(frozen=True)
class Route:
    """One way to reach a person that they have said is safe."""

    channel: Channel
    address: str
    """An email address, a British number as E.164, or the lines of a postal address."""

    def __post_init__(self) -> None:
        """Refuse an address that is not exactly one address of its kind."""
        if not ADDRESS_SHAPE[self.channel].fullmatch(self.address):
            raise NoSafeWay(f"This is not one address for {self.channel.value}.")


@dataclass(frozen=True)
class SafeContact:
    """What a person has said about being reached. Nothing else may be used to reach them."""

    routes: tuple[Route, ...]
    """The safe ways, best first; each channel once."""
    hours: SafeHours
    who_else: WhoElse
    voicemail: bool
    """Whoever calls may leave a message."""
    avoid: tuple[str, ...] = ()
    """Words that must not appear in anything we send or say."""

    def __post_init__(self) -> None:
        """Refuse a block that names no way, or the same way twice."""
        if not self.routes:
            raise NoSafeWay("Give at least one way in which it is safe to be in touch.")
        channels = [route.channel for route in self.routes]
        if len(set(channels)) != len(channels):
            raise NoSafeWay("Give each way of being in touch only once.")
        if len(self.avoid) > MOST_WORDS_TO_AVOID:
            raise NoSafeWay(f"Give {MOST_WORDS_TO_AVOID} words to avoid at most.")

    def route_by(self, channel: Channel) -> Route | None:
        """The declared route of this channel, if there is one."""
        return next((route for route in self.routes if route.channel is channel), None)

    @property
    def first(self) -> Route:
        """The way they want to be tried first."""
        return self.routes[0]


@dataclass(frozen=True)
class Person:
    """Somebody we know: a party of a case or a member of staff."""

    id: UUID
    name: str
    asked_no_contact_at: datetime | None = None
    """When they said that we must not contact them; nothing is sent while this is set."""
    version: int = 0
    """Grows with every change, and with every fact told about them."""
    born: date | None = None
    """Asked for where it helps to tell two people of one name apart, and never needed."""
    erased: bool = False
    """Everything that was kept of them is gone for good; the id alone is left."""


class WasErased(Refusal):
    """There is nobody left about whom anything could be recorded."""

    status: ClassVar[int] = 409


def refuse_erased(person: Person) -> None:
    """Raise WasErased for somebody of whom nothing is left."""
    if person.erased:
        raise WasErased("What was kept of this person was erased, so nothing can be recorded.")


def surname(name: str) -> str:
    """The last word of a name, without what people write differently: accents and capitals."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(
        one if one.isalnum() else " " for one in plain if not unicodedata.combining(one)
    )
    return (letters.split() or [""])[-1]


@dataclass(frozen=True)
class Newcomer:
    """Somebody we do not know yet, as they or somebody for them introduced them."""

    name: str
    safe_contact: SafeContact
    born: date | None = None


def staff_contact(email: str) -> SafeContact:
    """How a colleague is reached: by work email, at any time."""
    return SafeContact(
        routes=(Route(Channel.EMAIL, email),),
        hours=ANY_TIME,
        who_else=WhoElse.NOBODY,
        voicemail=False,
    )
