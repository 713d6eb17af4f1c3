"""The `parley` commands that look after stores, on stores made by the real migrations."""

import asyncio
import json
from hashlib import sha256
from uuid import UUID

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.home import Home
from deploy.parts import blueprints
from shared.contracts.fact import Envelope
from shared.contracts.referral import AreaNamed
from shared.plumbing import migrations, parked
from shared.plumbing.database import Database
from shared.plumbing.envelope import to_headers
from tests.fixtures import keys
from tests.fixtures.clock import NOW

BODY = b'{"area_id": "\x1b]0;another title\x07not an id"}'


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with all four stores, and nothing running on it."""
    made = Home(tmp_path_factory.mktemp("parley") / "var")
    made.make()

    async def make_stores():
        for name in blueprints():
            await migrations.upgrade(made.store_url(name), name)

    asyncio.run(make_stores())
    return made


@pytest.fixture
def parley(home, monkeypatch):
    monkeypatch.setenv("PARLEY_VAR", str(home.root))
    monkeypatch.setenv("COLUMNS", "250")

    def command(*words, **more):
        return CliRunner().invoke(app, words, **more)

    return command


@pytest.fixture
def parked_id(home):
    async def park(session):
        return await parked.park(
            session,
            "reporting-referral",
            {"ce-id": "0198c0de-0000-7000-8000-0000000000aa"},
            BODY,
            "referral.area_named.v1",
            7,
            "ValidationError /area_id",
        )

    async def forget(session):
        await session.execute(session.schema.tables.parked_event.delete())

    yield in_reporting(home, park)
    in_reporting(home, forget)


def in_reporting(home, work):
    async def run():
        database = Database(
            home.store_url("reporting"),
            blueprints()["reporting"].schema,
            keyring=keys.keyring("reporting"),
        )
        try:
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

    return asyncio.run(run())


def state_of(home, parked_id):
    async def find(session):
        return await parked.find(session, parked_id)

    return in_reporting(home, find)


def test_nothing_parked_is_said_in_a_sentence(parley):
    said = parley("parked", "list")

    assert said.exit_code == 0
    assert said.output == "Nothing is parked.\n"


def test_the_list_shows_what_is_parked_where_and_why(parley, parked_id):
    said = parley("parked", "list")

    assert said.exit_code == 0
    for words in (str(parked_id), "reporting", "referral.area_named.v1", "/area_id", "parked"):
        assert words in said.output


def test_of_an_event_is_shown_what_it_is_and_nothing_that_it_says(parley, parked_id):
    said = parley("parked", "show", str(parked_id))

    assert said.exit_code == 0
    for words in ("referral.area_named.v1", "ValidationError /area_id", f"{len(BODY)} bytes"):
        assert words in said.output
    assert sha256(BODY).hexdigest() in said.output
    assert "as it must be: no" in said.output
    for hidden in ("not an id", "\x1b", "\x07"):
        assert hidden not in said.output


def test_what_is_not_as_it_must_be_is_not_shown_even_when_asked_for(parley, parked_id):
    said = parley("parked", "show", str(parked_id), "--body")

    assert said.exit_code == 1
    assert "may hold anything" in said.output
    assert "not an id" not in said.output


def test_a_whole_fact_is_shown_when_asked_for_and_only_what_belongs_to_it(parley, home):
    area = UUID(int=9)
    fact = AreaNamed(area_id=area, label="Riverside")
    more = fact.model_dump(mode="json") | {"found_by": "Sam Example"}
    envelope = Envelope(
        id=UUID(int=10),
        source="referral",
        type=AreaNamed.subject,
        subject=area,
        sequence=1,
        time=NOW,
        correlation=UUID(int=11),
    )

    async def park(session):
        headers, body = to_headers(envelope), json.dumps(more).encode()
        place = (AreaNamed.subject, 8, "SomeMistake")
        return await parked.park(session, "reporting-referral", headers, body, *place)

    found = in_reporting(home, park)
    usual = parley("parked", "show", str(found)).output
    asked = parley("parked", "show", str(found), "--body")
    parley("parked", "discard", str(found), "--reason", "shown")

    assert "as it must be: yes" in usual
    assert "Riverside" not in usual
    assert asked.exit_code == 0
    assert '"label":"Riverside"' in asked.output
    assert "Sam" not in asked.output


def test_a_retry_is_asked_for_and_left_to_the_running_service(parley, home, parked_id):
    said = parley("parked", "retry", str(parked_id))

    assert said.exit_code == 0
    assert state_of(home, parked_id).state is parked.State.RETRY_ASKED


def test_giving_up_needs_a_reason_and_keeps_it(parley, home, parked_id):
    without = parley("parked", "discard", str(parked_id), "--reason", " ")
    said = parley("parked", "discard", str(parked_id), "--reason", "sent by a test tool")

    assert without.exit_code == 1
    assert said.exit_code == 0
    event = state_of(home, parked_id)
    assert event.state is parked.State.DISCARDED
    assert event.reason == "sent by a test tool"


def test_an_event_that_was_dealt_with_cannot_be_dealt_with_again(parley, parked_id):
    parley("parked", "discard", str(parked_id), "--reason", "a")

    again = parley("parked", "retry", str(parked_id))

    assert again.exit_code == 1
    assert "not parked any more" in again.output


def test_an_id_nobody_knows_is_said_to_be_one(parley):
    said = parley("parked", "show", str(UUID(int=7)))

    assert said.exit_code == 1
    assert "no parked event with this id" in said.output


def test_the_doctor_names_what_is_parked(parley, parked_id):
    said = parley("doctor")

    assert said.exit_code == 1
    assert "LOOK  Parked in reporting: 1." in said.output
    assert "parley parked list" in said.output


@pytest.mark.parametrize("command", [("reporting", "rebuild"), ("topology",)])
def test_what_needs_the_nats_server_says_that_it_is_not_running(parley, command):
    said = parley(*command)

    assert said.exit_code == 1
    assert "Parley is not running here: start it with `make run`." in said.output
    assert "Traceback" not in said.output


def test_without_any_store_one_is_told_to_start_once(parley, monkeypatch, tmp_path):
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "nothing"))

    said = parley("parked", "list")

    assert said.exit_code == 1
    assert "start Parley once first" in said.output
    assert not (tmp_path / "nothing").exists()


def test_stores_elsewhere_are_found_by_the_name_of_the_service(
    parley, home, parked_id, monkeypatch
):
    monkeypatch.setenv("PARLEY_DATABASE_URL", f"sqlite+aiosqlite:///{home.stores}/{{service}}.db")
    monkeypatch.setenv("PARLEY_VAR", "/nowhere")

    assert str(parked_id) in parley("parked", "list").output
