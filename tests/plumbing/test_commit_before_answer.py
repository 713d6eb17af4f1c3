"""Kills a served process around the commit: nobody is told of what is not on the disk."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from shared.plumbing.crash import EXIT_STATUS
from tests.plumbing import diary

ROOT = Path(__file__).parents[2]

SERVE = """
import os, sys, uvicorn
from shared.plumbing import crash
from tests.plumbing import diary

url, when = sys.argv[1:]
app = diary.create(url)
if when == "before":
    from sqlalchemy import event
    engine = app.state.service.database._writer.sync_engine
    entered = []  # work in the background commits as well

    def note(_connection, _cursor, sql, *_more):
        if sql.startswith(f"INSERT INTO {diary.EntryRow.__tablename__} "):
            entered.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", lambda _: os._exit(crash.EXIT_STATUS) if entered else None)
server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
startup = server.startup

async def tell(sockets=None):
    await startup(sockets)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)

server.startup = tell
server.run()
"""


@contextmanager
def serving(url, when):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if when == "after":
        environment["PARLEY_CRASH_AT"] = "request.after_commit"
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(url), when],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["Monday"])])
async def test_a_process_killed_around_the_commit_told_nobody(sqlite_store, when, stored):
    store = await sqlite_store(diary.SCHEMA)

    with serving(store.url, when) as process:
        port = int(process.stdout.readline())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post("/diary/api/entries", json={"title": "Monday"})
        assert process.wait(10) == EXIT_STATUS

    async with store.reading() as session:
        titles = list(await session.scalars(diary.select(diary.EntryRow.title)))
    assert titles == stored
