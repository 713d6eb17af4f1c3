"""What the pages of the sign-in from outside stand on: the provider, and the browser's ticket."""

from urllib.parse import urlencode

import structlog
from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from services.referral.routes.secret import sign_in_key, ticket_key
from services.referral.sign_in.outside.arriving import Gate
from services.referral.sign_in.outside.fetching import ProviderUnavailable
from services.referral.sign_in.outside.provider import Provider
from services.referral.sign_in.outside.settings import outside
from services.referral.sign_in.tickets import GOOD_FOR
from shared.plumbing.gates import NOT_THERE
from shared.plumbing.service import service_of
from shared.plumbing.settings import CannotStart
from shared.plumbing.staff import SIGN_IN

OUTSIDE = SIGN_IN + "/outside"
TICKET, SECURE_TICKET = "parley-outside", "__Host-parley-outside"

ONLY_OUTSIDE = "Colleagues sign in with their organisation's account here. Open the sign-in page."

log = structlog.get_logger()


def provider_of(request: Request) -> Provider | None:
    """The organisation's sign-in; one for each app, so that what it fetched is kept.

    Whatever became of its settings since the start, nobody else's sign-in fails over it.
    """
    state = request.app.state
    if not hasattr(state, "provider"):
        try:
            settings = outside(service_of(request).settings)
        except CannotStart as why:
            log.error("outside_settings", reason=str(why))
            return None
        state.provider = Provider(settings) if settings else None
    found: Provider | None = state.provider
    return found


def gate(request: Request) -> Gate:
    """Where somebody comes in from outside. Raises 404 where nobody does."""
    provider, service = provider_of(request), service_of(request)
    if provider is None:
        raise HTTPException(404, NOT_THERE)
    return Gate(
        service.database,
        provider,
        sign_in_key(service.settings),
        ticket_key(service.settings),
        request.client.host if request.client else None,
    )


def outside_path(request: Request, then: str = "", **more: str) -> str:
    """The link to the organisation's sign-in; empty where there is none."""
    if provider_of(request) is None:
        return ""
    said = {name: value for name, value in {"next": then, **more}.items() if value}
    return f"{OUTSIDE}?{urlencode(said)}" if said else OUTSIDE


async def local_only(request: Request) -> None:
    """Refuse what belongs to accounts of our own where there are none."""
    if request.method == "POST" and not service_of(request).settings.local_accounts:
        raise HTTPException(403, ONLY_OUTSIDE)


LOCAL_ONLY = Depends(local_only)


async def sign_out_address(request: Request) -> str | None:
    """Where somebody can sign out of their organisation's account too, if it offers that."""
    provider = provider_of(request)
    if provider is None:
        return None
    try:
        await provider.discovered(service_of(request).world.now())
    except ProviderUnavailable:
        return None
    return provider.sign_out_address()


def kept_ticket(request: Request) -> str:
    """What this browser was sent with."""
    return request.cookies.get(_name(request), "")


def let_keep_ticket(answer: Response, request: Request, ticket: str) -> None:
    """Lax, not Strict: the way back begins at the provider."""
    answer.set_cookie(
        _name(request),
        ticket,
        max_age=int(GOOD_FOR.total_seconds()),
        secure=_https_only(request),
        httponly=True,
        samesite="lax",
        path="/",
    )


def forget_ticket(answer: Response, request: Request) -> None:
    answer.delete_cookie(
        _name(request), secure=_https_only(request), httponly=True, samesite="lax", path="/"
    )


def _name(request: Request) -> str:
    return SECURE_TICKET if _https_only(request) else TICKET


def _https_only(request: Request) -> bool:
    return bool(request.app.state.https_only)
