"""Pages on which staff see who looked at a case, or at somebody's data, and who changed it.

`/<service>/audit/cases/<id>` and `/<service>/audit/people/<id>`. Each service shows what it knows
and says where the others do. Looking here is noted like any other look.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from shared.contracts.access import Action
from shared.contracts.catalogue import SERVICES
from shared.plumbing.audit import looking
from shared.plumbing.audit.entry import Entry, Outcome, Verb
from shared.plumbing.audit.looking import Noted
from shared.plumbing.audit.recording import looked
from shared.plumbing.edge import service_of
from shared.plumbing.gates import may
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.pages import STAFF_PLACES, render
from shared.ui.paging import paged

ON_A_PAGE = 50

NamesOf = Callable[[Request, Staff, Iterable[UUID]], Awaitable[Mapping[UUID, str]]]
"""What these people are called, for this member of staff; whoever is missing is shown by id."""

PageNumber = Annotated[int, Query(alias="page", ge=1, le=100_000)]

DID = {
    Verb.COLLECTION: "Took in",
    Verb.ALTERATION: "Changed",
    Verb.CONSULTATION: "Looked at",
    Verb.DISCLOSURE: "Was shown",
    Verb.COMBINATION: "Put together",
    Verb.ERASURE: "Erased",
}
INSTEAD = {
    Outcome.DONE: "",
    Outcome.REFUSED: "Asked for, and not possible",
    Outcome.DENIED: "Asked for, and not allowed",
}
NOBODY = {
    "service": "Parley itself",
    "public": "Whoever sent the form",
    "operator": "Whoever runs Parley, by a command",
}


async def nobody_named(_: Request, __: Staff, ___: Iterable[UUID]) -> Mapping[UUID, str]:
    """For a service that knows nobody's name and asks for none."""
    return {}


def routes_for(service: str, names_of: NamesOf | None) -> APIRouter:
    """The pages of one service."""
    names_of = names_of or nobody_named
    router = APIRouter(
        prefix=f"/{service}/audit", dependencies=[may(Action.SEE_AUDIT)], include_in_schema=False
    )

    @router.get("/cases/{case_id}", response_class=HTMLResponse)
    async def case_audit(
        request: Request, staff: StaffMember, case_id: UUID, number: PageNumber = 1
    ) -> Response:
        """Who looked at this case?"""
        reader = looking.Reader(staff, service_of(request).standings)
        async with service_of(request).database.reading() as session:
            found = await looking.about_case(session, reader, case_id, number, ON_A_PAGE)
        names = await names_of(request, staff, _people(found))
        await looked(request, _look(case_id=case_id))
        return _show(request, service, f"cases/{case_id}", found, names, number)

    @router.get("/people/{person_id}", response_class=HTMLResponse)
    async def person_audit(
        request: Request, staff: StaffMember, person_id: UUID, number: PageNumber = 1
    ) -> Response:
        """Who looked at this person's data?"""
        reader = looking.Reader(staff, service_of(request).standings)
        async with service_of(request).database.reading() as session:
            found = await looking.about_person(session, reader, person_id, number, ON_A_PAGE)
        names = await names_of(request, staff, _people(found))
        await looked(request, _look(person_id=person_id))
        return _show(request, service, f"people/{person_id}", found, names, number)

    return router


def _look(*, case_id: UUID | None = None, person_id: UUID | None = None) -> Entry:
    return Entry(
        verb=Verb.CONSULTATION,
        purpose="audit_page",
        fields=("audit",),
        case_id=case_id,
        person_id=person_id,
    )


def _people(found: Iterable[Noted]) -> set[UUID]:
    return {one for noted in found for one in (noted.actor_id, noted.person_id) if one}


def _show(
    request: Request,
    service: str,
    about: str,
    found: list[Noted],
    names: Mapping[UUID, str],
    number: int,
) -> Response:
    shown = found[:ON_A_PAGE]
    return render(
        request,
        "audit/list.html",
        about_case=about.startswith("cases/"),
        rows=[_row(noted, names) for noted in shown],
        page=paged(request, number, more=len(found) > len(shown), label="Pages of this list"),
        elsewhere=_elsewhere(service, about),
    )


def _row(noted: Noted, names: Mapping[UUID, str]) -> dict[str, object]:
    who = _name(noted.actor_id, names) if noted.actor_id else NOBODY.get(noted.role, "Nobody")
    what = f"{DID[noted.verb]} {_words(', '.join(noted.fields) or 'the case')}"
    return {
        "at": noted.at,
        "who": who,
        "role": _words(noted.role.replace(",", ", ")) if noted.actor_id else "",
        "what": what,
        "whose": _name(noted.person_id, names) if noted.person_id else "",
        "why": _words(noted.purpose).capitalize(),
        "instead": INSTEAD[noted.outcome],
    }


def _name(person_id: UUID, names: Mapping[UUID, str]) -> str:
    """The name, or enough of the id to tell two people apart."""
    return names.get(person_id) or f"Person {str(person_id)[-6:]}"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _elsewhere(service: str, about: str) -> list[tuple[str, str]]:
    """The other parts of Parley, and where each says the same of itself."""
    called = {place.href.split("/")[1]: place.text for place in reversed(STAFF_PLACES)}
    return [
        (called.get(other, other.capitalize()), f"/{other}/audit/{about}")
        for other in SERVICES
        if other != service
    ]
