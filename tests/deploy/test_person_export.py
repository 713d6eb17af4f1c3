"""`parley person export`: everything about one person, out of four stores, and nobody else."""

import asyncio
import json
import sqlite3
import stat
from contextlib import closing
from uuid import UUID

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.home import Home
from services.notifications.store import SCHEMA as NOTIFICATIONS
from services.referral import store
from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.domain.erasure import Basis, Erasure
from services.referral.store import SCHEMA as REFERRAL
from services.reporting import actions as figures
from services.reporting.store import SCHEMA as REPORTING
from services.scheduling import actions as planning
from services.scheduling.domain.planning import Party
from services.scheduling.store import SCHEMA as SCHEDULING
from shared.contracts.catalogue import SERVICES
from shared.contracts.words import HeardAbout, Side
from shared.plumbing import migrations
from shared.plumbing.database import Database
from tests.fixtures import keys
from tests.fixtures.clock import FixedWorld
from tests.notifications import builders as messages
from tests.notifications.office import Office, PromptCourier
from tests.referral.builders import STRANGER
from tests.referral.copies import KIMS, NOTED, SAMS, two_people
from tests.reporting.facts import a_received_referral, around
from tests.scheduling import builders as plans
from tests.scheduling import office

SAMS_ROOM, KIMS_ROOM = "Osprey room", "Plover room"


async def opened(home: Home, schema, world) -> Database:
    url = home.store_url(schema.name)
    await migrations.upgrade(url, schema.name, keys.keyring(schema.name))
    return Database(url, schema, world, keys.keyring(schema.name))


@pytest.fixture
async def everywhere(tmp_path, monkeypatch):
    """Sam and Kim in all four stores, by the same ids."""
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PARLEY_CONTROLLER", "Marsh & Fen Mediation")
    home, world = Home(tmp_path / "var"), FixedWorld()
    home.make()
    referral = await opened(home, REFERRAL, world)
    async with referral.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    case = await two_people(referral)
    await referral.close()
    await plan(await opened(home, SCHEDULING, world), case)
    await write(await opened(home, NOTIFICATIONS, world), case, world)
    await count(await opened(home, REPORTING, world), case)
    return home, case


async def plan(database: Database, case) -> None:
    async with database.transaction() as session:
        await office.furnish(session)
        for person_id, side in ((case.sam, Side.HARMED), (case.kim, Side.RESPONSIBLE)):
            await planning.cases.add_party(session, plans.CASE, Party(person_id, side), 3)
        for number, label in ((51, SAMS_ROOM), (52, KIMS_ROOM)):
            venue = plans.a_venue(id=plans.some_id(number), label=label)
            await planning.venues.add_venue(session, venue)
    for number, person_id in ((51, case.sam), (52, case.kim)):
        proposal = plans.a_preparation(
            meeting_id=plans.some_id(60 + number),
            venue_id=plans.some_id(number),
            participant_ids=(person_id,),
            starts_at=plans.STARTS.replace(hour=number - 40),
        )
        await office.book(database, proposal)
    await database.close()


async def write(database: Database, case, world) -> None:
    desk = Office(database, world, PromptCourier(world))
    await desk.hear(messages.referral_received(person_id=case.sam, referral_id=case.referral_id))
    await desk.send_all()
    await desk.hear(messages.session_scheduled(participant_ids=(case.kim,), facilitator_ids=()))
    await desk.send_all()
    await database.close()


async def count(database: Database, case) -> None:
    received = a_received_referral(
        referral_id=case.referral_id, person_id=case.sam, heard_about=HeardAbout.FAITH_LEADER
    )
    async with database.transaction() as session:
        await figures.count(session, received, around(received, plans.NOW))
    await database.close()


async def erase(home: Home, person_id: UUID) -> None:
    database = await opened(home, REFERRAL, FixedWorld())
    async with database.transaction() as session:
        await store.erasures.erase(session, Erasure(person_id, session.now().date(), Basis.REQUEST))
    await database.close()


def export(person_id, folder):
    return CliRunner().invoke(app, ["person", "export", str(person_id), "--to", str(folder)])


def read(folder) -> tuple[str, dict]:
    data = json.loads((folder / "copy.json").read_text())
    return (folder / "copy.html").read_text(), data


def test_a_copy_holds_everything_of_theirs_from_four_stores_and_nothing_of_the_others(
    everywhere, tmp_path
):
    _, case = everywhere
    for person_id in (case.sam, case.kim):
        assert export(person_id, tmp_path / str(person_id)).exit_code == 0
    sams, kims = read(tmp_path / str(case.sam)), read(tmp_path / str(case.kim))

    for html, data in (sams, kims):
        assert list(data["parts"]) == list(SERVICES)
        assert data["missing"] == []
        assert "Marsh &amp; Fen Mediation" in html
    for (html, data), own, others in (
        (sams, (*SAMS.all, SAMS_ROOM, "Referral received"), (*KIMS.all, KIMS_ROOM, NOTED)),
        (kims, (*KIMS.all, KIMS_ROOM, "Meeting booked"), (*SAMS.all, SAMS_ROOM, NOTED)),
    ):
        for copy in (html, json.dumps(data)):
            assert [one for one in own if one not in copy] == []
            assert [one for one in others if one in copy] == []
    assert "Faith leader" in json.dumps(sams[1]["parts"]["reporting"])
    assert "Faith leader" not in json.dumps(kims[1])
    assert str(case.kim) not in json.dumps(sams[1])
    assert str(case.sam) not in json.dumps(kims[1])


def test_only_whoever_made_it_can_read_it_and_it_says_what_waits(everywhere, tmp_path):
    _, case = everywhere
    folder = tmp_path / "a" / "copy"
    said = export(case.kim, folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert "4 pieces wait" in said.output
    assert KIMS.name not in said.output


def test_every_store_notes_the_disclosure(everywhere, tmp_path):
    home, case = everywhere
    export(case.sam, tmp_path / "copy")

    for service in SERVICES:
        with closing(sqlite3.connect(home.stores / f"{service}.db")) as kept:
            query = "SELECT verb, role, person_id FROM audit_entry WHERE purpose = 'person_export'"
            [(verb, role, person_id)] = kept.execute(query).fetchall()
            assert (verb, role) == ("disclosure", "operator")
            assert UUID(person_id) == case.sam


def test_where_something_lies_already_nothing_is_written(everywhere, tmp_path):
    _, case = everywhere
    folder = tmp_path / "used"
    folder.mkdir()
    (folder / "other.txt").write_text("Somebody else's")
    said = export(case.sam, folder)
    file = export(case.sam, folder / "other.txt")

    assert (said.exit_code, "give a new folder" in said.output) == (1, True)
    assert (file.exit_code, "is no folder" in file.output) == (1, True)
    assert [path.name for path in folder.iterdir()] == ["other.txt"]


def test_nobody_and_whoever_was_erased_are_said_in_one_sentence(everywhere, tmp_path):
    home, case = everywhere
    asyncio.run(erase(home, case.kim))

    for person_id, words in (
        (STRANGER, "Nobody with this id is known"),
        (case.kim, "data was erased"),
        ("Sam", "That is no id"),
    ):
        said = export(person_id, tmp_path / "copy")
        assert (said.exit_code, words in said.output) == (1, True)
        assert "Traceback" not in said.output
        assert not (tmp_path / "copy").exists()


def test_a_copy_that_would_lack_a_part_is_not_made(everywhere, tmp_path):
    home, case = everywhere
    (home.stores / "scheduling.db").unlink()
    said = export(case.sam, tmp_path / "copy")

    assert said.exit_code == 1
    assert "There is no store" in said.output
    assert not (tmp_path / "copy").exists()
