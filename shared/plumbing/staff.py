"""Who may call a route: everybody, or a member of staff.

Every route says so, once, best for a whole router at a time:

    public = APIRouter(prefix="/referral/refer", dependencies=[OPEN_TO_ALL])
    staff = APIRouter(prefix="/referral/cases", dependencies=[STAFF_ONLY])

and a route that wants to know who is asking takes `staff: StaffMember`, which says it as well.
`service.create` refuses a route that says neither. `who_may_call(route)` gives the answer for any
of `fastapi.routing.iter_route_contexts(app.routes)`.

Until sign-in exists staff pages are served in development on loopback alone, to the one seeded
coordinator; `refuse_unless_private` keeps any other process from starting.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from fastapi.dependencies.models import Dependant

from shared.contracts.access import AccessRole, Action, may_ever
from shared.plumbing.settings import LOOPBACK, CannotStart, Settings

DEMO_COORDINATOR_ID = UUID("0198c0de-0000-7000-8000-000000000001")
"""The member of staff everybody is in development; referral seeds the same id."""

NOT_PRIVATE = (
    "Staff pages have no sign-in yet, so Parley starts only in development on this machine alone: "
    "set PARLEY_ENVIRONMENT=development and PARLEY_HOST=127.0.0.1."
)

AUDIENCES = Literal["everybody", "staff"]


@dataclass(frozen=True)
class Staff:
    """The member of staff who is asking."""

    id: UUID
    roles: frozenset[AccessRole]
    areas: frozenset[UUID] = frozenset()
    """The areas they work in; none means all of them."""


async def open_to_all() -> None:
    """Anybody may call this route."""


async def current_staff(request: Request) -> Staff:
    """The member of staff who is asking; refuses whoever does not sit at this machine."""
    if not _sits_here(request):
        raise HTTPException(403, "Staff pages can only be opened on the machine Parley runs on.")
    staff = Staff(id=DEMO_COORDINATOR_ID, roles=frozenset(AccessRole))
    knows_what_to_show(request, staff)
    return staff


def knows_what_to_show(request: Request, staff: Staff) -> None:
    """Let pages leave out what this member of staff could not open anyway."""
    request.state.may = lambda action: may_ever(staff.roles, Action(action))


StaffMember = Annotated[Staff, Depends(current_staff)]
STAFF_ONLY = Depends(current_staff)
OPEN_TO_ALL = Depends(open_to_all)


def refuse_unless_private(settings: Settings) -> None:
    """Raise CannotStart where staff pages could be opened by somebody else."""
    if not settings.is_development or settings.host not in LOOPBACK:
        raise CannotStart(NOT_PRIVATE)


def who_may_call(route: Any) -> AUDIENCES | None:  # noqa: ANN401 - FastAPI's route contexts have no public type
    """Who may call this route; None when it does not say."""
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return None
    calls = set(_calls(dependant))
    if current_staff in calls:
        return "staff"
    return "everybody" if open_to_all in calls else None


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _sits_here(request: Request) -> bool:
    """Both ends are this machine, and the address bar says so too.

    The last is against DNS rebinding: a foreign page whose name was made to mean 127.0.0.1.
    """
    server = request.scope.get("server")
    ends = (request.client.host if request.client else None, server[0] if server else None)
    return all(_is_loopback(end) for end in ends) and request.url.hostname in LOOPBACK


def _is_loopback(host: str | None) -> bool:
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
