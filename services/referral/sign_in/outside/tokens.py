"""What the provider signed: who somebody is, and that they signed out.

Every claim we rely on is checked here: who signed and with what, who it is from and for, when, and
that it answers the question this very browser asked (OpenID Connect Core 1.0, 3.1.3.7).
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from services.referral.sign_in.outside.provider import Provider

LEEWAY = timedelta(seconds=30)
"""How far its clock may be from ours."""

FRESH = timedelta(minutes=10)
"""No token is older: it was made for somebody who is coming in just now."""

LONGEST_SUBJECT = 255
LONGEST_TOKEN = 32 * 1024

SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"


class TokenRefused(Exception):
    """A token that does not say, or not to us, what it has to; `reason` is fit for a log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Identity:
    """Who the provider says somebody is."""

    subject: str
    groups: tuple[str, ...]
    email: str | None
    """Only where the provider has seen to it that it is theirs."""
    session: str | None
    """The provider's own name of this sign-in."""
    shown_at: datetime | None
    """When they last showed there that it is they."""


@dataclass(frozen=True)
class Leaving:
    """Whom the provider has signed out: everywhere, or in one of their sessions."""

    id: str
    good_until: datetime
    subject: str | None
    session: str | None


async def identity_in(provider: Provider, token: str, nonce: str, now: datetime) -> Identity:
    """Whom an ID token is about. Raises TokenRefused or ProviderUnavailable."""
    claims = await _claims(provider, token, now)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenRefused("nonce")
    subject = _text(claims, "sub")
    if subject is None or len(subject) > LONGEST_SUBJECT:
        raise TokenRefused("sub")
    verified = claims.get("email_verified") is True
    return Identity(
        subject=subject,
        groups=_groups(claims.get(provider.outside.groups_claim)),
        email=_text(claims, "email") if verified else None,
        session=_text(claims, "sid"),
        shown_at=_moment(claims.get("auth_time")),
    )


async def leaving_in(provider: Provider, token: str, now: datetime) -> Leaving:
    """Whom a logout token is about (Back-Channel Logout 1.0, 2.6). Raises as `identity_in`."""
    claims = await _claims(provider, token, now)
    events, id = claims.get("events"), _text(claims, "jti")
    if not isinstance(events, dict) or not isinstance(events.get(SIGNED_OUT), dict):
        raise TokenRefused("events")
    if "nonce" in claims:  # an ID token is no logout token
        raise TokenRefused("nonce")
    subject, session = _text(claims, "sub"), _text(claims, "sid")
    if id is None or (subject is None and session is None):
        raise TokenRefused("jti" if id is None else "sub")
    return Leaving(id, now + FRESH + LEEWAY * 2, subject, session)


async def _claims(provider: Provider, token: str, now: datetime) -> dict[str, Any]:
    """The claims of a token that is signed, from whom and for whom it must be, and of now."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise TokenRefused("form")
    try:
        claims = await _signed(provider, token, now)
        registry = JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(LEEWAY.total_seconds()),
            iss={"essential": True},
            aud={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(claims)
    except JoseError as error:
        raise TokenRefused(error.error) from None
    except (ValueError, TypeError, AttributeError, KeyError):
        raise TokenRefused("form") from None
    if claims["iss"] != provider.outside.issuer:
        raise TokenRefused("iss")
    _refuse_others(claims, provider.outside.client_id)
    if int(now.timestamp()) - claims["iat"] > (FRESH + LEEWAY).total_seconds():
        raise TokenRefused("iat")
    return claims


async def _signed(provider: Provider, token: str, now: datetime) -> dict[str, Any]:
    keys, algorithms = await provider.keys(now)
    try:
        return _opened(token, keys, algorithms)
    except InvalidKeyIdError:
        keys, algorithms = await provider.keys(now, newer=True)
        return _opened(token, keys, algorithms)


def _opened(token: str, keys: Any, algorithms: list[str]) -> dict[str, Any]:  # noqa: ANN401 - joserfc's own union
    # Unknown headers mean nothing to us, except those that say that they have to (`crit`).
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    return jwt.decode(token, keys, registry=registry).claims


def _refuse_others(claims: dict[str, Any], client_id: str) -> None:
    """Raise TokenRefused for what is not for us, or was asked for by somebody else."""
    audience = claims["aud"]
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise TokenRefused("aud")
    if (len(several) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise TokenRefused("azp")


def _groups(given: object) -> tuple[str, ...]:
    """The groups that are named; anything that is not a list of names is none."""
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(one for one in listed if isinstance(one, str))


def _text(claims: dict[str, Any], name: str) -> str | None:
    found = claims.get(name)
    return found if isinstance(found, str) and found else None


def _moment(given: object) -> datetime | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        return datetime.fromtimestamp(given, UTC)
    except (OverflowError, OSError, ValueError):
        return None
