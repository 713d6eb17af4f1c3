"""A staff form is acted on once: a double click or a reload leads where the first one led."""

import json
from collections.abc import Awaitable, Callable
from typing import ClassVar
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.referral.domain.case_file import PageOutOfDate
from shared.plumbing.database import Session
from shared.plumbing.idempotency import KeyReused, fingerprint_of, remember, remembered
from shared.ui.forms import Form, Values

OPEN_AGAIN = "Open the page again: something is missing from it"


class StaffForm(Form):
    """What every form that changes something carries along, unseen."""

    words: ClassVar[dict[str, str]] = {"version": OPEN_AGAIN, "once": OPEN_AGAIN}

    version: int
    """What the page showed: a later version means that somebody else was faster."""
    once: UUID
    """New each time the page is opened."""


async def once(
    request: Request,
    session: Session,
    values: Values,
    act: Callable[[], Awaitable[object]],
    *,
    then: str,
) -> Response:
    """Do `act` and go to `then`; if this very form was acted on before, only go there.

    Raises PageOutOfDate when the form was acted on with other answers.
    """
    key = f"page:{request.url.path}:{values.get('once')}"
    fingerprint = fingerprint_of(
        request.url.path.encode(), json.dumps(values, sort_keys=True).encode()
    )
    try:
        before = await remembered(session, key, fingerprint)
    except KeyReused as reused:
        raise PageOutOfDate("This form was sent before. Open the page again.") from reused
    if before is None:
        await act()
        await remember(session, key, fingerprint, 303, then.encode())
    return RedirectResponse(before.body.decode() if before else then, status_code=303)
