"""One leader at a time, and another when it is gone, on both databases."""

import asyncio
import sys
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from shared.plumbing import leader
from shared.plumbing.database import Database
from shared.plumbing.leader import LeadershipLost, leadership
from tests.fixtures.databases import connect
from tests.fixtures.patience import until
from tests.plumbing.ledger import SCHEMA


@asynccontextmanager
async def another(database, url=None):
    """The same store, as another process would open it, by another way if one is given."""
    same = Database(url or database.url, SCHEMA)
    yield same
    await same.close()


class Line:
    """A way to a PostgreSQL server that can fall silent without being cut."""

    def __init__(self, url) -> None:
        self._server = url
        self.is_silent = False
        self.url = url

    async def serve(self, near, near_writer) -> None:
        folder = self._server.query.get("host")
        if folder:
            far, far_writer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        else:
            far, far_writer = await asyncio.open_connection(self._server.host, self._server.port)
        await asyncio.gather(self._carry(near, far_writer), self._carry(far, near_writer))

    async def _carry(self, source, sink) -> None:
        while some := await source.read(65536):
            if not self.is_silent:
                sink.write(some)
        sink.close()


@asynccontextmanager
async def a_line_to(database):
    line = Line(database.url)
    async with await asyncio.start_server(line.serve, "127.0.0.1", 0) as server:
        [socket] = server.sockets
        port = socket.getsockname()[1]
        line.url = database.url.set(host="127.0.0.1", port=port, query={})
        yield line


class Candidate:
    """Somebody who wants to lead, and who says when they do."""

    def __init__(self, database, name="relay") -> None:
        self.leads = False
        self._task = asyncio.create_task(self._lead(database, name))

    async def _lead(self, database, name) -> None:
        async with leadership(database, name):
            self.leads = True
            try:
                await asyncio.Event().wait()
            finally:
                self.leads = False

    async def end(self) -> BaseException | None:
        self._task.cancel()
        [end] = await asyncio.gather(self._task, return_exceptions=True)
        return end

    async def ended(self) -> BaseException | None:
        [end] = await asyncio.gather(self._task, return_exceptions=True)
        return end


async def test_of_two_only_one_leads_until_it_stops(any_store):
    database = await any_store(SCHEMA)
    async with another(database) as same:
        first = Candidate(database)
        await until(lambda: first.leads)
        second = Candidate(same)
        await asyncio.sleep(1.5)
        assert not second.leads

        await first.end()
        await until(lambda: second.leads, within=10)

        await second.end()


async def test_each_kind_of_work_has_a_leader_of_its_own(any_store):
    database = await any_store(SCHEMA)
    relay, sender = Candidate(database, "relay"), Candidate(database, "sender")

    await until(lambda: relay.leads and sender.leads)

    await relay.end()
    await sender.end()


async def test_when_the_leading_process_is_killed_another_takes_over(any_store):
    database = await any_store(SCHEMA)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.plumbing.leader_process"),
        database.url.render_as_string(hide_password=False),
        stdout=asyncio.subprocess.PIPE,
    )
    assert await process.stdout.readline() == b"leads\n"
    heir = Candidate(database)
    await asyncio.sleep(0.2)
    assert not heir.leads

    process.kill()
    await process.wait()

    await until(lambda: heir.leads, within=15)
    await heir.end()


async def test_a_leader_that_ends_with_an_error_lets_go(any_store):
    database = await any_store(SCHEMA)

    with pytest.raises(LookupError):
        async with leadership(database, "relay"):
            raise LookupError

    async with asyncio.timeout(10), leadership(database, "relay"):
        pass


async def test_a_leader_whose_connection_is_cut_stops_at_once(postgres_store, monkeypatch):
    monkeypatch.setattr(leader, "PING_EVERY", timedelta(hours=1))
    database = await postgres_store(SCHEMA)
    leading = Candidate(database)
    await until(lambda: leading.leads)

    await cut_the_leaders_connection(database)

    await until(lambda: not leading.leads, within=10)
    assert isinstance(await leading.ended(), LeadershipLost)


async def test_a_leader_whose_server_falls_silent_stops_soon(postgres_store, monkeypatch):
    monkeypatch.setattr(leader, "PING_EVERY", leader.PING_EVERY / 20)
    monkeypatch.setattr(leader, "PING_PATIENCE", leader.PING_PATIENCE / 20)
    database = await postgres_store(SCHEMA)
    async with a_line_to(database) as line, another(database, line.url) as far_away:
        leading = Candidate(far_away)
        await until(lambda: leading.leads)

        line.is_silent = True
        await until(lambda: not leading.leads, within=10)

        assert isinstance(await leading.ended(), LeadershipLost)


async def test_a_leaders_connection_is_in_no_transaction_that_could_time_out(postgres_store):
    database = await postgres_store(SCHEMA)
    async with leadership(database, "relay"):
        admin = await connect(database.url)
        state = await admin.fetchval(
            "SELECT state FROM pg_stat_activity WHERE pid = $1", await leaders_pid(database, admin)
        )
        await admin.close()

    assert state == "idle"


async def test_losing_the_lead_is_not_mistaken_for_being_stopped(postgres_store):
    database = await postgres_store(SCHEMA)
    leading = Candidate(database)
    await until(lambda: leading.leads)

    assert isinstance(await leading.end(), asyncio.CancelledError)


async def leaders_pid(database, admin) -> int:
    return await admin.fetchval(
        "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND granted AND datname = $1",
        database.url.database,
    )


async def cut_the_leaders_connection(database) -> None:
    admin = await connect(database.url)
    await admin.execute("SELECT pg_terminate_backend($1)", await leaders_pid(database, admin))
    await admin.close()
