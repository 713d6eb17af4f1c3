"""What is held is not destroyed, whatever is done in whatever order and whatever the clocks say."""

import asyncio
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.referral import store
from services.referral.actions.closing import decline_to_take_part
from services.referral.domain.people import ERASED_NAME
from services.referral.store import SCHEMA
from shared.contracts.refusal import Refusal
from shared.plumbing import crash
from shared.plumbing.database import Database
from shared.plumbing.retention import ClockNotBelieved, confirm_clock
from tests.fixtures import keys
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import make_tables
from tests.referral.cases import OpenCase, an_open_case, say
from tests.referral.conftest import seeded
from tests.referral.ending import close, hold, lift, name_of, work_in

JUMPS = [timedelta(days=days) for days in (-4000, -3, 0, 1, 2, 3, 31, 400, 3000)]

MONTH_OF_NIGHTS = ("nights", 31)
STEPS = st.one_of(
    st.tuples(st.just("jump"), st.sampled_from(JUMPS)),
    st.tuples(st.just("nights"), st.sampled_from([1, 16, 31])),
    st.tuples(
        st.sampled_from(
            ["hold", "lift", "close", "decline", "confirm", "mark", "destroy", "restart", "die"]
        ),
        st.none(),
    ),
)
A_LIFE = [
    ("close", None),
    ("jump", timedelta(days=3000)),
    ("confirm", None),
    ("nights", 1),
    ("hold", None),
    MONTH_OF_NIGHTS,
]


class Killed(BaseException):
    """The process dies at a marked point."""


class Life:
    """One case, and all that is done around it."""

    def __init__(self, database: Database, world: FixedWorld, case: OpenCase) -> None:
        self.database, self.world, self.case = database, world, case
        self.work = work_in(database)

    async def step(self, what: str, how) -> None:
        with suppress(Refusal, ClockNotBelieved, Killed):
            await getattr(self, what)(how)
        crash.hook = None

    async def jump(self, time):
        self.world.advance(time)

    async def nights(self, number):
        for _ in range(number):
            self.world.advance(timedelta(days=1))
            await self.work.night()

    async def hold(self, _):
        await hold(self.database, self.case.referral_id)

    async def lift(self, _):
        await lift(self.database, self.case.referral_id)

    async def close(self, _):
        await close(self.database, self.case)

    async def decline(self, _):
        await say(self.database, decline_to_take_part, self.case, self.case.kim)

    async def confirm(self, _):
        async with self.database.transaction() as session:
            await confirm_clock(session)

    async def mark(self, _):
        await self.work.mark()

    async def destroy(self, _):
        await self.work.destroy()

    async def restart(self, _):
        self.work = work_in(self.database)

    async def die(self, _):
        def now(point: str) -> None:
            if point.startswith("retention"):
                raise Killed

        crash.hook = now
        await self.work.night()

    async def state(self) -> tuple[bool, bool, tuple[str, ...]]:
        async with self.database.reading() as session:
            held = await store.holds.held(session, [self.case.referral_id])
            there = await store.intake.find(session, self.case.referral_id)
        names = [await name_of(self.database, one) for one in (self.case.sam, self.case.kim)]
        return bool(held), there is not None, tuple(names)


async def live(steps) -> None:
    world = FixedWorld()
    with tempfile.TemporaryDirectory() as folder:
        made: list[Database] = []

        async def a_store(schema, **more):
            path = Path(folder) / "referral.db"
            url = f"sqlite+aiosqlite:///{path}"
            made.append(Database(url, schema, world, keys.keyring(SCHEMA.name)))
            await make_tables(made[0])
            return made[0]

        database = await seeded(a_store, world)
        try:
            life = Life(database, world, await an_open_case(database))
            before = await life.state()
            for what, how in steps:
                had_been_held = before[0]
                await life.step(what, how)
                after = await life.state()
                if had_been_held and what != "lift":
                    assert after == before, f"{what}: {before} became {after}"
                if not after[1]:
                    assert after[2] == (ERASED_NAME, ERASED_NAME)
                    break
                before = after
        finally:
            crash.hook = None
            await database.close()


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.lists(STEPS, min_size=4, max_size=14))
@example(A_LIFE)
@example([*A_LIFE, ("lift", None), MONTH_OF_NIGHTS, MONTH_OF_NIGHTS])
@example([("decline", None), ("nights", 1), ("hold", None), MONTH_OF_NIGHTS])
@example([("decline", None), ("hold", None), ("close", None), MONTH_OF_NIGHTS])
@example([("decline", None), ("nights", 31), ("close", None), ("die", None)])
def test_what_is_held_is_as_it_was_after_every_schedule_jump_and_restart(steps):
    asyncio.run(live(steps))
