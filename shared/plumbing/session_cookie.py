"""The cookie that carries a session's token; a store only ever holds the token's digest."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "parley"
"""In development on loopback, where there is no https."""

SECURE_COOKIE = "__Host-parley"
"""Everywhere else: browsers take it over https alone, from this host alone, for every path."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits, as `secrets.token_urlsafe(32)` writes them."""


def session_token(request: Request) -> str | None:
    """The token this request came with; None without one, or when it has not a token's form.

    Over https the other name counts for nothing: a neighbouring host could have set it.
    """
    token = request.cookies.get(_name(request), "")
    return token if _TOKEN.fullmatch(token) else None


def digest_of(token: str) -> str:
    """What the store and the other services know of a token: SHA-256, in hex.

    A token is 256 random bits, so nothing slower is needed.
    """
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def give(response: Response, request: Request, token: str) -> None:
    """Let the browser keep this token until it is closed, or told to forget it.

    Lax, not Strict: a link in a letter to staff, and the way back from another sign-in, begin
    elsewhere. Forms of other sites are refused by the armour.
    """
    response.set_cookie(
        _name(request), token, secure=_https_only(request), httponly=True, samesite="lax", path="/"
    )


def take_back(response: Response, request: Request) -> None:
    """Let the browser forget its token."""
    response.delete_cookie(
        _name(request), secure=_https_only(request), httponly=True, samesite="lax", path="/"
    )


def _name(request: Request) -> str:
    return SECURE_COOKIE if _https_only(request) else COOKIE


def _https_only(request: Request) -> bool:
    return bool(getattr(request.app.state, "https_only", True))
