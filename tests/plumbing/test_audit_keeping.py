"""A running service keeps its own audit: linked, signed, anchored, and looked at."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.plumbing import audit, service
from shared.plumbing.audit import anchors, keeping
from shared.plumbing.audit.keys import public_keys
from shared.plumbing.audit.verifying import verify
from shared.plumbing.hearing import Hearing
from shared.plumbing.sealing import keyfile
from shared.plumbing.settings import CannotStart
from tests.fixtures.keys import keys_for
from tests.fixtures.web import running, visitor
from tests.plumbing import diary
from tests.plumbing.audited import an_entry, unguarded
from tests.plumbing.test_service_on_nats import codes, ready, until


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(keeping, "EVERY", timedelta(seconds=0.05))


@pytest.fixture
async def broker(parley_broker):
    hearing = Hearing()
    diary.listen(hearing)
    return await parley_broker({"diary": hearing})


@pytest.fixture
async def store(any_store):
    return await any_store(diary.SCHEMA)


def a_diary(store, keys, nats_url="nats://127.0.0.1:1", creds=None, **changes):
    url = store.url.render_as_string(hide_password=False)
    settings = diary.settings(url, nats_url=nats_url, nats_creds=creds)
    settings = settings.model_copy(update={"keys": keys, **changes})
    if not (sealing := keyfile.path_of(keys, "diary")).exists():  # or it is never ready
        keyfile.save(sealing, keys_for("diary"))
    return service.create(replace(diary.BLUEPRINT, listen=diary.listen), settings)


async def write(store, count=3):
    async with store.transaction() as session:
        await audit.record(session, *[an_entry(person_id=session.new_id()) for _ in range(count)])


async def count_of(store, table):
    async with store.reading() as session:
        return await session.scalar(text(f"SELECT count(*) FROM {table}"))


async def test_what_is_recorded_is_linked_signed_and_anchored_by_itself(store, broker, tmp_path):
    app = a_diary(store, tmp_path, broker.url, broker.creds("diary"))
    async with running(app):
        await write(store)

        async def anchored():
            return await count_of(store, "audit_anchor") == 1

        await until(anchored)
    async with broker.connect() as client:
        report = await verify(store, public_keys(tmp_path, "diary"), anchors.read(client, "diary"))

    assert (report.entries, report.heads, report.anchors, report.findings) == (3, 1, 1, [])


async def test_without_a_broker_it_is_linked_and_signed_all_the_same(store, tmp_path):
    async with running(a_diary(store, tmp_path)):
        await write(store)

        async def signed():
            return await count_of(store, "audit_head") == 1

        await until(signed)

    assert await count_of(store, "audit_anchor") == 0


async def test_two_replicas_keep_one_chain_and_the_other_takes_over(store, tmp_path):
    async with running(a_diary(store, tmp_path)):
        async with running(a_diary(store, tmp_path)):
            await write(store)

            async def linked():
                return await count_of(store, "audit_link") == 3

            await until(linked)
        await write(store)

        async def more():
            return await count_of(store, "audit_head") == 2

        await until(more)

    report = await verify(store, public_keys(tmp_path, "diary"))
    assert (report.entries, report.findings) == (6, [])


async def test_a15_a_service_that_starts_on_a_changed_audit_is_not_ready(store, broker, tmp_path):
    app = a_diary(store, tmp_path, broker.url, broker.creds("diary"))
    async with running(app):
        await write(store)

        async def signed():
            return await count_of(store, "audit_head") == 1

        await until(signed)
    async with unguarded(store) as session:
        await session.execute(text("UPDATE audit_entry SET purpose = 'nothing'"))

    again = a_diary(store, tmp_path, broker.url, broker.creds("diary"))
    async with running(again) as app, visitor(app) as browser:

        async def broken():
            return "audit_broken" in await codes(browser)

        await until(broken)
        assert "parley_audit_faults 3.0" in (await browser.get("/metrics")).text


async def test_a15_a_chain_that_is_written_anew_while_it_runs_is_not_signed(
    store, broker, tmp_path
):
    app = a_diary(store, tmp_path, broker.url, broker.creds("diary"))
    async with running(app), visitor(app) as browser:
        await until(ready(browser))
        await write(store)

        async def signed():
            return await count_of(store, "audit_head") == 1

        await until(signed)
        async with unguarded(store) as session:
            await session.execute(text("UPDATE audit_entry SET purpose = 'nothing'"))
            for table in ("audit_link", "audit_head", "audit_anchor"):
                await session.execute(text(f"DELETE FROM {table}"))

        async def broken():
            return "audit_broken" in await codes(browser)

        await until(broken)
        assert await count_of(store, "audit_head") == 0


async def test_a_service_does_not_start_with_a_key_others_can_read(sqlite_store, tmp_path):
    store = await sqlite_store(diary.SCHEMA)
    async with running(a_diary(store, tmp_path)):
        pass
    os.chmod(tmp_path / "diary.audit.key", 0o444)

    with pytest.raises(CannotStart, match="Others can read the key"):
        async with running(a_diary(store, tmp_path)):
            pass
