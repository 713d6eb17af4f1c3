import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from shared.plumbing import service
from shared.plumbing.service import Blueprint, CannotStart
from shared.plumbing.staff import DEMO_COORDINATOR_ID, OPEN_TO_ALL, who_may_call
from tests.fixtures.web import visitor
from tests.plumbing import diary

STORE = "sqlite+aiosqlite:////tmp/never-made.db"


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "production"},
        {"host": "0.0.0.0"},
        {"host": "192.0.2.7"},
        {"host": "::"},
        {"host": ""},
        {"environment": "production", "host": "0.0.0.0"},
    ],
)
def test_staff_pages_are_not_started_where_somebody_else_could_open_them(changes):
    with pytest.raises(CannotStart) as refused:
        service.create(diary.BLUEPRINT, diary.settings(STORE, **changes))

    sentence = str(refused.value)
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")
    assert "PARLEY_ENVIRONMENT=development" in sentence


@pytest.fixture
async def store_url(sqlite_store):
    return (await sqlite_store(diary.SCHEMA)).url


async def test_at_this_machine_in_development_everybody_is_the_demo_coordinator(store_url):
    async with visitor(diary.create(store_url)) as browser:
        answer = await browser.get("/diary/staff")

    assert answer.json() == str(DEMO_COORDINATOR_ID)


@pytest.mark.parametrize(
    "where",
    [
        {"sits": "192.0.2.7"},
        {"sits": "testclient"},
        {"sits": "::ffff:192.0.2.7"},
    ],
)
async def test_from_anywhere_else_staff_pages_are_closed(where):
    async with visitor(diary.create(STORE), **where) as browser:
        page = await browser.get("/diary/staff")
        parked = await browser.get("/diary/parked")
        open_page = await browser.get("/diary/entries/0198c0de-0000-7000-8000-0000000000aa")

    assert page.status_code == parked.status_code == 403
    assert "Zebedee" not in page.text
    assert open_page.status_code == 200


@pytest.mark.parametrize(
    "where",
    [
        {"site": "http://192.0.2.8:8000"},
        {"site": "http://rebound.example:8000"},
        {"headers": {"host": "rebound.example:8000"}},
    ],
)
async def test_under_a_name_that_is_not_ours_nothing_is_served(where):
    async with visitor(diary.create(STORE), **where) as browser:
        for path in ("/diary/staff", "/diary/parked", "/diary/entries"):
            assert (await browser.get(path)).status_code == 400


@pytest.mark.parametrize("site", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]"])
async def test_this_machine_has_several_names(store_url, site):
    async with visitor(diary.create(store_url), site=site) as browser:
        assert (await browser.get("/diary/staff")).status_code == 200


def test_a_route_that_does_not_say_who_may_call_it_is_not_served():
    silent = APIRouter(prefix="/diary")

    @silent.get("/secrets")
    async def secrets() -> str:
        return "all of them"

    blueprint = Blueprint("diary", diary.SCHEMA, silent, diary.hear_nothing)

    with pytest.raises(ValueError, match="/diary/secrets"):
        diary.create(STORE, blueprint)


def test_a_router_inside_another_says_it_for_its_own_routes():
    routes = list(iter_route_contexts(diary.create(STORE).routes))

    said = {route.path: who_may_call(route) for route in routes if hasattr(route, "dependant")}

    assert said["/diary/staff"] == "staff"
    assert said["/diary/parked/{parked_id}/discard"] == "staff"
    assert said["/diary/entries"] == "everybody"
    assert said["/health/ready"] == "everybody"
    assert None not in said.values()


def test_a_staff_route_in_an_open_router_stays_a_staff_route():
    router = APIRouter(dependencies=[OPEN_TO_ALL])
    router.include_router(diary.staff)

    (route,) = iter_route_contexts(router.routes)

    assert who_may_call(route) == "staff"


def test_a_service_without_a_store_is_told_what_to_set():
    with pytest.raises(CannotStart, match="PARLEY_DATABASE_URL"):
        service.create(diary.BLUEPRINT, diary.settings(""))
