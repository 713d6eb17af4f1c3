"""Row 4: from a posted referral to its 201, beside a bare route that stores the same."""

import json
import time
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Body, FastAPI, Header, Request
from starlette.responses import Response

from services.referral.actions import seeds
from services.referral.main import BLUEPRINT
from services.referral.routes.api_shapes import EXAMPLE, ReferralShape, TakenIn
from shared.plumbing import service
from shared.plumbing.database import Database
from shared.plumbing.settings import Settings
from shared.plumbing.world import REAL
from tests.bench.bare import BareStore
from tests.bench.figures import MILLISECONDS, Row, Samples, alternately, at_most, percentile
from tests.bench.ground import Ground, Kind
from tests.bench.recording import Echo, recorded
from tests.bench.web import Caller, serving
from tests.fixtures import keys

PATH = "4 POST a referral to its 201"
BARS = {50: at_most(1.5), 99: at_most(2)}

ROUNDS, POSTS = 16, 25
REFERRALS = "/referral/api/referrals"
STORED = "INSERT INTO referral "
BODY = json.dumps({**EXAMPLE, "source": "housing"}).encode()


async def rows(ground: Ground, rounds: int = ROUNDS, posts: int = POSTS) -> list[Row]:
    """The API's own route beside a FastAPI route with the same body, statements and commits.

    Neither has a relay behind it: what comes after the 201 is measured in rows 1 and 5.
    """
    return [row for kind in ground.kinds for row in await _rows(ground, kind, rounds, posts)]


async def _rows(ground: Ground, kind: Kind, rounds: int, posts: int) -> list[Row]:
    store = await ground.store(BLUEPRINT.schema, kind)
    bare = await ground.store(BLUEPRINT.schema, kind)
    for one in (store, bare):
        await seed(one)
    ours = service.create(BLUEPRINT, settings_for(store))
    ground.stack.push_async_callback(ours.state.service.database.close)
    async with serving(ours) as one, Caller(one) as to_ours:

        async def by_our_route() -> Samples:
            return [await post(to_ours) for _ in range(posts)]

        # Before the clocks start: to be listened to costs a statement time.
        with recorded(ours.state.service.database) as said:
            for _ in range(rounds + 1):
                await by_our_route()
        echo = Echo(said, STORED)
        limit = bare_app(await ground.bare(bare), echo)
        async with serving(limit) as other, Caller(other) as to_limit:

            async def by_bare_route() -> Samples:
                return [await post(to_limit) for _ in range(posts)]

            samples, limits = await alternately(rounds, by_our_route, by_bare_route)
    return [
        Row(
            f"{PATH}, p{percent}, {kind}",
            percentile(samples, percent),
            percentile(limits, percent),
            bar,
            MILLISECONDS,
        )
        for percent, bar in BARS.items()
    ]


async def seed(store: Database) -> None:
    """The areas a referral can come from."""
    async with store.transaction() as session:
        await seeds.seed_areas(session)


def settings_for(store: Database, **more: object) -> Settings:
    """As `make run` has them: without a line for every request. Nobody reads as fast as we do."""
    usual = {
        "database_url": store.url.render_as_string(hide_password=False),
        "nats_url": "nats://127.0.0.1:1",
        "keys": keys.key_file(store.schema.name).parent,
        "log_level": "error",
        "reads_per_minute": 1_000_000,
    }
    return Settings.model_validate({**usual, **more})


def bare_app(store: BareStore, said: Echo) -> FastAPI:
    """Reads the same body with the same model, and stores what our route stored."""
    app = FastAPI()

    @app.post(REFERRALS, status_code=201)
    async def receive(
        _request: Request,
        body: Annotated[ReferralShape, Body()],
        idempotency_key: Annotated[str, Header()],
    ) -> Response:
        taken_in = TakenIn(referral_id=REAL.new_id(), reference=f"{body.source}{idempotency_key}")
        await store.commit(said.next())
        return Response(taken_in.model_dump_json(), 201, media_type="application/json")

    return app


def keyed() -> Mapping[str, str]:
    """A new name for each referral."""
    return {"idempotency-key": str(REAL.new_id())}


async def post(caller: Caller) -> float:
    """Send one referral; how many milliseconds until it was durable."""
    headers = keyed()
    started = time.perf_counter()
    status, answer = await caller.post(REFERRALS, BODY, headers)
    took = time.perf_counter() - started
    assert status == 201, answer
    return took * 1000


def referral_in(answer: bytes) -> UUID:
    """The id of the referral that was taken in."""
    return UUID(json.loads(answer)["referral_id"])
