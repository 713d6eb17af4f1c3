"""Row 1: from the outbox into the stream, beside publishing with the client alone."""

import time

from nats.aio.client import Client

from services.referral.store import SCHEMA
from shared.plumbing import envelope, outbox
from shared.plumbing.database import Database
from shared.plumbing.hearing import Hearing
from shared.plumbing.outbox import Relay
from shared.plumbing.own_stream import OwnStream
from tests.bench import facts
from tests.bench.figures import PER_SECOND, Row, Samples, alternately, at_least, median
from tests.bench.ground import Ground, Kind

PATH = "1 outbox to stream"
BAR = at_least(0.7)

ROUNDS, EVENTS = 10, 200
BARE = "bare"


async def rows(ground: Ground, rounds: int = ROUNDS, events: int = EVENTS) -> list[Row]:
    """The relay beside `publish` with its PubAck, one by one; the same bodies and headers."""
    broker = await ground.broker({"referral": Hearing(), BARE: Hearing()})
    found = []
    for kind in ground.kinds:
        store = await ground.store(SCHEMA, kind)
        async with broker.connect("referral") as ours, broker.connect(BARE) as bare:
            found.append(await _row(kind, store, ours, bare, rounds, events))
    return found


async def _row(
    kind: Kind, store: Database, ours: Client, bare: Client, rounds: int, events: int
) -> Row:
    publisher = OwnStream("referral")
    publisher.client = ours
    relay = Relay(store, publisher)

    async def by_the_relay() -> Samples:
        async with store.transaction() as session:
            for _ in range(events):
                await outbox.record(session, facts.received(), version=1)
        started = time.perf_counter()
        assert await relay.publish_waiting() == events
        return [events / (time.perf_counter() - started)]

    async def by_hand() -> Samples:
        told = [facts.received() for _ in range(events)]
        letters = [
            (fact.model_dump_json().encode(), envelope.to_headers(facts.around(fact)))
            for fact in told
        ]
        jetstream = bare.jetstream()
        started = time.perf_counter()
        for body, headers in letters:
            await jetstream.publish(f"{BARE}.referral_received.v1", body, headers=headers)
        return [events / (time.perf_counter() - started)]

    relayed, published = await alternately(rounds, by_the_relay, by_hand)
    return Row(f"{PATH}, {kind}", median(relayed), median(published), BAR, PER_SECOND)
