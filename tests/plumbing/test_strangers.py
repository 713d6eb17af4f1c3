"""What a stream holds and its outbox does not know: kept for a person, never deleted."""

import shutil
from pathlib import Path

import pytest

from shared.plumbing import metrics, parked
from shared.plumbing.database import Database
from shared.plumbing.envelope import to_headers
from shared.plumbing.outbox import Reconciler, Relay, know_own_stream, strangers
from shared.plumbing.outbox.reconcile import StrangersUncounted
from shared.plumbing.own_stream import NotStored
from shared.plumbing.probes import probe_store
from tests.plumbing.house import BAKERY, BreadBaked, around, baked, parked_events, until
from tests.plumbing.mischief import Bakery, a_bakery, days
from tests.plumbing.stream import running


@pytest.fixture
async def bakery(nats_server, any_store, world):
    """One with two events of its own."""
    store = await any_store(BAKERY, world=world)
    async with a_bakery(nats_server, store) as opened:
        await opened.tell(1, 2)
        yield opened


async def slip_in(bakery: Bakery, number: int = 9, **changes: object):
    """An event that looks like ours, past the outbox."""
    fact = baked(number)
    envelope = around(fact, **{"time": bakery.store.world.now(), **changes})
    body = fact.model_dump_json().encode()
    await bakery.jetstream.publish(BreadBaked.subject, body, headers=to_headers(envelope))
    return envelope


async def discard(bakery: Bakery, *events: parked.Parked) -> None:
    async with bakery.store.transaction() as session:
        for event in events:
            await parked.ask_discard(session, event.id, "somebody tried something out")


async def test_an_event_the_outbox_does_not_know_is_named_and_kept_for_a_person(bakery):
    strange = await slip_in(bakery)

    report = await bakery.reconciler.reconcile()

    assert days(report) == [("2026-03-02", 2, 3, 0, 1)]
    (found,) = report.strangers
    assert (found.seq, found.event_id, found.about) == (3, strange.id, strange.subject)
    (event,) = await parked_events(bakery.store)
    assert (event.consumer, event.error_code) == ("bakery-bakery", "NotInTheOutbox")
    assert (event.subject, event.stream_seq) == (BreadBaked.subject, 3)
    assert event.headers["ce-id"] == str(strange.id)
    assert await bakery.held() == [1, 2, 9], "nothing is deleted"


async def test_found_again_it_is_still_one(bakery):
    await slip_in(bakery)

    reports = [await bakery.reconciler.reconcile() for _ in range(3)]

    assert [report.unknown for report in reports] == [1, 1, 1]
    assert len(await parked_events(bakery.store)) == 1


async def test_given_up_with_a_reason_it_is_no_difference_any_more(bakery):
    await slip_in(bakery)
    await bakery.jetstream.publish("bakery.bread_baked.v1", b"no event at all")
    await bakery.reconciler.reconcile()

    await discard(bakery, *await parked_events(bakery.store))

    assert (await bakery.reconciler.reconcile()).is_equal
    assert (await bakery.reconciler.reconcile(mend=False)).is_equal
    assert await parked_events(bakery.store) == []


async def test_a_message_that_is_no_event_at_all_is_found_too(bakery):
    await bakery.jetstream.publish("bakery.what.ever", b"\xff\x00", headers={"ce-id": "x"})

    report = await bakery.reconciler.reconcile()

    (found,) = report.strangers
    assert (found.seq, found.subject, found.event_id, found.about) == (
        3,
        "bakery.what.ever",
        None,
        None,
    )
    (event,) = await parked_events(bakery.store)
    assert event.body == b"\xff\x00"


async def test_missing_and_unknown_on_one_day_are_told_apart(bakery):
    await bakery.remove(1)
    await slip_in(bakery)

    report = await bakery.reconciler.reconcile()
    await bakery.relay.publish_waiting()

    assert days(report) == [("2026-03-02", 2, 2, 1, 1)]
    assert await bakery.held() == [2, 9, 1]


async def test_there_are_never_more_than_anybody_can_look_at(bakery, monkeypatch):
    monkeypatch.setattr(strangers, "MOST_PARKED", 3)
    for number in range(5):
        await slip_in(bakery, number)

    report = await bakery.reconciler.reconcile()
    await bakery.reconciler.reconcile()
    first = await parked_events(bakery.store)
    await discard(bakery, *first)
    await bakery.reconciler.reconcile()

    assert report.unknown == 5
    assert [event.stream_seq for event in first] == [3, 4, 5]
    assert [event.stream_seq for event in await parked_events(bakery.store)] == [6, 7]


async def test_health_is_not_green_while_there_is_one_and_says_which_kind_of_trouble_it_is(bakery):
    async def ailing() -> list[tuple[str, str]]:
        found = await probe_store(bakery.store, metrics.of("bakery"))
        return [(one.code, one.about) for one in found]

    before = await ailing()
    await slip_in(bakery)
    await bakery.reconciler.reconcile()
    strange = await ailing()
    async with bakery.store.transaction() as session:
        await parked.park(session, "bakery-shop", {}, b"{}", "shop.x.v1", 1, "ValueError")
    both = await ailing()
    await discard(bakery, *await parked_events(bakery.store))

    assert (before, strange) == ([], [("stream_unknown", "1")])
    assert both == [("events_parked", "1"), ("stream_unknown", "1")]
    assert await ailing() == []


@pytest.fixture
async def restored(nats_server, sqlite_store, tmp_path: Path):
    """A bakery whose store was put back as it was two events ago, and the newer store."""
    store = await sqlite_store(BAKERY)
    async with a_bakery(nats_server, store) as opened:
        await opened.tell(1, 2)
        await store.close()  # everything is in the one file then
        shutil.copy(store.url.database, tmp_path / "older.db")
        await opened.tell(3, 4)
        older = Database(
            store.url.set(database=str(tmp_path / "older.db")), BAKERY, keyring=store.keyring
        )
        yield Bakery(older, opened.stream), store
        await older.close()


async def test_a_store_put_back_from_an_older_copy_learns_which_aggregates_went_on_without_it(
    restored,
):
    bakery, _ = restored
    told = await bakery.messages()

    report = await bakery.reconciler.reconcile()

    assert (report.told, report.missing, report.unknown) == (2, 0, 2)
    assert [str(one.about) for one in report.strangers] == [
        one.headers["ce-subject"] for one in told[2:]
    ]
    assert await bakery.unsent() == []
    await bakery.tell(5)
    assert await bakery.held() == [1, 2, 3, 4, 5], "and it goes on telling"
    assert (await bakery.reconciler.reconcile()).unknown == 2


async def test_when_the_newer_store_comes_back_nobody_has_to_look_any_more(restored):
    bakery, newer = restored
    await bakery.reconciler.reconcile()
    events = await parked_events(bakery.store)
    async with newer.transaction() as session:
        for event in events:
            await parked.park(
                session,
                event.consumer,
                event.headers,
                event.body,
                event.subject,
                event.stream_seq,
                event.error_code,
            )

    report = await Reconciler(newer, bakery.stream).reconcile()

    assert len(events) == 2
    assert report.is_equal
    assert await parked_events(newer) == []


async def test_what_was_settled_and_is_unknown_again_needs_somebody_again(bakery):
    await slip_in(bakery)
    await bakery.reconciler.reconcile()
    (first,) = await parked_events(bakery.store)
    async with bakery.store.transaction() as session:
        await parked.ask_retry(session, first.id)
        await parked.resolve(session, first.id)
    assert await parked_events(bakery.store) == []

    await bakery.reconciler.reconcile()

    assert [event.id for event in await parked_events(bakery.store)] == [first.id]


async def test_a_relay_that_leads_finds_them_by_itself(bakery):
    await slip_in(bakery)

    async with running(Relay(bakery.store, bakery.stream)):

        async def found() -> bool:
            return len(await parked_events(bakery.store)) == 1

        await until(found)


async def test_a_store_put_back_learns_of_what_its_stream_tells_before_anybody_acts_on_it(bakery):
    strange = await slip_in(bakery)

    await know_own_stream(bakery.store, bakery.stream)

    async with bakery.store.reading() as session:
        assert await strangers.tell_of(session, strange.subject)
        assert not await strangers.tell_of(session, baked(1).aggregate_id)


async def test_what_was_given_up_stays_said(bakery):
    strange = await slip_in(bakery)
    await know_own_stream(bakery.store, bakery.stream)
    await discard(bakery, *await parked_events(bakery.store))

    async with bakery.store.reading() as session:
        assert await strangers.tell_of(session, strange.subject)


async def test_a_store_that_knows_its_whole_stream_need_not_compare(bakery, monkeypatch):
    monkeypatch.setattr(Reconciler, "reconcile", None)

    await know_own_stream(bakery.store, bakery.stream)


async def test_a_stream_that_cannot_be_read_is_not_known(bakery):
    await slip_in(bakery)
    bakery.stream.client = None

    with pytest.raises(NotStored):
        await know_own_stream(bakery.store, bakery.stream)


async def test_more_strangers_than_can_be_kept_are_not_known(bakery, monkeypatch):
    monkeypatch.setattr("shared.plumbing.outbox.strangers.MOST_PARKED", 1)
    monkeypatch.setattr("shared.plumbing.outbox.reconcile.MOST_PARKED", 1)
    for number in (8, 9):
        await slip_in(bakery, number)

    with pytest.raises(StrangersUncounted):
        await know_own_stream(bakery.store, bakery.stream)
