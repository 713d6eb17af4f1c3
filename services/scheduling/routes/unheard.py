"""A case that planning has not heard of: accepted a moment ago, or not one at all."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from shared.contracts.words import MeetingKind
from shared.ui.pages import render


def case_not_heard_of(
    request: Request, case_id: UUID, kind: MeetingKind | None = None
) -> HTMLResponse:
    """A page that says so, with a link to the page that was wanted."""
    again = f"/scheduling/cases/{case_id}"
    if kind is not None:
        again += f"/book?kind={kind}"
    return render(request, "unheard.html", 404, again=again)
