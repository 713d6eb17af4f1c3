"""Taking a referral in."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.referral import ReferralReceived
from shared.contracts.refusal import Refusal
from shared.contracts.words import (
    DeclineReason,
    Happened,
    HeardAbout,
    Matter,
    ReportedToPolice,
    Side,
    Source,
)

REFERENCE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""No vowels, so that no word appears; no 0, 1, I, L or O, so that it survives being read aloud."""

REFERENCE_GROUPS = (3, 4, 3)
"""Ten letters out of 28: about 48 bits. A reference opens nothing by itself."""


class PermissionMissing(Refusal):
    """Somebody else sent the referral without saying that the person agreed."""


class Status(StrEnum):
    """Where a referral stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CLOSED = "closed"
    """It became a case, and work on that has ended."""


@dataclass(frozen=True)
class Request:
    """What is asked for, in coded words alone."""

    source: Source
    matter: Matter
    happened: Happened
    side: Side
    """How the person referred stands to the matter."""
    reported_to_police: ReportedToPolice
    area_id: UUID
    heard_about: HeardAbout
    permission_attested: bool = False
    """Whoever refers somebody else says that this person agreed to it."""


@dataclass(frozen=True)
class Referral:
    """A request that restorative justice be considered, and what became of it."""

    id: UUID
    reference: str
    person_id: UUID
    request: Request
    received_at: datetime
    status: Status = Status.WAITING
    decided_at: datetime | None = None
    decline_reason: DeclineReason | None = None
    referred_by: UUID | None = None
    """The partner officer who made it here; nobody of ours when it came another way, or when who
    it is about or who made it was erased."""
    version: int = 1
    """Grows with every change to the referral or anything on its case page."""


def reference_for(referral_id: UUID, key: bytes) -> str:
    """The reference to quote to us, such as `7KQ-4XB9-RMT`: always the same for one referral.

    It says nothing of the referral and, without the service's secret `key`, cannot be guessed.
    """
    number = int.from_bytes(hmac.digest(key, referral_id.bytes, "sha256"), "big")
    groups = []
    for size in REFERENCE_GROUPS:
        letters = ""
        for _ in range(size):
            number, place = divmod(number, len(REFERENCE_LETTERS))
            letters += REFERENCE_LETTERS[place]
        groups.append(letters)
    return "-".join(groups)


def receive(referral: Referral) -> ReferralReceived:
    """Take `referral` in and tell of it.

    Raises PermissionMissing when it is about somebody who is not said to have agreed.
    """
    request = referral.request
    if request.source is not Source.SELF and not request.permission_attested:
        raise PermissionMissing(
            "You can refer somebody else only if they have agreed that you pass on their details."
        )
    return ReferralReceived(
        referral_id=referral.id,
        person_id=referral.person_id,
        source=request.source,
        matter=request.matter,
        happened=request.happened,
        side=request.side,
        reported_to_police=request.reported_to_police,
        area_id=request.area_id,
        heard_about=request.heard_about,
    )
