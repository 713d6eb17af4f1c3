"""What keeps machines from filling the public form, without a test that people could fail.

Nobody is turned away for good by any of it: whoever is doubted may press the button once more,
whoever has to wait keeps every answer on the page, and the phone number is on all of them. What
was taken in is never counted out again.
"""

from datetime import timedelta

from fastapi import Request
from starlette.responses import Response

from services.referral.routes.draft import Draft
from shared.plumbing import alarms, limits
from shared.plumbing.database import Session
from shared.plumbing.front_door import prefix_of
from shared.plumbing.limits import Limit, TooMany
from shared.plumbing.service import service_of
from shared.plumbing.settings import Settings
from shared.ui.forms import Values
from shared.ui.pages import render

LEFT_EMPTY = "website"
"""The field nobody sees: whoever hears it read out is told to leave it empty; machines are not."""

TOO_QUICK = "That was very quick. Look over your answers and press the button once more"
WAS_FILLED = "One box has to stay empty, and we have emptied it. Press the button once more"

ALARMS_QUIET = timedelta(minutes=10)
"""However much comes in, people are told of it this often at most."""


def doubt(request: Request, values: Values, draft: Draft) -> str | None:
    """Why a person may not have sent this, in words for a person; None when there is no doubt."""
    service = service_of(request)
    if values.get(LEFT_EMPTY):
        return WAS_FILLED
    if service.world.now() - draft.began_at < timedelta(seconds=service.settings.form_seconds):
        return TOO_QUICK
    return None


async def count(request: Request, session: Session) -> None:
    """Count a form that is about to be taken in, in the same transaction. Raises TooMany."""
    service = service_of(request)
    key = limits.key_of(service.settings, service.name)
    near, all_over = _limits(service.settings)
    await limits.take(session, key, (near, prefix_of(request)), (all_over, "everybody"))


async def please_wait(
    request: Request, session: Session, refused: TooMany, sealed: str
) -> Response:
    """The page that asks to phone or to wait, with every answer still in it."""
    _, all_over = _limits(service_of(request).settings)
    if refused.limit == all_over:
        await alarms.raise_once(session, alarms.Kind.FORM_CLOSED, quiet=ALARMS_QUIET)
    page = render(
        request,
        "refer/later.html",
        429,
        sealed=sealed,
        closed=refused.limit == all_over,
        wait=limits.in_words(refused.wait),
    )
    page.headers["retry-after"] = refused.retry_after
    return page


def _limits(settings: Settings) -> tuple[Limit, Limit]:
    """For one neighbourhood of addresses, and for everybody together."""
    hour = timedelta(hours=1)
    return (
        Limit("form by prefix", settings.forms_per_hour, hour),
        Limit("form", settings.forms_per_hour_in_all, hour),
    )
