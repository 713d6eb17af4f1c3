"""Signing in with the organisation's own sign-in: out to it, back from it, and out by its word."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from services.referral import store
from services.referral.domain.arrivals import NotIn
from services.referral.routes.entering import ACCOUNT, Submitted, enter, home_of, wanted
from services.referral.routes.outside_door import (
    OUTSIDE,
    forget_ticket,
    gate,
    kept_ticket,
    let_keep_ticket,
)
from services.referral.sign_in.local import TooManyTries
from services.referral.sign_in.outside.arriving import (
    Again,
    Answered,
    Arrived,
    NotLetIn,
    Purpose,
    Wanted,
)
from services.referral.sign_in.outside.fetching import ProviderUnavailable
from services.referral.sign_in.outside.settings import BACK
from shared.plumbing.service import service_of
from shared.plumbing.session_cookie import digest_of, session_token
from shared.plumbing.staff import OPEN_TO_ALL, NotSignedIn, Staff
from shared.ui.pages import render

ENDED = OUTSIDE + "/ended"
"""Where the provider's own servers say that somebody signed out there."""

LONGEST = 4096
"""No code or state of any provider is longer."""

TITLE = "Your organisation's sign-in"
WORDS = {
    NotIn.NO_GROUP: (
        "Your organisation knows you, but you cannot use Parley with this account. If you work "
        "here, ask whoever looks after your organisation's accounts to put you into a group for "
        "Parley."
    ),
    NotIn.UNKNOWN: (
        "Your organisation knows you, but you cannot use Parley with this account. If you work "
        "here, ask a manager to add you, or for a new invitation."
    ),
    NotIn.LAST_COORDINATOR: (
        "Your organisation no longer names you a coordinator, and there is no other one here. "
        "Another coordinator has to be added first, so that new referrals are seen."
    ),
}
AGAIN = "The sign-in could not be finished. Nothing was changed. Begin again."
UNAVAILABLE = (
    "Your organisation's sign-in does not answer at the moment. Please try again in a few minutes."
)

router = APIRouter(dependencies=[OPEN_TO_ALL], include_in_schema=False)

log = structlog.get_logger()


async def whoever_is_here(request: Request) -> Staff | None:
    """Whoever is signed in in this browser, if anybody is."""
    token = session_token(request)
    found: Staff | None = None
    if token is not None:
        found = await request.app.state.sessions.whose(digest_of(token))
    return found


Here = Annotated[Staff | None, Depends(whoever_is_here)]


@router.get(OUTSIDE)
async def leave_for_outside(request: Request, here: Here) -> Response:
    """Go to the organisation's sign-in; or, with `confirm`, show there that it is still you."""
    at = gate(request)
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return _trouble(request, 409, AGAIN)  # only a page of ours sends anybody there
    then = wanted(request.query_params.get("next"))
    going = Wanted(then=then, invitation=request.query_params.get("invitation", "")[:100])
    if "confirm" in request.query_params:
        if here is None:
            raise NotSignedIn
        going = Wanted(Purpose.CONFIRM, then, session_id=here.session_id)
    try:
        address, ticket = await at.send(going)
    except ProviderUnavailable:
        return _trouble(request, 503, UNAVAILABLE)
    answer = RedirectResponse(address, status_code=303)
    let_keep_ticket(answer, request, ticket)
    return answer


@router.get(BACK)
async def come_back(request: Request, here: Here) -> Response:
    """Somebody comes back from there, with a code or with none."""
    answer = await _received(request, here)
    forget_ticket(answer, request)
    return answer


@router.post(ENDED)
async def end_there(request: Request, values: Submitted) -> Response:
    """A logout token of the provider (OpenID Connect Back-Channel Logout 1.0)."""
    at = gate(request)
    try:
        await at.signed_out(str(values.get("logout_token", "")))
    except Again as why:
        log.warning("outside_logout_refused", reason=why.reason)
        raise HTTPException(400, "That is no logout token for us.") from None
    except ProviderUnavailable:
        raise HTTPException(503, UNAVAILABLE) from None
    return Response(status_code=200)


async def _received(request: Request, here: Staff | None) -> Response:
    at = gate(request)
    given = Answered(
        state=_one(request, "state") or "",
        code=_one(request, "code") or "",
        issuer=_one(request, "iss"),
        error="error" in request.query_params,
    )
    try:
        arrived = await at.receive(given, kept_ticket(request), here)
    except Again as why:
        log.warning("outside_sign_in_refused", reason=why.reason)
        return _trouble(request, 409, AGAIN)
    except NotLetIn as not_in:
        log.warning("outside_sign_in_refused", reason=not_in.why.value)
        return _trouble(request, 403, WORDS[not_in.why])
    except ProviderUnavailable:
        return _trouble(request, 503, UNAVAILABLE)
    except TooManyTries:
        return _trouble(request, 429, "There were too many tries. Wait a minute, then begin again.")
    return enter(request, arrived.token, await _then(request, arrived))


async def _then(request: Request, arrived: Arrived) -> str:
    """Where they wanted to go, or else where they begin."""
    if arrived.wanted.then:
        return arrived.wanted.then
    if arrived.wanted.purpose is Purpose.CONFIRM:
        return f"{ACCOUNT}?done=confirmed"
    async with service_of(request).database.reading() as session:
        roles = await store.accounts.roles_of(session, arrived.person_id)
    return home_of(frozenset(role.value for role in roles))


def _one(request: Request, name: str) -> str | None:
    """What the address says once; nothing where it says it twice, or far too much."""
    given = request.query_params.getlist(name)
    return given[0] if len(given) == 1 and len(given[0]) <= LONGEST else None


def _trouble(request: Request, status: int, words: str) -> Response:
    """A plain page with a way on; nothing the provider said is repeated."""
    return render(
        request,
        "sign_in/outside.html",
        status,
        title=TITLE,
        words=words,
        local=service_of(request).settings.local_accounts,
    )
