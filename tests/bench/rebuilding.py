"""Row 3: counting everything again from the streams, beside a bare ordered read."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nats.aio.client import Client
from nats.js import api

from deploy.parts import blueprints, hearings
from services.reporting.rebuild import rebuild
from shared.contracts.fact import Envelope, Fact
from shared.contracts.referral import ReferralAccepted
from shared.plumbing import envelope
from shared.plumbing.database import Database
from shared.plumbing.replay import replay
from tests.bench import facts
from tests.bench.bare import BareStore
from tests.bench.figures import PER_SECOND, Row, Samples, alternately, at_least, median
from tests.bench.ground import Ground
from tests.bench.recording import Statement
from tests.fixtures.broker import ParleyBroker

PATH = "3 rebuild of the measures"
BAR = at_least(0.5)

ROUNDS, EVENTS = 5, 10_000
STREAM = "referral"
LONDON = ZoneInfo("Europe/London")

RECEIVED, ACCEPTED = "referral.referral_received.v1", "referral.referral_accepted.v1"


async def rows(ground: Ground, rounds: int = ROUNDS, events: int = EVENTS) -> list[Row]:
    """`parley reporting rebuild` beside: read in order, decode, fold in memory, write in bulk."""
    blueprint = blueprints()["reporting"]
    heard = hearings(blueprints())
    broker = await ground.broker(heard)
    ours = await ground.store(blueprint.schema)
    bare = await ground.store(blueprint.schema)
    bare_store = await ground.bare(bare)
    async with broker.connect() as client:
        await _tell(broker, client, events)

        async def rebuilt() -> Samples:
            kinds = list(heard["reporting"].facts)

            def told() -> AsyncIterator[tuple[Envelope, Fact]]:
                return replay(client.jetstream(), [STREAM], kinds)

            started = time.perf_counter()
            assert await rebuild(ours, told) == events
            return [events / (time.perf_counter() - started)]

        async def by_hand() -> Samples:
            started = time.perf_counter()
            assert await _count_bare(client, bare_store, events) == events
            return [events / (time.perf_counter() - started)]

        rates, limits = await alternately(rounds, rebuilt, by_hand)
    assert await _counts(ours) == await _counts(bare)
    return [Row(f"{PATH}, SQLite", median(rates), median(limits), BAR, PER_SECOND)]


async def _tell(broker: ParleyBroker, client: Client, events: int) -> None:
    """Two facts a referral: it came in, and it was accepted."""
    async with broker.connect(STREAM) as teller:
        for number in range(events // 2):
            came = facts.received()
            taken = ReferralAccepted(
                referral_id=came.referral_id,
                case_id=came.person_id,
                person_id=came.person_id,
                side=came.side,
                matter=came.matter,
                area_id=came.area_id,
            )
            at = facts.month_by_month(number, events // 2, 12)
            for sequence, fact in enumerate((came, taken), 1):
                headers = envelope.to_headers(facts.around(fact, at, sequence))
                # Without waiting for each one's answer: the streams are counted below.
                await teller.publish(fact.subject, fact.model_dump_json().encode(), headers=headers)
        await teller.flush(30)
    while (await client.jetstream().stream_info(STREAM)).state.messages < events:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)


async def _count_bare(client: Client, store: BareStore, events: int) -> int:
    """Read, decode, fold, and write what reporting would have written."""
    referrals: dict[str, list[Any]] = {}
    cases: dict[str, list[Any]] = {}
    seen: list[tuple[Any, ...]] = []
    reader = await client.jetstream().subscribe(
        "",
        stream=STREAM,
        ordered_consumer=True,
        config=api.ConsumerConfig(filter_subjects=[RECEIVED, ACCEPTED]),
    )
    now = _stored(datetime.now(UTC))
    for _ in range(events):
        message = await reader.next_msg(timeout=10)
        headers, fact = message.headers, json.loads(message.data)
        at = datetime.fromisoformat(headers["ce-time"])
        key = UUID(fact["referral_id"]).hex
        if message.subject == RECEIVED:
            month = at.astimezone(LONDON).date().replace(day=1).isoformat()
            referrals[key] = [
                *(key, _stored(at), month, fact["source"], fact["matter"]),
                *(UUID(fact["area_id"]).hex, fact["heard_about"], None, None, None),
            ]
        else:
            case = UUID(fact["case_id"]).hex
            referrals[key][7:] = ["accepted", _stored(at), case]
            cases[case] = [case, key]
        seen.append(("reporting-referral", UUID(headers["ce-id"]).hex, now))
    await reader.unsubscribe()
    await store.commit(
        (
            Statement("DELETE FROM referral_counted", (), False),
            Statement("DELETE FROM case_counted", (), False),
            Statement("DELETE FROM tally", (), False),
            Statement(INSERT_REFERRAL, list(referrals.values()), True),
            Statement(INSERT_CASE, list(cases.values()), True),
            Statement(INSERT_TALLY, _tallied(referrals.values()), True),
            Statement(INSERT_SEEN, seen, True),
        )
    )
    return len(seen)


INSERT_REFERRAL = (
    "INSERT INTO referral_counted (referral_id, received_at, month, source, matter, area_id, "
    "heard_about, outcome, decided_at, case_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_CASE = "INSERT INTO case_counted (case_id, referral_id) VALUES (?, ?)"
INSERT_TALLY = (
    "INSERT INTO tally (month, counted_by, value, outcome, number) VALUES (?, ?, ?, ?, ?)"
)
INSERT_SEEN = (
    "INSERT INTO inbox (consumer, event_id, heard_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)


def _tallied(referrals: Iterable[list[Any]]) -> list[tuple[Any, ...]]:
    """All are accepted, and nobody has met yet."""
    numbers: Counter[tuple[str, ...]] = Counter()
    for _, _, month, source, _, area, _, outcome, _, _ in referrals:
        numbers[month, "source", source, outcome] += 1
        numbers[month, "area", str(UUID(area)), outcome] += 1
        numbers[month, "days", "", "not_yet"] += 1
    return [(*place, number) for place, number in numbers.items()]


def _stored(moment: datetime) -> str:
    """A time as SQLite keeps it for us."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


async def _counts(store: Database) -> list[list[tuple[Any, ...]]]:
    """Everything counted, for seeing that both count the same."""
    tables = store.schema.metadata.tables
    found = []
    async with store.reading() as session:
        for name in ("referral_counted", "case_counted", "tally"):
            table = tables[name]
            rows = await session.execute(table.select().order_by(*table.primary_key))
            found.append([tuple(row) for row in rows])
    return found
