"""Row 8: what sealing costs, beside the same code in which values are only packed.

Without sealing: the same bytes in the same columns, but no cipher, no wrapped key and no row for
it. Both run in this process in turn, so the patches of one never reach the other.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from unittest.mock import patch
from uuid import UUID

from services.referral.main import BLUEPRINT
from shared.plumbing import service
from shared.plumbing.columns import Blob
from shared.plumbing.database import Database
from shared.plumbing.sealing import blind, cipher, keyfile, keys
from shared.plumbing.sealing.keyring import Keyring, Kind, SubjectKey
from shared.plumbing.sealing.rewrap import rewrap
from shared.plumbing.sealing.wrapping import FileWrapper
from shared.plumbing.world import REAL
from tests.bench.archive import fill
from tests.bench.figures import (
    MILLISECONDS,
    PER_SECOND,
    Row,
    Samples,
    alternately,
    at_least,
    at_most,
    percentile,
)
from tests.bench.ground import Ground
from tests.bench.listing import signed_in_to, with_staff
from tests.bench.posting import post, seed, settings_for
from tests.bench.web import Caller, serving

PATH = "8 sealing"
ROUNDS, POSTS, VISITS, LISTED, REWRAPPED = 16, 25, 10, 1_000, 100_000
MORE_ON_A_PAGE_MS = 10.0

PACKED = cipher.Key(b"\0\0\0\0", None)  # type: ignore[arg-type] # nothing is sealed with it


async def rows(
    ground: Ground,
    rounds: int = ROUNDS,
    posts: int = POSTS,
    visits: int = VISITS,
    rewrapped: int = REWRAPPED,
) -> list[Row]:
    """POST and the list page with and without sealing, and wrapping every key anew."""
    return [
        await _posting(ground, rounds, posts),
        await _listing(ground, rounds, visits),
        await _rewrapping(ground, rewrapped),
    ]


async def _posting(ground: Ground, rounds: int, posts: int) -> Row:
    store = await ground.store(BLUEPRINT.schema)
    await seed(store)
    app = service.create(BLUEPRINT, settings_for(store))
    ground.stack.push_async_callback(app.state.service.database.close)
    async with serving(app) as site, Caller(site) as caller:

        async def sealed() -> Samples:
            return [await post(caller) for _ in range(posts)]

        async def packed() -> Samples:
            with without_sealing():
                return [await post(caller) for _ in range(posts)]

        ours, limit = await alternately(rounds, sealed, packed)
    medians = percentile(ours, 50), percentile(limit, 50)
    return Row(f"{PATH}: POST beside without, p50", *medians, at_most(1.15), MILLISECONDS)


async def _listing(ground: Ground, rounds: int, visits: int) -> Row:
    apps = []
    for packs in (False, True):
        store = await ground.store(BLUEPRINT.schema)
        with without_sealing(packs=packs):
            await asyncio.to_thread(fill, store, LISTED)
            await with_staff(store)
            apps.append(await signed_in_to(ground, BLUEPRINT, store))
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(
                Caller(await stack.enter_async_context(serving(app)), cookie)
            )
            for app, cookie in apps
        ]

        async def sealed() -> Samples:
            return [await _visit(one) for _ in range(visits)]

        async def packed() -> Samples:
            with without_sealing():
                return [await _visit(other) for _ in range(visits)]

        ours, limit = await alternately(rounds, sealed, packed)
    allowed = percentile(limit, 50) + MORE_ON_A_PAGE_MS
    path = f"{PATH}: a list page beside without and 10 ms, p50"
    return Row(path, percentile(ours, 50), allowed, at_most(1), MILLISECONDS)


async def _visit(caller: Caller) -> float:
    started = time.perf_counter()
    status, answer = await caller.get("/referral/cases?tab=waiting")
    took = time.perf_counter() - started
    assert status == 200, answer
    assert b"Sam Example" in answer
    return took * 1000


async def _rewrapping(ground: Ground, how_many: int) -> Row:
    """Keys wrapped anew in a second, beside the same in memory alone."""
    store = await ground.store(BLUEPRINT.schema)
    path = ground.folder / "rewrapped.keys"
    keyfile.save(path, keyfile.made("referral", REAL.now()))
    ring = store.keyring = Keyring("referral", FileWrapper(path, "referral"))
    people = [UUID(int=number) for number in range(1, how_many + 1)]
    await _with_keys(store, people)
    keyfile.save(path, keyfile.load(path, "referral").rotated(REAL.now()))
    started = time.perf_counter()
    done = [step.wrapped async for step in rewrap(store)]
    took = time.perf_counter() - started
    assert sum(done) == how_many
    few = people[:2000]
    made = [ring.new(person, Kind.PERSON).wrapped for person in few]
    started = time.perf_counter()
    for person, wrapped in zip(few, made, strict=True):
        ring.wrapper.rewrap(wrapped, ring.about(person, Kind.PERSON))
    alone = time.perf_counter() - started
    path_said = f"{PATH}: {how_many:,} keys wrapped anew beside in memory"
    return Row(path_said, how_many / took, len(few) / alone, at_least(0.1), PER_SECOND)


async def _with_keys(store: Database, people: list[UUID]) -> None:
    table = store.schema.tables.sealed_key
    for start in range(0, len(people), 5000):
        rows = []
        for person in people[start : start + 5000]:
            made = store.keyring.new(person, Kind.PERSON)
            kept = {"kid": made.kid, "wrapped": made.wrapped, "made_at": REAL.now()}
            rows.append({"subject_id": person, "kind": "person", **kept})
        async with store.transaction() as session:
            await session.execute(table.insert(), rows)


@contextmanager
def without_sealing(*, packs: bool = True) -> Iterator[None]:
    """Take sealing out: values are packed as they are, under no key and with no row for one."""
    if not packs:
        yield
        return

    async def no_key(_session: object, subject: UUID, _kind: Kind) -> SubjectKey:
        return SubjectKey(subject, PACKED)

    def any_key(_session: object, subject: UUID, _row: object) -> SubjectKey:
        return SubjectKey(subject, PACKED)

    def pack(_key: object, plain: bytes, _about: bytes) -> Blob:
        return Blob(bytes(cipher.HEAD_BYTES) + plain)

    def unpack(_key: object, blob: bytes, _about: bytes) -> bytes:
        return blob[cipher.HEAD_BYTES :]

    with (
        patch.object(keys, "new", no_key),
        patch.object(keys, "in_row", any_key),
        patch.object(cipher, "seal", pack),
        patch.object(cipher, "open_", unpack),
        patch.object(blind, "index", lambda *_: bytes(blind.INDEX_BYTES)),
    ):
        yield
