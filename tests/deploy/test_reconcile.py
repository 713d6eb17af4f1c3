"""`parley reconcile`, on stores made by the real migrations and the nats-server of `make run`."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from shared.plumbing import parked

READER = "reporting-referral"
TODAY = datetime.now(UTC).date()


async def test_when_nothing_differs_it_says_so_for_each_service(deployment):
    await deployment.tell("North", "South")

    said = await deployment.command()

    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        "referral: all 2 events told are in the stream.",
        "scheduling: all 0 events told are in the stream.",
        "notifications: all 0 events told are in the stream.",
        "reporting: all 0 events told are in the stream.",
    ]


async def test_what_was_lost_waits_to_be_told_again_though_no_service_runs(deployment):
    await deployment.tell("North", "South")
    await deployment.lose_the_stream()

    looked = await deployment.command("referral", "--check")
    nothing = await deployment.relay()
    mended = await deployment.command("referral")

    assert (looked.exit_code, mended.exit_code, nothing) == (1, 1, 0)
    assert f"  {TODAY}: 2 told, 0 held, 2 missing\n" in looked.stdout
    assert "The stream lacks 2: they would be told again." in looked.stdout
    assert "The stream lacks 2: they wait to be told again, in their order." in mended.stdout
    waits = await deployment.command("referral")
    assert (
        waits.stdout == "referral: all 0 events told are in the stream; 2 more wait to be told.\n"
    )
    assert await deployment.relay() == 2
    assert (await deployment.command("referral")).exit_code == 0


async def test_what_no_store_knows_is_named_and_can_be_given_up(deployment):
    await deployment.tell("North")
    await deployment.slip_in()

    looked = await deployment.command("referral", "--check")
    kept = await deployment.command("referral")
    listed = await deployment.parley("parked", "list")

    assert (looked.exit_code, kept.exit_code) == (1, 1)
    assert looked.stdout == kept.stdout
    assert "The store does not know 1: was it put back from an older copy?" in kept.stdout
    assert f"    [a kind there is not] about {UUID(int=7)}, place 2\n" in kept.stdout
    assert "a kind" in listed.stdout  # as wide as the column is
    assert "nobody" not in listed.stdout
    async with deployment.store() as store, store.reading() as session:
        (event,) = await parked.waiting(session)
    await deployment.parley("parked", "discard", str(event.id), "--reason", "a test of ours")
    assert (await deployment.command("referral")).exit_code == 0


@pytest.mark.parametrize("words", [("nobody",), ("referral", "nobody")])
async def test_a_service_that_is_not_there_is_named(deployment, words):
    said = await deployment.command(*words)

    assert said.exit_code == 2
    assert "There is no service nobody: choose of referral, scheduling" in said.output


async def test_a_stream_that_is_gone_cannot_be_compared_and_what_was_found_is_said(deployment):
    await deployment.tell("North")
    async with deployment.at("deploy") as client:
        await client.jetstream().delete_stream("scheduling")

    said = await deployment.command()

    assert said.exit_code == 2
    assert said.stdout == "referral: all 1 events told are in the stream.\n"
    assert "The store of scheduling and its stream cannot be compared" in said.stderr
    assert "Traceback" not in said.output


async def test_without_a_server_it_cannot_be_found_out(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "nothing"))

    said = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile"])

    assert said.exit_code == 2
    assert "start it with `make run`" in said.stderr


async def test_a_service_whose_store_was_put_back_can_hear_everything_again(deployment):
    await deployment.tell("North", "South", "East")
    async with deployment.at("reporting") as client:
        jetstream = client.jetstream()
        reader = await jetstream.pull_subscribe_bind(stream="referral", durable=READER)
        for message in await reader.fetch(3):
            await message.ack_sync()

        said = await deployment.parley("topology", "--hear-again", "reporting")

        (first,) = await reader.fetch(1)
    assert said.exit_code == 0, said.output
    assert "consumer reporting-referral: made, from the first event" in said.stdout
    assert first.metadata.sequence.stream == 1


async def test_nobody_else_hears_anything_again(deployment):
    said = await deployment.parley("topology", "--hear-again", "nobody")

    assert said.exit_code == 1
    assert "There is no service nobody" in said.output
