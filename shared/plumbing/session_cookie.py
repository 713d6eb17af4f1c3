"""The cookie by which a browser says who is signed in; what it holds is a random token."""

from starlette.requests import Request

COOKIE = "parley"
"""In development, on loopback, where there is no https."""
SECURE_COOKIE = "__Host-parley"
"""Everywhere else. Browsers take this name only over https, from this very host."""


def session_token(request: Request) -> str | None:
    """What the cookie holds; it is checked by whoever looks the session up."""
    service = getattr(getattr(request.get("app"), "state", None), "service", None)
    in_development = service is None or service.settings.is_development
    return request.cookies.get(COOKIE if in_development else SECURE_COOKIE) or None
