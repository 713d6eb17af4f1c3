"""A19 and the rest on PostgreSQL: what a dump of each database, and the server's own log, say."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.contracts.catalogue import SERVICES
from tests.canaries import asking, birds, careless, endings, rights
from tests.canaries.house import a_house
from tests.fixtures.backends import could_not_run, measured
from tests.fixtures.databases import connect

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


def pg_dump() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    program = str(found[-1]) if found else shutil.which("pg_dump")
    if not program:
        could_not_run("dumps of PostgreSQL", "pg_dump is not installed")
        pytest.skip("pg_dump is not installed")
    return program


@pytest.fixture(scope="module")
def stores(postgres_server):
    """A database for each service."""
    made = {name: asyncio.run(postgres_server.new_database()) for name in SERVICES}
    yield made
    for url in made.values():
        asyncio.run(postgres_server.drop(url))


@pytest.fixture(scope="module")
def house(stores, tmp_path_factory):
    urls = {name: url.render_as_string(hide_password=False) for name, url in stores.items()}
    folder = tmp_path_factory.mktemp("postgresql") / "house"
    with a_house(folder, **{careless.STORES: json.dumps(urls)}) as house:
        case = asking.ask_for_help(house)
        asking.look_after(house, case)
        other = rights.ask_for_rights(house)
        endings.break_glass(house, other)
        endings.hold(house, other)
        yield house


def dumped(url) -> bytes:
    where = url.set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run([pg_dump(), where], capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_a19_a_dump_of_a_database_names_nobody(house, stores, service):
    found = dumped(stores[service])

    assert b"COPY public.outbox" in found
    assert house.aviary.hits(found) == []
    measured(f"canaries: pg_dump of {service}", f"{len(found):,} bytes, nobody in them")


def test_the_servers_own_log_and_ours_name_nobody(house, stores):
    servers = Path(str(stores["referral"].query.get("host", ""))) / "log"
    ours = house.system.log.read_bytes()

    assert b"sqlalchemy.engine" in ours
    assert house.aviary.hits(ours) == []
    if servers.is_file():
        assert house.aviary.hits(servers.read_bytes()) == []
        measured("canaries: log of PostgreSQL", f"{servers.stat().st_size:,} bytes, nobody in them")


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_written_past_parley_is_found_in_a_dump(house, stores, service):
    connection = await connect(stores[service])
    await connection.execute("CREATE TABLE IF NOT EXISTS careless (note text)")
    await connection.execute("INSERT INTO careless VALUES ($1)", birds.text("leak"))
    await connection.close()

    assert house.aviary.hits(dumped(stores[service]))
