"""What a gate lets through, and that what it hides looks like what is not there."""

from uuid import UUID

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from sqlalchemy import Column, Table, Uuid, select
from sqlmodel import SQLModel
from starlette.responses import PlainTextResponse, Response

from shared.contracts.access import AccessRole, Action, Relation, Standing
from shared.plumbing import service
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Schema, new_registry
from shared.plumbing.gates import Matter, gates_of, may
from shared.plumbing.service import Blueprint
from shared.plumbing.settings import Settings
from shared.plumbing.staff import OPEN_TO_ALL, who_may_call
from shared.plumbing.standing import Matters, Standings, standing_table
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.fixtures.web import running, visitor


class Base(SQLModel, registry=new_registry()):
    pass


SCHEMA = Schema("shelf", Base)
STANDING = standing_table(SCHEMA.metadata)
FILE = Table(
    "file",
    SCHEMA.metadata,
    Column("id", Uuid, primary_key=True, **NOT_PERSONAL),
    Column("area_id", Uuid, nullable=False, **NOT_PERSONAL),
)
STANDINGS = Standings(STANDING, Matters(FILE, FILE.c.id, FILE.c.area_id))
NORTH, SOUTH, ME, SAM, ALEX = (UUID(int=number) for number in range(1, 6))
HERE, NOWHERE = UUID(int=21), UUID(int=22)

router = APIRouter(prefix="/shelf")


async def looked() -> Response:
    return PlainTextResponse("It is here.")


async def found(session, ids):
    one = await session.scalar(select(FILE.c.id).where(FILE.c.id == ids["file_id"]))
    return None if one is None else Matter(one, ids.get("person_id"))


for path, gate in {
    "/files/{file_id}": may(Action.SEE_CASE, about="file_id"),
    "/files/{file_id}/people/{person_id}": may(Action.SEE_CONTACT, about="file_id"),
    "/venues": may(Action.CHANGE_VENUES),
}.items():
    router.add_api_route(path, looked, methods=["GET"], dependencies=[gate])
router.add_api_route("/open", looked, methods=["GET"], dependencies=[OPEN_TO_ALL])

BLUEPRINT = Blueprint(
    "shelf", SCHEMA, router, lambda _: None, standings=STANDINGS, finders={"file_id": found}
)


@pytest.fixture
async def shelf(any_store):
    """A file of the north on each database; nobody answers but the shelf itself."""
    store = await any_store(SCHEMA)
    async with store.transaction() as session:
        await session.execute(FILE.insert(), {"id": HERE, "area_id": NORTH})
    url = store.url.render_as_string(hide_password=False)
    app = service.create(BLUEPRINT, Settings(database_url=url, nats_url="nats://127.0.0.1:9"))
    async with running(app), visitor(app) as browser:
        yield browser


async def note(shelf, relation, *, holds=True, version=1, party_id=None):
    app = shelf._transport.app
    standing = Standing(HERE, ME, relation, version, holds, party_id)
    async with app.state.service.database.transaction() as session:
        await STANDINGS.note(session, standing)


def coordinator(*areas):
    return a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=areas)


FACILITATOR = a_member_of_staff(AccessRole.FACILITATOR, id=ME)


async def test_a_coordinator_of_the_area_is_let_in_and_one_of_another_is_not(shelf):
    for staff, status in ((coordinator(NORTH), 200), (coordinator(SOUTH), 404)):
        as_staff(shelf, staff)

        assert (await shelf.get(f"/shelf/files/{HERE}")).status_code == status


async def test_a_facilitator_is_let_in_from_the_moment_they_work_on_it_until_they_do_not(shelf):
    as_staff(shelf, FACILITATOR)
    statuses = [(await shelf.get(f"/shelf/files/{HERE}")).status_code]
    for holds in (True, False):
        await note(shelf, Relation.ALLOCATED, holds=holds, version=1 if holds else 2)
        statuses.append((await shelf.get(f"/shelf/files/{HERE}")).status_code)

    assert statuses == [404, 200, 404]


async def test_a_partys_facilitator_is_told_how_to_reach_their_own_party_alone(shelf):
    as_staff(shelf, FACILITATOR)
    await note(shelf, Relation.PARTYS_FACILITATOR, party_id=SAM)

    assert (await shelf.get(f"/shelf/files/{HERE}")).status_code == 200
    assert (await shelf.get(f"/shelf/files/{HERE}/people/{SAM}")).status_code == 200
    assert (await shelf.get(f"/shelf/files/{HERE}/people/{ALEX}")).status_code == 404


async def test_what_is_hidden_is_answered_byte_for_byte_as_what_is_not_there(shelf):
    as_staff(shelf, coordinator(NORTH))
    await note(shelf, Relation.CONFLICT)

    hidden = await shelf.get(f"/shelf/files/{HERE}")
    not_there = await shelf.get(f"/shelf/files/{NOWHERE}")
    no_id = await shelf.get("/shelf/files/x")

    assert hidden.status_code == not_there.status_code == no_id.status_code == 404
    assert hidden.content == not_there.content == no_id.content
    assert without_request(hidden) == without_request(not_there) == without_request(no_id)


def without_request(answer):
    """The headers, but for what is different with every answer."""
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


async def test_without_a_matter_the_role_alone_decides(shelf):
    for staff, status in ((coordinator(NORTH), 200), (FACILITATOR, 404)):
        as_staff(shelf, staff)

        assert (await shelf.get("/shelf/venues")).status_code == status


def test_a_route_says_which_gates_it_has():
    by_path = {route.path: route for route in iter_route_contexts(router.routes)}
    [gate] = gates_of(by_path["/shelf/files/{file_id}"])

    assert (gate.action, gate.about) == (Action.SEE_CASE, "file_id")
    assert who_may_call(by_path["/shelf/files/{file_id}"]) == "staff"
    assert gates_of(by_path["/shelf/open"]) == []
