"""Every route says what is done there; whoever may not do it finds nothing there.

    router = APIRouter(prefix="/referral/cases")

    @router.get("/{referral_id}", dependencies=[may(Action.SEE_CASE, about="referral_id")])

The gate decides before the route begins, by what the store says at that moment. With `about` it
is decided for the matter the path names; the service's blueprint has a finder for each such name.
Without, it is decided by role alone, and the route cuts its list with `Standings.visible`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from fastapi import Depends, HTTPException, Request

from shared.contracts.access import Action, Context, Decision, Relation, Resource, decide
from shared.plumbing import audit
from shared.plumbing.blueprint import Service
from shared.plumbing.database import Session
from shared.plumbing.edge import service_of
from shared.plumbing.staff import Staff, StaffMember, calls_of, confirm_path, knows_what_to_show

NOT_THERE = (
    "Check the address. If it is right, what was there is gone, or it was made a moment ago: "
    "then try again in a moment."
)
"""Said of what is not there and of what somebody may not know of, word for word."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Matter:
    """What a path names: the matter, and the person in it where it is about one."""

    id: UUID
    person_id: UUID | None = None


Finder = Callable[[Session, dict[str, UUID]], Awaitable[Matter | None]]
"""Finds the matter from the ids in a path; None when there is no such thing."""


class Gate:
    """Lets a request through, or answers as if nothing were there."""

    def __init__(self, action: Action, about: str | None = None) -> None:
        self.action, self.about = action, about

    async def __call__(self, request: Request, staff: StaffMember) -> None:
        request.state.staff = staff  # the audit names whoever asks
        knows_what_to_show(request, staff)
        matter, resource = await self._resource(request, staff)
        context = Context(confirmed=_is_confirmed(request, staff))
        decision = decide(staff, self.action, resource, context)
        if decision is Decision.ALLOWED:
            await self._note_glass(request, staff, matter, resource, context)
            return
        if decision is Decision.CONFIRM:
            raise HTTPException(303, headers={"location": confirm_path(request.url.path)})
        log.warning("refused", action=self.action.value, staff_id=str(staff.id))
        await self._note(request, matter)
        raise HTTPException(404, NOT_THERE)

    async def _resource(self, request: Request, staff: Staff) -> tuple[Matter | None, Resource]:
        if self.about is None:
            return None, Resource()
        service = service_of(request)
        ids = _ids(request)
        async with service.database.reading() as session:
            matter = await service.finders[self.about](session, ids)
            if matter is None:
                raise HTTPException(404, NOT_THERE)
            assert service.standings is not None  # noqa: S101 - who has finders has standings
            found = await service.standings.relations(session, staff, matter.id, matter.person_id)
        return matter, Resource(found)

    async def _note_glass(
        self,
        request: Request,
        staff: Staff,
        matter: Matter | None,
        resource: Resource,
        context: Context,
    ) -> None:
        """What is seen only because they opened it in an emergency is audited under just that."""
        relations = resource.relations or frozenset()
        if matter is None or Relation.BROKEN_GLASS not in relations:
            return
        otherwise = Resource(relations - {Relation.BROKEN_GLASS})
        if decide(staff, self.action, otherwise, context) is Decision.HIDDEN:
            service = service_of(request)
            assert service.standings is not None  # noqa: S101 - or there were no relations
            async with service.database.reading() as session:
                glass = service.standings.glass
                request.state.glass_id = await glass.of(session, staff.id, matter.id)

    async def _note(self, request: Request, matter: Matter | None) -> None:
        """Somebody tried: who, what and towards which matter is kept."""
        if not hasattr(request.app.state, "service"):
            return  # the mailbox of a development copy has no store
        denied = audit.Entry(
            verb=audit.Verb.CONSULTATION,
            purpose=self.action.value,
            outcome=audit.Outcome.DENIED,
            referral_id=matter.id if matter else None,
            person_id=matter.person_id if matter else None,
        )
        await audit.looked(request, denied)


def may(action: Action, about: str | None = None) -> Any:  # noqa: ANN401 - as FastAPI's Depends
    """What is done at a route, and the name in its path that says to which matter."""
    return Depends(Gate(action, about))


def gates_of(route: Any) -> list[Gate]:  # noqa: ANN401 - FastAPI's route contexts have no public type
    """The gates a request to this route has to pass; none when it does not say."""
    dependant = getattr(route, "dependant", None)
    return (
        [] if dependant is None else [one for one in calls_of(dependant) if isinstance(one, Gate)]
    )


def _is_confirmed(request: Request, staff: Staff) -> bool:
    service: Service | None = getattr(request.app.state, "service", None)
    return service is not None and staff.is_stepped_up(service.world.now())


def _ids(request: Request) -> dict[str, UUID]:
    """The ids in the path. Raises 404 for what is no id."""
    found = {}
    for name, value in request.path_params.items():
        if name.endswith("_id"):
            try:
                found[name] = UUID(str(value))
            except ValueError:
                raise HTTPException(404, NOT_THERE) from None
    return found
