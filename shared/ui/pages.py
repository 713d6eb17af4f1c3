"""Renders the pages of one service from its own templates and the shared layouts.

`Pages(...)` is made once per service and attached to its app; routes call `render`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    Undefined,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.ui import assets, london, tables
from shared.ui.forms import CSRF_FIELD, FormErrors


@dataclass(frozen=True)
class Site:
    """What every page says of the site it belongs to."""

    phone_number: str = ""
    """Shown to the public beside "I'd rather talk"; empty hides it."""

    development: bool = False
    exit_to: str = "https://www.bbc.co.uk/weather"
    """Where "Exit this page" goes: any well-known page that gives nothing away."""

    talk: str = "/referral/refer/talk"
    home: str = "/"


@dataclass(frozen=True)
class Place:
    """One entry of the staff navigation, for whoever may do what is done there."""

    text: str
    href: str
    action: str

    def holds(self, path: str) -> bool:
        stem = self.href.rstrip("/")
        return path == stem or path.startswith(stem + "/")


STAFF_PLACES = (
    Place("Referrals", "/referral/cases", "see_case"),
    Place("Your referrals", "/referral/partner", "see_process"),
    Place("Find", "/referral/people", "search_people"),
    Place("Planning", "/scheduling/", "see_plan"),
    Place("Messages", "/notifications/", "see_messages"),
    Place("Complaints", "/referral/complaints", "handle_complaint"),
    Place("Report", "/reporting/", "see_measures"),
    Place("Released figures", "/reporting/released", "see_released"),
    Place("Staff", "/referral/staff", "see_staff"),
    Place("Parked events", "/referral/parked", "see_health"),
    Place("Your account", "/referral/account", "own_account"),
)
MAILBOX = Place("Mailbox", "/mailbox", "see_messages")
PARKED, ALARMS = "/parked", "/alarms"


def may_of(request: Request) -> Callable[[str], bool]:
    """Whether whoever asks may ever do something; nothing, while nobody knows who they are."""
    known: Callable[[str], bool] | None = getattr(request.state, "may", None)
    return known or (lambda _action: False)


def places_for(
    path: str, may: Callable[[str], bool], *, development: bool
) -> list[dict[str, object]]:
    """The navigation: only what they may open, the one they are in marked as such."""
    everywhere = (*STAFF_PLACES, MAILBOX) if development else STAFF_PLACES
    current = max((at.href for at in everywhere if at.holds(path)), key=len, default=None)
    return [
        {"text": at.text, "href": at.href, "active": at.href == current}
        for at in everywhere
        if may(at.action)
    ]


class Loud(Undefined):
    """A misspelt name in a template is an error; a field that a macro was not given is empty.

    The macros of govuk-frontend-jinja print missing keys of their `params` as nothing, on purpose.
    """

    def __str__(self) -> str:
        if self._undefined_name is not None and not isinstance(self._undefined_obj, Mapping):
            self._fail_with_undefined_error()
        return ""

    def __iter__(self) -> Iterator[Any]:
        return iter(str(self))


def slug(text: str) -> str:
    """`Meetings held` → `meetings-held`, for an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def choice_items(choices: Iterable[tuple[str, ...] | Mapping[str, object]]) -> list[object]:
    """`(value, text)` or `(value, text, hint)` → what the govuk macros take; mappings pass."""
    return [
        choice
        if isinstance(choice, Mapping)
        else {
            "value": str(choice[0]),
            "text": choice[1],
            **({"hint": {"text": choice[2]}} if len(choice) > 2 else {}),
        }
        for choice in choices
    ]


def iso_day(day: date) -> str:
    return (london.local(day).date() if isinstance(day, datetime) else day).isoformat()


@pass_context
def safe(context: Context, value: object) -> str:
    """Jinja's `safe`, for what a template or macro made; a plain string is escaped all the same.

    The macros of govuk-frontend-jinja mark any `html` they are given as safe: somebody's words
    given to `html` by mistake would else be a way in. Their `attributes.html` alone joins plain
    strings, after escaping each.
    """
    if context.name == "macros/attributes.html":  # so named by PrefixLoader, without its prefix
        return Markup(value)  # noqa: S704 - escaped by that macro, part by part
    return escape(value)


@pass_context
def csrf_field(context: Context) -> Markup:
    """The hidden field that every form staff send must carry; the web's door makes the token."""
    token = getattr(context["request"].state, "form_token", "")
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token)


FILTERS = {
    "safe": safe,
    "when": london.shown,
    "day": london.shown_day,
    "clock": london.shown_time,
    "iso": datetime.isoformat,
    "iso_day": iso_day,
    "slug": slug,
    "stacked": tables.stacked,
    "choice_items": choice_items,
}


class Compiled(BytecodeCache):
    """Templates compiled so far in this process: four services share most of them."""

    def __init__(self) -> None:
        self._templates: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._templates.get(bucket.key)
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._templates[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class Pages:
    """The templates of one service, and the addresses of its assets."""

    def __init__(
        self, service: str, templates: Path | None = None, site: Site | None = None
    ) -> None:
        self.service = service
        self.site = site or Site()
        self._files = assets.manifest()
        own = [FileSystemLoader(templates)] if templates else []
        govuk = "govuk_frontend_jinja"
        self.environment = Environment(
            loader=ChoiceLoader(
                [*own, PackageLoader("shared.ui"), PrefixLoader({govuk: PackageLoader(govuk)})]
            ),
            autoescape=True,
            undefined=Loud,
            auto_reload=self.site.development,
            bytecode_cache=COMPILED,
        )
        self.environment.globals.update(
            static=self.static, site=self.site, service=service, csrf_field=csrf_field
        )
        self.environment.filters.update(FILTERS)

    def attach(self, app: Starlette) -> None:
        """Serve the assets under `/<service>/static/` and let `render` find these pages."""
        app.state.pages = self
        app.mount(f"/{self.service}/static", assets.Assets(), name="static")

    def static(self, name: str) -> str:
        """The address of a vendored file by its plain name: `page.css`."""
        return f"/{self.service}/static/{self._files[name]}"

    def render(self, request: Request, template: str, context: Mapping[str, object]) -> str:
        return self.environment.get_template(template).render(
            {"errors": FormErrors(), "values": {}, **context, **self._around(request, context)}
        )

    def _own(self, page: str) -> str | None:
        """A page that every service has of its own, and a mailbox has not."""
        has_one = any(at.href.startswith(f"/{self.service}/") for at in STAFF_PLACES)
        return f"/{self.service}{page}" if has_one else None

    def _around(self, request: Request, context: Mapping[str, object]) -> dict[str, object]:
        may = may_of(request)
        places = places_for(request.url.path, may, development=self.site.development)
        done = context.get("done")
        code = request.query_params.get("done")
        return {
            "request": request,
            "may": may,
            "places": places,
            "start": places[0]["href"] if places else self.site.home,
            "parked": self._own(PARKED) if may("see_health") else None,
            "alarm_page": self._own(ALARMS) if may("see_audit") else None,
            "success": done.get(code) if isinstance(done, Mapping) else None,
            "phone_number": self.site.phone_number,
            "phone_link": "tel:" + re.sub(r"[^0-9+]", "", self.site.phone_number),
        }


def render(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """The page, with the service's layout; 422 instead of 200 when `errors` holds any.

    Always there: `errors` and `values` (empty unless given), `site`, `service`, `static(name)`,
    and `may("an_action")`, to leave out what whoever asks could not open.
    `done={"code": "words"}` turns a known `?done=code` into a success banner.
    """
    if context.get("errors") and status == 200:
        status = 422
    pages: Pages = request.app.state.pages
    return HTMLResponse(pages.render(request, template, context), status_code=status)


def error_page(
    request: Request, status: int, title: str, words: str, reference: str | None = None
) -> HTMLResponse:
    """Tell a person what went wrong and what they can do; staff keep their navigation."""
    path = request.url.path
    staff = any(at.holds(path) for at in (*STAFF_PLACES, MAILBOX)) or path.endswith(
        (PARKED, ALARMS)
    )
    layout = "layout/staff.html" if staff else "layout/public.html"
    return render(
        request,
        "error.html",
        status,
        layout=layout,
        heading=title,
        words=words,
        reference=reference,
    )
