"""Secrets that we hand out once, and the digests by which we know them again."""

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
import unicodedata
from uuid import UUID

from services.referral.actions.accounts import invite
from services.referral.actions.sessions import begin_session
from services.referral.domain.accounts import RECOVERY_CODES, InvitedTo, Means
from shared.plumbing.database import Session
from shared.plumbing.session_cookie import digest_of

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""For codes that people copy by hand: nothing that looks like something else, and no words."""

_GROUPS, _IN_A_GROUP = 4, 5


def new_token() -> str:
    """256 random bits, for a session or a link."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """The digest of a token; for what has not a token's form, one that nothing has."""
    return bytes.fromhex(digest_of(token)) if TOKEN.fullmatch(token) else bytes(32)


def name_digest(key: bytes, email: str) -> bytes:
    """What an address is known by at sign-in: keyed, so that the store alone tells no address."""
    name = unicodedata.normalize("NFKC", email).strip().casefold()
    return hmac.digest(key, b"name|" + name.encode("utf-8", "replace"), hashlib.sha256)


def outside_digest(key: bytes, *parts: str) -> bytes:
    """What another sign-in's words are known by here: a person's, a session's, a token's."""
    return hmac.digest(key, b"outside|" + json.dumps(parts).encode(), hashlib.sha256)


def person_key(key: bytes, person_id: UUID) -> bytes:
    """What one person's tries of a code are counted under."""
    return hmac.digest(key, b"person|" + person_id.bytes, hashlib.sha256)


def place_key(key: bytes, address: str | None) -> bytes:
    """What tries from one place are counted under: its /24, or its /56 with IPv6."""
    try:
        one = ipaddress.ip_address(address or "")
        size = 24 if one.version == 4 else 56
        place = str(ipaddress.ip_network((one, size), strict=False))
    except ValueError:
        place = "unknown"
    return hmac.digest(key, b"place|" + place.encode(), hashlib.sha256)


def new_recovery_codes() -> list[str]:
    """Ten codes of 96 random bits each, in groups that can be copied by hand."""
    return [
        "-".join(
            "".join(secrets.choice(_LETTERS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str) -> bytes:
    """The digest of a recovery code, however its groups are written."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return hashlib.sha256(b"recovery|" + plain.encode()).digest()


async def begin(
    session: Session, person_id: UUID, means: Means, outside_sid: bytes | None = None
) -> str:
    """Sign somebody in who has shown who they are; gives the token for their browser."""
    token = new_token()
    await begin_session(session, person_id, token_digest(token), means, outside_sid)
    return token


async def new_link(session: Session, person_id: UUID, invited_to: InvitedTo) -> str:
    """The path of a link that leads one person in, once."""
    token = new_token()
    await invite(session, person_id, token_digest(token), invited_to)
    return f"{LINKS[invited_to]}/{token}"


LINKS = {
    InvitedTo.SET_UP: "/referral/account/set-up",
    InvitedTo.DEMONSTRATION: "/referral/sign-in/demonstration",
}
