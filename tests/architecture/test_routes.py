"""Every route says who may call it, and what is open to everybody is written down here."""

import re
from importlib import import_module

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from shared.contracts.catalogue import SERVICES
from shared.plumbing.settings import Settings
from shared.plumbing.staff import OPEN_TO_ALL, who_may_call

OPEN_TO_EVERYBODY = re.compile(
    r"/(\w+/)?(health/(live|ready)|metrics)"  # watched by machines; nothing of anybody in it
    r"|/\w+/(static(/.*)?|openapi\.json|docs.*)"
    r"|/|/referral/refer(/.*)?|/referral/api/(referrals|areas)"  # asking for help
    r"|/referral/sign-in(/(code|recovery|demonstration/\{token\}|outside(/(back|ended))?))?"
    r"|/referral/(sign-out|signed-out)"
    r"|/referral/account/set-up/\{token\}(/code)?"  # nobody is signed in yet
)


def routes_of(service: str):
    settings = Settings(database_url="sqlite+aiosqlite:////never-made.db")
    app = import_module(f"services.{service}.main").create(settings)
    return list(iter_route_contexts(app.routes))


def silent(routes) -> list[str]:
    """Routes that do not say who may call them; files that are mounted are open, and say so."""
    return [
        route.path
        for route in routes
        if who_may_call(route) is None and not OPEN_TO_EVERYBODY.fullmatch(route.path)
    ]


def unlisted(routes) -> list[str]:
    """Routes that are open to everybody and not listed above."""
    return [
        route.path
        for route in routes
        if who_may_call(route) == "everybody" and not OPEN_TO_EVERYBODY.fullmatch(route.path)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_says_who_may_call_it(service):
    assert silent(routes_of(service)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_only_what_is_listed_here_is_open_to_everybody(service):
    assert unlisted(routes_of(service)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_lies_under_the_name_of_its_service(service):
    outside = {
        route.path for route in routes_of(service) if not route.path.startswith(f"/{service}")
    }

    assert outside <= {"/", "/health/live", "/health/ready", "/metrics"}


def test_a_route_that_is_planted_is_seen():
    router = APIRouter()
    router.add_api_route("/referral/cases/secret", lambda: None)
    open_router = APIRouter(dependencies=[OPEN_TO_ALL])
    open_router.add_api_route("/referral/cases/open", lambda: None)

    assert silent(iter_route_contexts(router.routes)) == ["/referral/cases/secret"]
    assert unlisted(iter_route_contexts(open_router.routes)) == ["/referral/cases/open"]
