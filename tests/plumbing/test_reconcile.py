"""Outbox and stream compared, on a real server: what the stream lost is told again, once."""

import asyncio
from datetime import timedelta

import pytest

from shared.plumbing.outbox import Reconciler, Relay, is_short
from shared.plumbing.own_stream import OwnStream
from tests.plumbing.house import BAKERY, rows_of, until
from tests.plumbing.mischief import LONG, SHORT, a_bakery, days, loose
from tests.plumbing.stream import running


async def middle(bakery):
    await bakery.remove(4, 5, 6)


async def end(bakery):
    await bakery.remove(10, 9, 8)


async def beginning(bakery):
    await bakery.jetstream.purge_stream("bakery", seq=5)


async def everything(bakery):
    await bakery.jetstream.purge_stream("bakery", subject="bakery.bread_baked.v1")


async def the_stream(bakery):
    await bakery.jetstream.delete_stream("bakery")
    await bakery.jetstream.add_stream(loose())


LOSSES = [
    (middle, 3, [*range(1, 4), *range(7, 11), 4, 5, 6]),
    (end, 3, [*range(1, 11)]),
    (beginning, 4, [*range(5, 11), *range(1, 5)]),
    (everything, 10, [*range(1, 11)]),
    (the_stream, 10, [*range(1, 11)]),
]


@pytest.mark.parametrize("remembers", [LONG, SHORT], ids=["remembered", "forgotten"])
@pytest.mark.parametrize(("lose", "lost", "order"), LOSSES, ids=[it[0].__name__ for it in LOSSES])
async def test_what_a_stream_lost_is_told_again_once_and_nothing_else_is(
    nats_server, any_store, lose, lost, order, remembers
):
    """Whether the stream still remembers the ids of what it has lost or not."""
    async with a_bakery(nats_server, await any_store(BAKERY), remembers) as bakery:
        await bakery.tell(*range(1, 11))
        ids = [str(one.event_id) for one in await bakery.messages()]
        await lose(bakery)
        left = [str(one.event_id) for one in await bakery.messages()]
        await asyncio.sleep(2 * SHORT)

        report = await bakery.reconciler.reconcile()

        assert (report.told, report.missing, report.unknown) == (10, lost, 0)
        assert await bakery.unsent() == [one for one in ids if one not in left]
        await bakery.relay.publish_waiting()
        assert await bakery.held() == order
        assert (await bakery.reconciler.reconcile()).is_equal
        assert await bakery.unsent() == []
        assert not await is_short(bakery.store, bakery.stream)


async def test_nothing_is_changed_when_nothing_is_missing(nats_server, any_store):
    async with a_bakery(nats_server, await any_store(BAKERY)) as bakery:
        await bakery.tell(1, 2, 3)
        await bakery.record(4)

        report = await bakery.reconciler.reconcile()

        assert (report.is_equal, report.told) == (True, 3)
        assert len(await bakery.unsent()) == 1


@pytest.mark.parametrize("empty", [True, False])
async def test_a_service_that_tells_nothing_has_nothing_to_compare(nats_server, any_store, empty):
    async with a_bakery(nats_server, await any_store(BAKERY)) as bakery:
        if not empty:
            await bakery.record(1)

        assert (await bakery.reconciler.reconcile()).is_equal


async def test_only_looking_changes_nothing(nats_server, any_store):
    async with a_bakery(nats_server, await any_store(BAKERY)) as bakery:
        await bakery.tell(1, 2, 3)
        await bakery.remove(2)
        await bakery.jetstream.publish("bakery.bread_baked.v1", b"{}")

        report = await bakery.reconciler.reconcile(mend=False)

        assert (report.missing, report.unknown) == (1, 1)
        assert await bakery.unsent() == []
        assert await rows_of(bakery.store, "parked_event") == 0


class Watched(OwnStream):
    """Counts how often each place is looked at."""

    looked_at: tuple[int, ...] = ()

    async def get(self, seq):
        self.looked_at += (seq,)
        return await super().get(seq)


async def test_of_many_days_only_those_that_differ_are_looked_at_closely(
    nats_server, any_store, world
):
    store = await any_store(BAKERY, world=world)
    async with a_bakery(nats_server, store) as bakery:
        for day in range(60):
            await bakery.tell(*range(10 * day, 10 * day + 10))
            world.advance(timedelta(days=1))
        await bakery.remove(101, 102, 503)
        watched = Watched("bakery", bakery.stream.client)

        report = await Reconciler(store, watched).reconcile()

        assert days(report) == [
            ("2026-03-12", 10, 8, 2, 0),
            ("2026-04-21", 10, 9, 1, 0),
        ]
        twice = {seq for seq in watched.looked_at if watched.looked_at.count(seq) > 1}
        assert {*range(103, 111), *range(501, 511)} <= twice
        assert len(watched.looked_at) < 600 + 450  # the days between the two, and none around
        assert len(await bakery.unsent()) == 3


async def test_days_that_differ_far_apart_are_looked_at_apart(
    nats_server, any_store, world, monkeypatch
):
    monkeypatch.setattr("shared.plumbing.outbox.comparing.CLOSELY_AT_ONCE", 20)
    store = await any_store(BAKERY, world=world)
    async with a_bakery(nats_server, store) as bakery:
        for day in range(30):
            await bakery.tell(*range(10 * day, 10 * day + 10))
            world.advance(timedelta(days=1))
        await bakery.remove(1, 155, 156, 299)
        watched = Watched("bakery", bakery.stream.client)

        report = await Reconciler(store, watched).reconcile()

        assert [day[3] for day in days(report)] == [1, 2, 1]
        assert len(watched.looked_at) < 300 + 60


HOW_MANY = 300


async def test_no_false_alarm_is_raised_while_events_are_told(nats_server, any_store):
    store = await any_store(BAKERY)
    async with a_bakery(nats_server, store) as bakery, running(Relay(store, bakery.stream)):

        async def tell_on() -> None:
            for number in range(0, HOW_MANY, 3):
                await bakery.record(number, number + 1, number + 2)
                await asyncio.sleep(0.005)

        telling = asyncio.create_task(tell_on())
        reports = []
        while not telling.done():
            reports.append(await Reconciler(store, bakery.stream).reconcile())

        assert [report.days for report in reports if report.days] == []
        assert len({report.told for report in reports}) > 3, "it was told all the while"

        async def all_told() -> bool:
            return not await bakery.unsent()

        await until(all_told)
        assert await bakery.held() == [*range(HOW_MANY)]


async def test_a_stream_that_was_put_back_closer_together_is_not_short_for_ever(
    nats_server, any_store
):
    async with a_bakery(nats_server, await any_store(BAKERY)) as bakery:
        await bakery.tell(1, 2, 3)
        await everything(bakery)
        await bakery.reconciler.reconcile()
        await bakery.relay.publish_waiting()  # in the places from 4 on
        messages = await bakery.messages()
        await the_stream(bakery)
        for one in messages[:2]:
            await bakery.stream.publish(one.subject, one.body, dict(one.headers))
        assert await is_short(bakery.store, bakery.stream)

        report = await bakery.reconciler.reconcile()
        await bakery.relay.publish_waiting()

        assert report.missing == 1
        assert await bakery.held() == [1, 2, 3]
        assert not await is_short(bakery.store, bakery.stream)


async def test_what_was_told_twice_is_no_difference(nats_server, any_store):
    async with a_bakery(nats_server, await any_store(BAKERY), SHORT) as bakery:
        await bakery.tell(1, 2)
        await asyncio.sleep(2 * SHORT)
        first = (await bakery.messages())[0]
        await bakery.stream.publish(first.subject, first.body, dict(first.headers))
        assert await bakery.held() == [1, 2, 1]

        assert (await bakery.reconciler.reconcile()).is_equal
