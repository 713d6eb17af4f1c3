"""What every page of the sign-in shares: its keys, its way in, and where it leads."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from services.referral.routes.secret import sign_in_key, ticket_key
from services.referral.sign_in import tickets
from services.referral.sign_in.local import Desk
from services.referral.sign_in.passwords import Passwords
from services.referral.sign_in.tickets import TicketOver
from shared.contracts.access import AccessRole
from shared.plumbing.service import service_of
from shared.plumbing.session_cookie import give
from shared.plumbing.staff import own_path
from shared.ui.forms import Values, submitted

Submitted = Annotated[Values, Depends(submitted)]

ACCOUNT = "/referral/account"

HOMES = {
    AccessRole.COORDINATOR: "/referral/cases",
    AccessRole.MANAGER: "/referral/cases",
    AccessRole.FACILITATOR: "/scheduling/",
    AccessRole.FUNDER: "/reporting/released",
    AccessRole.PARTNER_OFFICER: "/referral/partner",
}
"""Where each begins who did not say where to; the first that fits. Anybody else: their account."""

_PASSWORDS = Passwords()
"""One for the whole process, so that its memory is bounded however many apps are in it."""


def desk(request: Request) -> Desk:
    """Where somebody signs in."""
    service = service_of(request)
    return Desk(
        service.database,
        passwords_of(request),
        sign_in_key(service.settings),
        request.client.host if request.client else None,
    )


def passwords_of(request: Request) -> Passwords:
    found: Passwords = getattr(request.app.state, "passwords", _PASSWORDS)
    return found


def ticket(request: Request, purpose: str, **content: str) -> str:
    """What the next page is handed."""
    service = service_of(request)
    return tickets.issue(purpose, content, ticket_key(service.settings), service.world.now())


def read_ticket(request: Request, purpose: str, values: Values) -> dict[str, str] | None:
    """What the page before handed on; None when it is over."""
    service = service_of(request)
    try:
        key = ticket_key(service.settings)
        return tickets.read(purpose, values.get("ticket"), key, service.world.now())
    except TicketOver:
        return None


def wanted(given: object) -> str:
    """Where somebody wanted to go, if that is a page of ours; else nowhere in particular."""
    return own_path(given) or ""


def home_of(roles: frozenset[str]) -> str:
    return next((home for role, home in HOMES.items() if role.value in roles), ACCOUNT)


def enter(request: Request, token: str, then: str) -> Response:
    """Signed in: the browser gets its new token, and goes on."""
    answer = RedirectResponse(then or ACCOUNT, status_code=303)
    give(answer, request, token)
    return answer
