"""Every form that changes something carries the hidden field, and every such route asks for it."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from shared.contracts.catalogue import SERVICES
from shared.plumbing.csrf import refuse_forged
from shared.plumbing.staff import OPEN_TO_ALL, STAFF_ONLY
from tests.architecture.code import ROOT
from tests.architecture.test_routes import routes_of

FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
POSTS = re.compile(r"""\bmethod\s*=\s*["']?post""", re.IGNORECASE)
FIELD = "{{ csrf_field() }}"
PUBLIC = re.compile(r"services/referral/pages/refer/")
SEALED = '<input type="hidden" name="form" value="{{ sealed }}">'
"""The public form has no session anybody could misuse; it carries its own sealed token instead."""

SAFE = {"GET", "HEAD", "OPTIONS"}
NEEDS_NONE = re.compile(r"/\w+/api/.*|/referral/refer/(check|send|\{slug\})")
"""Programs send a key and JSON, and no cookie is read there; the public form as above."""


def templates() -> list[Path]:
    rooms = ("services", "shared", "deploy")
    found = [path for room in rooms for path in (ROOT / room).rglob("*.html")]
    return [path for path in found if "node_modules" not in path.parts]


def bare_forms(path: str, text: str) -> list[str]:
    """The forms that post and do not carry what they must."""
    needed = SEALED if PUBLIC.match(path) else FIELD
    return [
        form.splitlines()[0]
        for form in FORM.findall(text)
        if POSTS.search(form.partition(">")[0]) and needed not in form
    ]


def trusting(routes) -> list[str]:
    """The routes that change something and ask for no field."""
    return [
        f"{sorted(route.methods)} {route.path}"
        for route in routes
        if set(route.methods or ()) - SAFE
        and not NEEDS_NONE.fullmatch(route.path)
        and refuse_forged not in set(_calls(route.dependant))
    ]


def test_every_form_that_posts_carries_the_hidden_field():
    found = {
        (path := file.relative_to(ROOT).as_posix()): bare_forms(path, file.read_text())
        for file in templates()
    }

    assert {path: forms for path, forms in found.items() if forms} == {}
    assert sum(FIELD in file.read_text() for file in templates()) > 10


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_that_changes_something_asks_for_the_field(service):
    assert trusting(routes_of(service)) == []


def test_a_form_and_a_route_that_are_planted_are_seen():
    bare = '<form novalidate method="POST">\n</form>'
    router = APIRouter()
    router.add_api_route(
        "/referral/enter", lambda: None, methods=["POST"], dependencies=[OPEN_TO_ALL]
    )
    router.add_api_route("/referral/cases/x", lambda: None, methods=["GET"])
    router.add_api_route(
        "/referral/cases/y", lambda: None, methods=["DELETE"], dependencies=[STAFF_ONLY]
    )

    assert bare_forms("services/x.html", bare) == ['<form novalidate method="POST">']
    assert bare_forms("services/x.html", '<form method="get"></form>') == []
    assert trusting(iter_route_contexts(router.routes)) == ["['POST'] /referral/enter"]
