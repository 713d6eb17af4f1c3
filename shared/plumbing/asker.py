"""For whom something is done: a member of staff, somebody at the public form, or the service."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever a transaction is for, as the audit names them."""

    id: UUID | None
    """None where nobody in particular asks."""
    role: str
    """The roles they hold, in order, with a comma between; or `service`, or `public`."""
    reference: UUID | None = None
    """The request's reference, which its log lines carry too."""


SERVICE = Asker(None, "service")
"""The service itself: it acts on a fact, answers a question, or does what is due."""

PUBLIC = "public"


def asker_of(request: Request) -> Asker:
    """Whoever sent this request; `current_staff` has noted who that is where staff ask."""
    reference = getattr(request.state, "reference", None)
    staff = getattr(request.state, "staff", None)
    about = UUID(reference) if reference else None
    if staff is None:
        return Asker(None, PUBLIC, about)
    return Asker(staff.id, roles_in_order(staff.roles), about)


def roles_in_order(roles: Iterable[str]) -> str:
    """Several roles in one word of the audit."""
    return ",".join(sorted(roles)) or "none"
