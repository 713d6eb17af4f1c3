"""What referral tells of a case that somebody opened in an emergency: who, which, until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.fact import Fact


class BreakGlassOpened(Fact):
    """Somebody who may not see a matter gave a reason to, and may look at it for a while."""

    subject: ClassVar[str] = "referral.break_glass_opened.v1"
    about: ClassVar[str] = "glass_id"

    glass_id: UUID
    referral_id: UUID
    person_id: UUID
    """The member of staff."""
    until: AwareDatetime
    """From this moment on it is closed; nobody has to tell that."""


class BreakGlassEnded(Fact):
    """They need not look at it any more, although the time had not run out."""

    subject: ClassVar[str] = "referral.break_glass_ended.v1"
    about: ClassVar[str] = "glass_id"

    glass_id: UUID
    referral_id: UUID
    person_id: UUID
    until: AwareDatetime
    """When it would have ended by itself."""


@dataclass(frozen=True)
class OpenedGlass:
    """One matter that one member of staff opened in an emergency."""

    glass_id: UUID
    matter_id: UUID
    person_id: UUID
    until: datetime
    version: int
    """Of two that contradict each other the one with the higher version is so."""
    holds: bool = True


GlassFact = BreakGlassOpened | BreakGlassEnded


def opened_glass(fact: GlassFact, version: int) -> OpenedGlass:
    """What a fact says of it, to be kept by whoever hears it."""
    return OpenedGlass(
        glass_id=fact.glass_id,
        matter_id=fact.referral_id,
        person_id=fact.person_id,
        until=fact.until,
        version=version,
        holds=isinstance(fact, BreakGlassOpened),
    )
