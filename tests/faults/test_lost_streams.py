"""Consumers and streams that somebody deletes, wipes or changes by hand while it works."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import NotFoundError

from shared.plumbing import topology
from shared.plumbing.connection import connected
from shared.plumbing.trust import DEPLOY_USER
from tests.faults.experiment import SEED, conduct
from tests.faults.load import Load
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.system import System, running

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

FEW_ARE_LEFT = 5

TOLD_AGAIN = 2 * LONG
"""The relay looks twice a minute whether its stream has what was told."""


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """One system goes through all of it, and every promise is counted each time."""
    with running(System(tmp_path_factory.mktemp("lost-streams"))) as system:
        yield Load(system, SEED)


def by_hand(system: System, act: Callable[[Client], Awaitable[Any]]) -> Any:
    """Do something with the deploy user's rights."""

    async def as_deploy_user() -> Any:
        run = system.home.run()
        assert run is not None
        creds = system.home.user_creds(DEPLOY_USER)
        async with connected(DEPLOY_USER, run.nats_url, creds) as client:
            return await act(client)

    return asyncio.run(as_deploy_user())


def test_a_consumer_deleted_over_and_over_is_missed_by_health_and_made_again(load: Load):
    def deleted_and_missed() -> bool:
        async def delete(client: Client) -> None:
            with suppress(NotFoundError):  # not made again yet
                await client.jetstream().delete_consumer("referral", "reporting-referral")

        by_hand(load.system, delete)
        return ["consumer_gone"] in load.system.ready().values()

    with conduct("a consumer deleted", load.system, load) as one:
        for _ in one.rounds(fewest=2):
            eventually(deleted_and_missed)
            one.work(2)
            one.until_well()


def test_a_stream_deleted_while_it_works_is_told_again_and_writes_to_nobody(load: Load):
    with conduct("a stream deleted", load.system, load) as one:
        for _ in one.rounds(fewest=1):
            by_hand(one.system, lambda client: client.jetstream().delete_stream("referral"))
            eventually(lambda: one.system.ready().get("referral"))
            one.until_well(TOLD_AGAIN)


def test_settings_changed_by_hand_are_put_right_and_nothing_is_missed(load: Load):
    async def spoil(client: Client) -> None:
        jetstream = client.jetstream()
        stream = (await jetstream.stream_info("referral")).config
        await jetstream.update_stream(stream.evolve(duplicate_window=1.0, max_age=3600.0))
        for reader in ("reporting", "notifications"):
            name = f"{reader}-referral"
            consumer = (await jetstream.consumer_info("referral", name)).config
            await jetstream.add_consumer(
                "referral",
                consumer.evolve(
                    ack_wait=1.0,
                    max_ack_pending=50,
                    filter_subjects=["referral.referral_declined.v1"],
                ),
            )

    with conduct("settings changed by hand", load.system, load) as one:
        for _ in one.rounds(fewest=2):
            by_hand(one.system, spoil)
            one.work(2)
            eventually(lambda: by_hand(one.system, drifts) == [])


def test_facts_that_a_hand_threw_out_of_a_stream_are_told_again_when_somebody_has_it_compared(
    load: Load,
):
    async def throw_out(client: Client) -> None:
        jetstream = client.jetstream()
        stream = (await jetstream.stream_info("referral")).config
        await jetstream.update_stream(
            stream.evolve(discard=api.DiscardPolicy.OLD, max_msgs=FEW_ARE_LEFT)
        )

    with conduct("most of a stream thrown out", load.system, load) as one:
        for _ in one.rounds(fewest=1):
            by_hand(one.system, throw_out)
            eventually(lambda: by_hand(one.system, drifts) == [])
            told_again = one.system.command("reconcile", "referral")
            if told_again.returncode == 0:  # the relay, which looks twice a minute, was faster
                assert "told_again" in one.system.log.read_text()
                continue
            assert told_again.returncode == 1, told_again.stderr
            assert "The stream lacks" in told_again.stdout


async def drifts(client: Client) -> list[topology.Drift]:
    from deploy.parts import blueprints, hearings  # every service: not for each test run

    return await topology.check(client, hearings(blueprints()))


def test_a_broker_whose_disk_was_emptied_between_two_runs_is_filled_again_and_writes_to_nobody(
    load: Load,
):
    with conduct("the broker's disk emptied", load.system, load) as one:
        for _ in one.rounds(fewest=1):
            one.system.stop()
            shutil.rmtree(one.system.home.nats)
            one.system.start()
            one.until_well(TOLD_AGAIN)
