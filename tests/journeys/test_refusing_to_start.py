"""What cannot start says so in a sentence that helps, and leaves everything as it was."""

import sqlite3

import pytest

from tests.fixtures.system import NewSystem, System

pytestmark = pytest.mark.journey


def last_line(said: str) -> str:
    return said.strip().splitlines()[-1]


def test_a_taken_port_is_named(system: System, new_system: NewSystem):
    port = system.address.rpartition(":")[2]
    second = new_system(start=False)

    said = second.start_in_vain(PARLEY_PORT=port)

    assert last_line(said) == (
        f"Port {port} is taken: stop what uses it, or set PARLEY_PORT to another."
    )
    assert list(second.folder.glob("var/stores/*")) == []


def test_a_folder_is_used_by_one_run_at_a_time(system: System):
    run = system.home.run()
    assert run is not None

    said = system.start_in_vain(PARLEY_PORT="0")

    assert last_line(said) == (
        f"Another Parley (process {run.pid}, {run.address}) is using {system.home.root}: stop it, "
        "or set PARLEY_VAR to another folder."
    )
    assert system.ready() == {}, "the first goes on undisturbed"


def test_a_store_of_a_newer_version_is_left_alone(system: System, new_system: NewSystem):
    older = new_system(start=False)
    older.home.make()
    store = older.home.stores / "referral.db"
    with sqlite3.connect(store) as copy:
        sqlite3.connect(system.home.stores / "referral.db").backup(copy)
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
    copy.close()
    before = store.read_bytes()

    said = older.start_in_vain()

    assert "The store of referral" in said
    assert "was written by a newer version of Parley: install that version" in said
    assert store.read_bytes() == before


def test_production_is_not_for_one_process(new_system: NewSystem):
    said = new_system(start=False).start_in_vain(PARLEY_ENVIRONMENT="production")

    assert "unset PARLEY_ENVIRONMENT and PARLEY_HOST, or deploy the services" in last_line(said)
