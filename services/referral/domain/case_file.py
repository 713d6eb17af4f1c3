"""What keeps two people from working on one case page against each other."""

from typing import ClassVar

from services.referral.domain.intake import Referral
from shared.contracts.refusal import Refusal


class NotThere(Refusal):
    """What the address names does not exist, or does not belong here."""

    status: ClassVar[int] = 404


class PageOutOfDate(Refusal):
    """Something changed since the page was opened; nothing was saved."""

    status: ClassVar[int] = 409


def refuse_stale(referral: Referral, seen_version: int) -> None:
    """Raise PageOutOfDate unless the page showed the referral as it is now."""
    if referral.version != seen_version:
        raise PageOutOfDate(
            "Somebody has changed this since you opened the page, so nothing was saved. "
            "Open it again and see whether it is still what you want."
        )
