"""Who may call a route: everybody, or a member of staff who is signed in.

Every route says so, once, best for a whole router at a time:

    public = APIRouter(prefix="/referral/refer", dependencies=[OPEN_TO_ALL])
    staff = APIRouter(prefix="/referral/cases", dependencies=[STAFF_ONLY])

and a route that wants to know who is asking takes `staff: StaffMember`, which says it as well.
`service.create` refuses a route that says neither. `who_may_call(route)` gives the answer for any
of `fastapi.routing.iter_route_contexts(app.routes)`.

Who is signed in is known to `app.state.sessions`: referral looks into its own store, the other
services ask it (`asked_sessions.py`). Whatever goes wrong there, nobody gets in.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from shared.contracts.access import Action, Actor, may_ever
from shared.plumbing.csrf import OUR_OWN_FORM
from shared.plumbing.reads import note_read
from shared.plumbing.session_cookie import digest_of, session_token
from shared.plumbing.settings import LOOPBACK

SIGN_IN = "/referral/sign-in"

AUDIENCES = Literal["everybody", "staff"]

_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,499}")
"""From the root of this site, in visible ASCII without a backslash."""


@dataclass(frozen=True)
class Staff(Actor):
    """The member of staff who is asking."""

    session_id: UUID | None = None
    stepped_up_until: datetime | None = None
    """Until when they have just shown a code once more, for what needs that."""

    def is_stepped_up(self, now: datetime) -> bool:
        return self.stepped_up_until is not None and now < self.stepped_up_until


class Sessions(Protocol):
    """Who is signed in."""

    async def whose(self, digest: str) -> Staff | None:
        """Whose session has this token digest; None for nobody's. Raises SignInUnavailable."""


class NotSignedIn(Exception):
    """Nobody is signed in: a page leads to the sign-in, anything else is answered 401."""


class SignInUnavailable(Exception):
    """Nobody can say who is signed in: the answer is 503, and nobody gets in."""


async def open_to_all() -> None:
    """Anybody may call this route."""


async def current_staff(request: Request, _: Annotated[None, OUR_OWN_FORM]) -> Staff:
    """The member of staff who is asking. Raises NotSignedIn or SignInUnavailable.

    Whatever changes something has to come from a form of ours, and what is read is counted.
    """
    token = session_token(request)
    if token is None:
        raise NotSignedIn
    sessions: Sessions = request.app.state.sessions
    found = await sessions.whose(digest_of(token))
    if found is None:
        raise NotSignedIn
    request.state.staff = found  # whoever asks is named in the audit: `asker.py`
    knows_what_to_show(request, found)
    await note_read(request, found.id)
    return found


def knows_what_to_show(request: Request, staff: Staff) -> None:
    """Let pages leave out what this member of staff could not open anyway."""
    request.state.may = lambda action: may_ever(staff.roles, Action(action))


StaffMember = Annotated[Staff, Depends(current_staff)]
STAFF_ONLY = Depends(current_staff)
OPEN_TO_ALL = Depends(open_to_all)


def sign_in_path(request: Request) -> str:
    """Where to sign in, and come back to this page afterwards."""
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = own_path(request.url.path + query)
    return f"{SIGN_IN}?{urlencode({'next': wanted})}" if wanted else SIGN_IN


def own_path(path: object) -> str | None:
    """The path, if it surely leads to a page of this site; nobody is sent anywhere else."""
    return path if isinstance(path, str) and _OWN_PATH.fullmatch(path) else None


def confirm_path(then: str) -> str:
    """Where somebody shows once more that it is they, and is then led on."""
    return f"{SIGN_IN}/confirm?{urlencode({'next': then})}"


def who_may_call(route: Any) -> AUDIENCES | None:  # noqa: ANN401 - FastAPI's route contexts have no public type
    """Who may call this route; None when it does not say."""
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return None
    calls = set(calls_of(dependant))
    if current_staff in calls:
        return "staff"
    return "everybody" if open_to_all in calls else None


def calls_of(dependant: Dependant) -> Iterator[object]:
    """Everything a route depends on, and what that depends on in turn."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_of(inner)


def sits_here(request: Request) -> bool:
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
