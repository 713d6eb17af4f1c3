"""What an operator does from the command line, beside a system that goes on running."""

import re
from collections.abc import Iterator

import pytest

from services.referral.actions.seeds import demo_id
from shared.plumbing.connection import connected
from tests.fixtures.patience import eventually
from tests.fixtures.system import System
from tests.fixtures.visitor import Page
from tests.journeys import steps
from tests.journeys.letters import letters_to
from tests.journeys.people import somebody
from tests.journeys.report import BY_AREA, BY_MONTH, BY_SOURCE, MEETINGS, report_of

pytestmark = pytest.mark.journey

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEARD_BY = {"notifications", "reporting"}
"""Who hears that a referral was received."""


async def tell(system: System, subject: str, body: bytes) -> None:
    """Put something into a stream that no service of ours would tell."""
    run = system.home.run()
    assert run is not None
    teller = subject.partition(".")[0]
    async with connected(teller, run.nats_url, system.home.user_creds(teller)) as client:
        await client.jetstream().publish(subject, body, headers={"ce-source": "referral"})


def give_up_in_the_stream(system: System) -> None:
    """What was slipped in is unknown to its store too: say so at once, or it will say so itself."""
    found = system.command("reconcile", "referral")
    assert found.returncode == 1, found.stderr
    assert "The store does not know 1" in found.stdout
    assert "stream_unknown" in system.ready()["referral"]
    listed = system.command("parked", "list").stdout.splitlines()
    for line in listed:
        if "NotInTheOutbox" in line:
            [parked] = UUID.findall(line)
            system.command("parked", "discard", parked, "--reason", "slipped in by a test")
    assert system.command("reconcile", "referral").returncode == 0


def parked_ids(system: System) -> list[str]:
    listed = system.command("parked", "list")
    assert listed.returncode == 0, listed.stderr
    return [UUID.findall(line)[0] for line in listed.stdout.splitlines() if UUID.search(line)]


@pytest.fixture
def tidied(system: System) -> Iterator[System]:
    """The shared system, left without a parked event whatever a test makes of it."""
    yield system
    while system.ready():
        for parked in parked_ids(system):
            system.command("parked", "discard", parked, "--reason", "left over by a test")
        eventually(lambda: system.ready() == {})


def test_the_doctor_finds_a_running_system_well(system: System):
    found = system.command("doctor")

    lines = found.stdout.splitlines()
    assert found.returncode == 0, found.stdout
    assert all(line.startswith("OK") for line in lines), found.stdout
    for looked_at in ("Python", "packages", "GB are free", "store of referral", "nats-server"):
        assert any(looked_at in line for line in lines), looked_at


async def test_a_malformed_event_is_parked_shown_tried_in_vain_and_given_up(tidied: System):
    system, staff, after = tidied, tidied.visitor(), somebody("Kim Doyle")
    ops = system.visitor(demo_id(6))

    await tell(system, "referral.referral_received.v1", b'{"not": "a fact"}')
    give_up_in_the_stream(system)
    steps.refer_oneself(staff, after)

    letters_to(system, after.email, 1)
    ailing = eventually(lambda: system.ready().keys() == HEARD_BY and system.ready())
    assert set(map(tuple, ailing.values())) == {("events_parked",)}
    doctor = system.command("doctor")
    assert doctor.returncode == 1
    assert "Parked in reporting: 1. Look at them with `parley parked list`." in doctor.stdout
    first, _second = parked_ids(system)
    shown = system.command("parked", "show", first).stdout
    assert "a fact" not in shown, "what is malformed may hold anything"
    assert "as it must be: no" in shown
    [service] = re.findall("^service: (.*)$", shown, re.MULTILINE)
    page = ops.open(f"/{service}/parked").follow("referral.referral_received.v1")
    assert "tried again" in page.press("Try again").done
    eventually(lambda: ops.open(f"/{service}/parked").table("Waiting")[0]["State"] == "Parked")
    given_up = system.command("parked", "discard", first, "--reason", "never a fact")
    assert given_up.stdout == "The event was given up. It stays on record.\n"

    [other] = eventually(lambda: len(system.ready()) == 1 and system.ready())
    page = ops.open(f"/{other}/parked").follow("referral.referral_received.v1")
    assert "a fact" not in page.main, "what an event says is no business of a page"
    assert page.press("Give up this event").errors == ["Say why this event can be given up"]
    assert "given up" in page.press("Give up this event", reason="never a fact").done
    eventually(lambda: system.ready() == {})
    assert "Nothing is parked" in ops.open(f"/{other}/parked").main


def test_counting_again_from_the_streams_gives_the_same_and_writes_to_nobody(system: System):
    staff = system.visitor()
    steps.accept(staff, steps.refer_oneself(staff, somebody("Ola Berg")))
    before = tables(report_of(system))
    written = len(system.letters())

    rebuilt = system.command("reporting", "rebuild")

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert re.search(r"Counted again from [\d,]+ events\. No message was sent\.", rebuilt.stdout)
    assert tables(report_of(system)) == before
    after = somebody("Ian Frost")
    steps.refer_oneself(staff, after)
    letters_to(system, after.email, 1)
    assert len(system.letters()) == written + 2
    last = report_of(system).table(BY_MONTH)[-1]
    assert int(last["Received"]) == int(before[BY_MONTH][-1]["Received"]) + 1, (
        "and it goes on counting"
    )


def tables(page: Page) -> dict[str, list[dict[str, str]]]:
    return {name: page.table(name) for name in (BY_MONTH, BY_SOURCE, BY_AREA, MEETINGS)}
