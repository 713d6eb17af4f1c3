"""`parley staff`: letting people in and out from the command line."""

import re
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.home import Home
from services.referral.actions.seeds import DEMO_STAFF, seed_areas, seed_staff
from services.referral.store import SCHEMA
from shared.plumbing import migrations
from shared.plumbing.database import Database
from tests.fixtures import keys

LINK = re.compile(r"http://\S+/referral/account/set-up/[\w-]{43}")


@pytest.fixture
async def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    home = Home(tmp_path / "var")
    home.make()
    await migrations.upgrade(home.store_url("referral"), "referral", keys.keyring("referral"))
    database = Database(home.store_url("referral"), SCHEMA, keyring=keys.keyring("referral"))
    async with database.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    await database.close()
    return home


def parley(*words):
    return CliRunner().invoke(app, ["staff", *words])


def asked(home, query):
    with closing(sqlite3.connect(home.stores / "referral.db")) as store:
        return store.execute(query).fetchall()


def add(email="pat@example.org", *more):
    return parley("add", email, "--name", "Pat Example", "--role", "coordinator", *more)


def test_somebody_is_let_in_with_a_link_that_is_nowhere_in_the_store(home):
    said = add("pat@example.org", "--role", "manager", "--area", "riverside")

    assert said.exit_code == 0, said.output
    token = LINK.search(said.output)[0].rpartition("/")[2]
    assert token.encode() not in (home.stores / "referral.db").read_bytes()
    assert asked(home, "SELECT count(*) FROM account_area") == [(1,)]
    listed = next(line for line in parley("list").output.splitlines() if "pat@" in line)
    assert "coordinator, manager" in listed
    assert "invited" in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "pat@", "--name", "Pat", "--role", "ops"), "email address"),
        (("add", "p@example.org", "--name", "P", "--role", "ops", "--area", "Mars"), "called Mars"),
        (("reset", "nobody@example.org"), "Nobody here has this address"),
        (("disable", "nobody@example.org"), "Nobody here has this address"),
        (("disable", "coordinator@parley.example"), "only coordinator"),
        (("demo",), "`make run`"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_changes_nothing(home, words, said):
    before = asked(home, "SELECT count(*) FROM account WHERE disabled_at IS NULL")

    answer = parley(*words)

    assert answer.exit_code == 1
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert asked(home, "SELECT count(*) FROM account WHERE disabled_at IS NULL") == before


def test_nobody_is_added_twice(home):
    add()

    assert "has this address already" in add("PAT@example.org").output


def test_a_reset_prints_another_link_and_the_first_is_void(home):
    first = LINK.search(add().output)[0]

    second = LINK.search(parley("reset", "pat@example.org").output)[0]

    assert first != second
    assert asked(home, "SELECT count(*) FROM invitation") == [(1,)]


def test_disabling_somebody_tells_the_other_services_that_they_left(home):
    add()

    assert parley("disable", "pat@example.org").exit_code == 0

    told = asked(home, "SELECT count(*) FROM outbox WHERE subject = 'referral.staff_left.v1'")
    assert told == [(1,)]
    listed = next(line for line in parley("list").output.splitlines() if "pat@" in line)
    assert "disabled" in listed


def test_whoever_left_may_be_added_again(home):
    add()
    parley("disable", "pat@example.org")

    said = add()

    assert said.exit_code == 0, said.output
    assert LINK.search(parley("reset", "pat@example.org").output)


def test_the_list_names_everybody_who_may_sign_in(home):
    listed = parley("list").output

    assert all(name in listed for _, name, _, _ in DEMO_STAFF)
