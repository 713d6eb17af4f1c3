"""A15: whoever changes what was recorded is found out, on either database."""

import asyncio

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from shared.plumbing import audit, crash
from shared.plumbing.audit.anchors import Anchor
from shared.plumbing.audit.chain import Chain, Rewritten
from shared.plumbing.audit.report import Fault
from shared.plumbing.audit.verifying import verify
from shared.plumbing.audit_tables import KEYS
from tests.plumbing.audited import (
    ANOTHER_KEY,
    KEY,
    PUBLICS,
    an_entry,
    keep,
    kept,
    looked_at,
    rewrite,
    unguarded,
    write,
)
from tests.plumbing.house import SHOP


async def test_a15_what_nobody_changed_is_found_as_it_was_written(any_shop):
    heads = await kept(any_shop)

    report = await looked_at(any_shop, heads)

    assert (report.entries, report.heads, report.anchors) == (9, 3, 3)
    assert report.findings == []


async def test_a15_an_edited_entry_is_found(any_shop):
    heads = await kept(any_shop)
    entry = any_shop.schema.tables.audit.entry
    async with unguarded(any_shop) as session:
        first = await session.scalar(select(entry.c.id).order_by(entry.c.id).limit(1))
        await session.execute(update(entry).where(entry.c.id == first).values(fields="nothing"))

    report = await looked_at(any_shop, heads)

    assert [one.sentence for one in report.findings] == ["Entry 1 was edited."]


async def test_a15_a_deleted_entry_is_found(any_shop):
    heads = await kept(any_shop)
    entry = any_shop.schema.tables.audit.entry
    async with unguarded(any_shop) as session:
        first = await session.scalar(select(entry.c.id).order_by(entry.c.id).limit(1))
        await session.execute(delete(entry).where(entry.c.id == first))

    report = await looked_at(any_shop, heads)

    assert [one.sentence for one in report.findings] == ["Entry 1 was deleted."]


async def test_a15_entries_deleted_with_their_links_are_found(any_shop):
    heads = await kept(any_shop)
    tables = any_shop.schema.tables.audit
    async with unguarded(any_shop) as session:
        gone = select(tables.link.c.entry_id).where(tables.link.c.n.in_((4, 5)))
        await session.execute(delete(tables.entry).where(tables.entry.c.id.in_(gone)))
        await session.execute(delete(tables.link).where(tables.link.c.n.in_((4, 5))))

    report = await looked_at(any_shop, heads)

    assert report.findings[0].sentence == "Gone from the chain: entries 4 to 5."


async def cut_off_after(store, n: int) -> None:
    """The end of everything is gone, with the signatures that knew of it."""
    tables = store.schema.tables.audit
    async with unguarded(store) as session:
        gone = select(tables.link.c.entry_id).where(tables.link.c.n > n)
        await session.execute(delete(tables.entry).where(tables.entry.c.id.in_(gone)))
        for table in (tables.link, tables.head, tables.anchor):
            await session.execute(delete(table).where(table.c.n > n))


async def test_a15_a_chain_cut_short_is_found_by_the_anchors_and_only_by_them(any_shop):
    heads = await kept(any_shop)
    await cut_off_after(any_shop, 6)

    assert (await looked_at(any_shop)).findings == []
    report = await looked_at(any_shop, heads)
    assert [(one.fault, one.sentence) for one in report.findings] == [
        (Fault.TRUNCATED, "An anchor says the chain had come to entry 9, but it ends with entry 6.")
    ]


async def test_a15_a_chain_cut_short_that_keeps_its_signatures_is_found_without_anchors(any_shop):
    await kept(any_shop)
    tables = any_shop.schema.tables.audit
    async with unguarded(any_shop) as session:
        await session.execute(delete(tables.link).where(tables.link.c.n > 6))

    report = await looked_at(any_shop)

    assert report.faults == {Fault.TRUNCATED: 1}


async def test_a15_a_chain_written_anew_and_signed_anew_is_found_by_the_anchors(any_shop):
    """Whoever has the store and the key, too, cannot change what lies outside."""
    heads = await kept(any_shop)
    await rewrite(any_shop, KEY)

    assert (await looked_at(any_shop)).findings == []  # the limit: without anchors it is whole
    report = await looked_at(any_shop, heads)
    assert report.faults == {Fault.REWRITTEN: 3}


async def test_a15_a_chain_signed_anew_with_another_key_is_found_without_anchors(any_shop):
    heads = await kept(any_shop)
    await rewrite(any_shop, ANOTHER_KEY)

    report = await looked_at(any_shop)

    assert [one.sentence for one in report.findings] == [
        "The signature of entry 9 is by a key nobody knows here."
    ]
    assert (await looked_at(any_shop, heads)).faults == {Fault.FORGED: 1, Fault.REWRITTEN: 3}


async def test_an_anchor_by_another_key_says_nothing_of_the_chain_but_is_told(any_shop):
    heads = await kept(any_shop, rounds=1)
    stranger = Chain(any_shop, ANOTHER_KEY)
    await write(any_shop)
    await stranger.link()
    forged = await stranger.sign()

    report = await looked_at(any_shop, [*heads, forged])

    assert report.faults == {Fault.FORGED: 2}  # in the store, and outside


async def test_without_a_public_key_it_cannot_be_found_out(any_shop):
    await kept(any_shop)

    report = await verify(any_shop, {})

    assert (report.is_unproven, report.tampered) == (True, 0)


async def test_anchors_that_are_gone_prove_nothing(any_shop):
    heads = await kept(any_shop)
    tables = any_shop.schema.tables.audit
    async with any_shop.transaction() as session:
        for place, head in enumerate(heads, 1):
            told = {"n": head.n, "stream_seq": place, "at": session.now()}
            await session.execute(tables.anchor.insert(), told)

    report = await looked_at(any_shop, [])

    assert (report.is_unproven, report.tampered) == (True, 0)


@pytest.mark.parametrize("table", KEYS)
async def test_a15_the_database_itself_refuses_to_change_what_was_recorded(any_shop, table):
    heads = await kept(any_shop, rounds=1)
    async with any_shop.transaction() as session:
        told = {"n": heads[0].n, "stream_seq": 1, "at": session.now()}
        await session.execute(any_shop.schema.tables.audit.anchor.insert(), told)
    key = KEYS[table][0]
    attempts = [f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"]
    if any_shop.dialect == "postgresql":
        attempts.append(f"TRUNCATE {table}")
    else:
        attempts.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")

    for attempt in attempts:
        with pytest.raises(DBAPIError, match="the audit is only added to"):
            async with any_shop.transaction() as session:
                await session.execute(text(attempt))

    assert (await looked_at(any_shop, heads)).findings == []


async def test_what_is_committed_late_is_linked_late_and_the_order_stands(postgres_store):
    store = await postgres_store(SHOP)
    chain = Chain(store, KEY)
    async with store.transaction() as slow:
        await audit.record(slow, an_entry(purpose="slow"))  # the lower id
        await write(store, 2)
        await chain.link()
        first = await chain.sign()
    await chain.link()

    last = await chain.sign()

    assert (first.n, last.n) == (2, 3)
    assert (await looked_at(store, [first, last])).findings == []


async def test_what_came_with_a_clock_far_behind_is_linked_when_all_is_looked_at(
    sqlite_store, world
):
    from datetime import timedelta

    store = await sqlite_store(SHOP, world=world)
    chain = Chain(store, KEY)
    await write(store, 1)
    await chain.link()
    world.advance(-timedelta(days=2))
    await write(store, 1)
    world.advance(timedelta(days=2))

    assert await chain.link() == 0
    chain.look_at_all()
    assert await chain.link() == 1
    assert (await looked_at(store)).tampered == 0


async def test_two_replicas_that_link_at_once_make_one_chain(any_shop):
    await write(any_shop, 40)
    one, other = Chain(any_shop, KEY), Chain(any_shop, KEY)

    linked = await asyncio.gather(one.link(), other.link())
    heads = await asyncio.gather(one.sign(), other.sign())

    assert sum(linked) == 40
    assert sorted(head is None for head in heads) == [False, True]
    report = await looked_at(any_shop)
    assert (report.entries, report.findings) == (40, [])


async def test_after_a_crash_between_linking_and_signing_another_leader_signs(
    any_shop, monkeypatch
):
    class Died(Exception):
        pass

    def die(name: str) -> None:
        if name == "audit.after_link":
            raise Died

    await write(any_shop)
    monkeypatch.setattr(crash, "hook", die)
    with pytest.raises(Died):
        await keep(any_shop)
    monkeypatch.setattr(crash, "hook", None)

    head = await keep(any_shop)

    assert head is not None
    assert head.n == 3
    assert (await looked_at(any_shop, [head])).findings == []


async def test_a_leader_takes_over_where_the_one_before_stopped(any_shop):
    first = Chain(any_shop, KEY)
    await write(any_shop)
    await first.link()
    heads = [await first.sign()]
    second = Chain(any_shop, KEY)
    await write(any_shop)
    await second.link()
    heads.append(await second.sign())

    assert [head.n for head in heads] == [3, 6]
    assert await first.sign() is None
    assert (await looked_at(any_shop, heads)).findings == []


async def test_a_running_leader_does_not_sign_what_was_written_anew(any_shop):
    chain = Chain(any_shop, KEY)
    await write(any_shop)
    await chain.link()
    await chain.sign()
    await rewrite(any_shop, None)

    with pytest.raises(Rewritten):
        await chain.sign()


async def test_what_is_linked_and_anchored_during_a_look_is_no_sign_of_tampering(any_shop):
    before = await kept(any_shop)

    async def told():
        for head in before:
            yield Anchor(head.n, head)
        for head in await kept(any_shop):
            yield Anchor(head.n, head)

    report = await verify(any_shop, PUBLICS, told())

    assert report.anchors == 6
    assert report.findings == []
