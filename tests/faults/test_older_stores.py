"""One service's store put back from an older copy, while the broker and the others go on.

What the older store cannot know is lost to it. What must not happen is that somebody is written
to again, or that nobody is told.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from shared.contracts.catalogue import SERVICES
from tests.faults import invariants, record
from tests.faults.experiment import SEED, counts, settled, still_to_send
from tests.faults.found import INTENTS, REFERRALS, Found, Intent, intent, look, rows_in
from tests.faults.load import Load
from tests.fixtures.patience import eventually
from tests.fixtures.system import System, running

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

BEFORE, AFTER = 8, 8
"""Referrals taken in before the copy is made, and after it."""


@dataclass(frozen=True)
class Past:
    """A system that has stopped, and copies of its stores from some time before."""

    system: System
    load: Load
    copies: Path
    known_then: frozenset[UUID]
    """The referrals there were when the copies were made."""
    intents_then: list[Intent]
    found: Found
    """What there was at the end."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    folder = tmp_path_factory.mktemp("older-stores")
    with running(System(folder)) as system:
        load = Load(system, SEED)
        with load.going_on():
            eventually(lambda: load.answered >= BEFORE)
            copies = folder / "copies"
            eventually(lambda: copied(system, copies))
            known = {UUID(one) for one, _ in rows_in(copies / "referral.db", REFERRALS)}
            eventually(lambda: load.answered >= len(known) + AFTER)
        settled(system)
        found = look(system)
        system.stop()
        assert invariants.broken(load, found) == []
        intents = [intent(*row) for row in rows_in(copies / "notifications.db", INTENTS)]
        yield Past(system, load, copies, frozenset(known), intents, found)


def copied(system: System, folder: Path) -> bool:
    """Copy every store while it is in use; good when a message waited to be sent just then."""
    folder.mkdir(exist_ok=True)
    for service in SERVICES:
        with (
            closing(sqlite3.connect(system.home.stores / f"{service}.db")) as store,
            closing(sqlite3.connect(folder / f"{service}.db")) as copy,
        ):
            store.backup(copy)
    with closing(sqlite3.connect(folder / "notifications.db")) as copy:
        [(waiting,)] = copy.execute("SELECT count(*) FROM message WHERE state = 'waiting'")
    return bool(waiting)


@contextmanager
def put_back_in(past: Past, service: str, folder: Path) -> Iterator[System]:
    """Everything as it was at the end, but one service's store as it was before; running."""
    system = System(folder)
    shutil.copytree(past.system.home.root, system.home.root)
    for left in system.home.stores.glob(f"{service}.db*"):
        left.unlink()
    shutil.copy(past.copies / f"{service}.db", system.home.stores)
    system.begin()
    try:
        eventually(system._answers)  # it may well not be ready
        yield system
    finally:
        system.close()


@pytest.fixture
def put_back(past: Past, tmp_path: Path) -> Iterator[Callable[[str], System]]:
    """Puts one service's store back, starts, and stops at the end."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(put_back_in(past, service, tmp_path))


def written_down(name: str, past: Past, found: Found) -> record.Counts:
    figures = counts(past.load, found, 1)
    record.keep(record.Line(name, SEED, figures, 0.0, kind="set back"))
    return figures


def nobody_was_written_to_again(past: Past, found: Found) -> list[UUID]:
    return [one for one, taken in found.letters.items() if taken > past.found.letters.get(one, 0)]


def test_referral_set_back_says_that_its_stream_knows_more_and_writes_to_nobody(
    past: Past, put_back
):
    system = put_back("referral")

    eventually(lambda: "stream_unknown" in system.ready().get("referral", []))

    eventually(lambda: not still_to_send(system))
    found = look(system)
    written_down("referral's store set back", past, found)
    assert set(found.referrals) == past.known_then, "what came later is not known any more"
    unknown = set(found.streams["referral"]) - {one.event for one in found.outboxes["referral"]}
    assert unknown
    eventually(lambda: look(system).parked["referral"] == len(unknown))
    assert nobody_was_written_to_again(past, found) == []


def test_reporting_set_back_counts_everything_again_when_asked_and_writes_to_nobody(
    past: Past, put_back
):
    system = put_back("reporting")
    assert len(look(system).counted) < len(past.found.counted)

    rebuilt = system.command("reporting", "rebuild")

    assert rebuilt.returncode == 0, rebuilt.stderr
    eventually(lambda: system.ready() == {})
    system.rest()
    found = look(system)
    written_down("reporting's store set back", past, found)
    assert found.counted == past.found.counted
    assert nobody_was_written_to_again(past, found) == []


@pytest.fixture(scope="module")
def notifications_set_back(
    past: Past, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[System, Found]]:
    """Running since, and come to rest."""
    with put_back_in(past, "notifications", tmp_path_factory.mktemp("again")) as system:
        eventually(lambda: "stream_unknown" in system.ready().get("notifications", []))
        eventually(lambda: not still_to_send(system))
        found = look(system)
        written_down("notifications' store set back", past, found)
        yield system, found


def test_notifications_set_back_says_that_its_stream_knows_more_and_meant_nothing_anew(
    past: Past, notifications_set_back
):
    system, found = notifications_set_back

    unknown = set(found.streams["notifications"]) - {
        one.event for one in found.outboxes["notifications"]
    }
    assert unknown
    eventually(lambda: look(system).parked["notifications"] == len(unknown))
    assert {one.id for one in found.intents} <= {one.id for one in past.found.intents}


def test_notifications_set_back_sends_nothing_again_by_itself(past: Past, notifications_set_back):
    _, found = notifications_set_back
    waited = {one.id for one in past.intents_then if one.state in {"waiting", "sending"}}
    sent_since = {one.id for one in past.found.in_state("sent")} & waited

    assert sent_since, "nothing that waited in the copy was sent since"
    assert nobody_was_written_to_again(past, found) == []
    assert (
        sent_since <= {one.id for one in found.in_state("uncertain")} == found.listed_as_uncertain
    )
