"""Codes of an authenticator: six figures that both sides work out from the time (RFC 6238)."""

import hmac
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup

from services.referral.domain.accounts import steps_at

ISSUER = "Parley"

_NOBODYS = pyotp.random_base32()
"""For whoever is not there: their codes cost the same, and fit by chance at most, in vain."""


def new_secret() -> str:
    """160 random bits, in base32."""
    return pyotp.random_base32()


def step_of(secret: str | None, code: str, now: datetime) -> int | None:
    """Which step this code belongs to; None for none of those that count now.

    Every step is compared whole, in the same time whatever the code is.
    """
    codes = pyotp.TOTP(secret or _NOBODYS)
    given = "".join(code.split()).encode("utf-8", "replace")
    fits = [
        step
        for step in steps_at(now)
        if hmac.compare_digest(codes.generate_otp(step).encode(), given)
    ]
    return fits[-1] if fits and secret else None


def address_of(secret: str, email: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture_of(secret: str, email: str) -> Markup:
    """The QR code as SVG, with no style in it, for the page itself: no request may carry it."""
    drawn = segno.make(address_of(secret, email), micro=False, error="m")
    svg = drawn.svg_inline(
        scale=5, border=4, light="#fff", svgclass=None, lineclass=None, title="QR code"
    )
    return Markup(svg)  # noqa: S704 - segno's own


def in_groups(secret: str) -> str:
    """The secret for somebody who types it in."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
