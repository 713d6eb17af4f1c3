"""The referral service's pages, visited as people visit them: forms are read and sent back."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from uuid import UUID

from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import func, select

from services.referral.main import BLUEPRINT
from services.referral.store.intake import ReferralRow
from shared.plumbing import service
from shared.plumbing.database import Database
from shared.plumbing.settings import Settings
from shared.plumbing.staff import Staff, current_staff
from tests.fixtures.web import visitor
from tests.referral.builders import AREA

Values = Mapping[str, object]

REFERENCE = re.compile(r"[2-9B-Z]{3}-[2-9B-Z]{4}-[2-9B-Z]{3}")
LAST_PAGE = "Check your answers"

ANSWERS: dict[str, dict[str, object]] = {
    "what": {"happened": "noise"},
    "matter": {"matter": "neighbour_dispute"},
    "side": {"side": "both"},
    "reported": {"reported_to_police": "no"},
    "area": {"area_id": str(AREA)},
    "contact": {"name": "Sam Example", "ways": ["email"], "email": "sam@example.org"},
    "times": {"safe_when": "any"},
    "privacy": {"who_else": "nobody"},
    "heard": {"heard_about": "friend_or_family"},
}
"""One good answer to every question of the public form, in their order."""


@dataclass
class Form:
    """One form of a page, with what it would send as it stands."""

    action: str
    values: dict[str, object] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page and their fields as a browser would send them, buttons left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.found.append(Form(given.get("action") or ""))
        elif tag == "input" and name and self.found:
            if given.get("type") not in ("radio", "checkbox"):
                self.found[-1].values[name] = value
            elif "checked" in given:
                self._tick(name, value)
        elif tag == "textarea" and name and self.found:
            self._area = name
            self.found[-1].values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.found[-1].values[self._area] = data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def _tick(self, name: str, value: str) -> None:
        values = self.found[-1].values
        before = values.get(name)
        values[name] = value if before is None else [*_list(before), value]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def the_form(page: Response, number: int = 0) -> Form:
    return Forms(page.text).found[number]


@dataclass
class Visit:
    """Somebody at a browser."""

    browser: AsyncClient
    app: FastAPI

    def sits_down(self, staff: Staff) -> None:
        """Somebody else is at the keyboard from now on."""
        self.app.dependency_overrides[current_staff] = lambda: staff

    async def get(self, path: str, **more: object) -> Response:
        return await self.browser.get(path, **more)

    async def post(self, path: str, values: Values | None = None, **more: object) -> Response:
        return await self.browser.post(path, data=values, **more)

    async def send(self, page: Response, answers: Values, number: int = 0) -> Response:
        """Fill in a form of this page and press its button."""
        form = the_form(page, number)
        return await self.post(form.action or page.url.path, {**form.values, **answers})

    async def begin(self) -> Response:
        return await self.get("/referral/refer/what")

    async def answered(self, until: str = "", **other: Values) -> Response:
        """The page after every question before `until`; without it, the last page."""
        page = await self.begin()
        for step, answers in {**ANSWERS, **other}.items():
            if step == until:
                break
            page = await self.send(page, answers)
        return page


@asynccontextmanager
async def visiting(
    database: Database, as_staff: Staff | None = None, **settings: object
) -> AsyncIterator[Visit]:
    """The service on this store, without a bus: pages need none.

    Forms may be sent as soon as they are opened, unless a test is about just that.
    """
    url = database.url.render_as_string(hide_password=False)
    usual = {"database_url": url, "form_seconds": 0}
    app = service.create(BLUEPRINT, Settings(**{**usual, **settings}), database.world)
    if as_staff is not None:
        app.dependency_overrides[current_staff] = lambda: as_staff
    async with visitor(app) as browser:
        yield Visit(browser, app)
    await app.state.service.database.close()


def title(page: Response) -> str:
    found = re.search(r"<title>(.*?)</title>", page.text, re.S)
    assert found is not None
    return found[1].strip()


def heading(page: Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", "", found[1]).split())


async def referrals(database: Database) -> int:
    """How many are stored."""
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(ReferralRow)) or 0


def case_path(referral_id: UUID | str) -> str:
    return f"/referral/cases/{referral_id}"
