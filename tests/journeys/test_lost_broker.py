"""After a year the broker is lost with everything in it: the stores fill it again by themselves."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.patience import eventually
from tests.fixtures.system import RUN_WITH_MOVED_CLOCK, NewSystem, System
from tests.journeys import steps
from tests.journeys.people import somebody
from tests.journeys.report import BY_AREA, BY_MONTH, BY_SOURCE, MEETINGS, figures, report_of

pytestmark = pytest.mark.journey

MONTHS = 12
ACCEPTED_A_MONTH, DECLINED_A_MONTH = 1, 1
SERVICES = ("referral", "scheduling", "notifications", "reporting")


@pytest.mark.timeout(600)
def test_after_a_year_the_broker_and_the_figures_can_be_lost_and_nobody_is_written_to_again(
    new_system: NewSystem,
):
    system = new_system(RUN_WITH_MOVED_CLOCK)
    live_through_a_month(system)
    half_way = copy_of_the_broker(system)
    for _ in range(MONTHS - 1):
        live_through_a_month(system)
    before, messages, letters = tables(system), messages_of(system), len(system.letters())
    assert figures(report_of(system), BY_SOURCE)[0] > MONTHS, "the report shows twelve months"

    system.stop()
    shutil.rmtree(broker(system))
    for left in system.home.stores.glob("reporting.db*"):
        left.unlink()
    system.start()
    by_itself = tables(system)
    looked = eventually(lambda: equal(system))
    rebuilt = system.command("reporting", "rebuild")

    assert by_itself == before
    assert len(looked) == len(SERVICES)
    assert (rebuilt.returncode, tables(system)) == (0, before)
    assert messages_of(system) == messages
    assert len(system.letters()) == letters

    put_back(system, half_way)
    looked = eventually(lambda: equal(system))
    rebuilt = system.command("reporting", "rebuild")

    assert (rebuilt.returncode, tables(system)) == (0, before)
    assert messages_of(system) == messages
    assert len(system.letters()) == letters
    live_through_a_month(system)
    assert len(system.letters()) > letters, "and it goes on"


def live_through_a_month(system: System) -> None:
    """Somebody is taken on and met, somebody else declined; then it is next month."""
    staff = system.visitor()
    ends = system.now() + timedelta(days=30)
    for _ in range(ACCEPTED_A_MONTH):
        who = somebody("Ada Finch")
        case = steps.accept(staff, steps.refer_oneself(staff, who))
        starts_at = steps.days_ahead(system.now(), 4)
        meeting = steps.must_book(staff, case, starts_at, who)
        system.until(starts_at + timedelta(hours=2))
        assert steps.record_held(staff, meeting).status == 200
    for _ in range(DECLINED_A_MONTH):
        steps.decline(staff, steps.refer_oneself(staff, somebody("Neil Oram")), "duplicate")
    system.until(ends)


def equal(system: System) -> list[str]:
    """What `parley reconcile` says, once there is no difference."""
    said = system.command("reconcile")
    assert said.returncode in (0, 1), said.stderr
    return said.stdout.splitlines() if said.returncode == 0 else []


def tables(system: System) -> dict[str, list[dict[str, str]]]:
    page = report_of(system)
    return {name: page.table(name) for name in (BY_MONTH, BY_SOURCE, BY_AREA, MEETINGS)}


def messages_of(system: System) -> set[tuple[str, str]]:
    """Every message that was ever intended, and what became of it."""
    system.rest()
    store = f"file:{system.home.stores / 'notifications.db'}?mode=ro"
    with closing(sqlite3.connect(store, uri=True, timeout=10)) as connection:
        return {(message, state) for message, state in connection.execute(MESSAGES)}


MESSAGES = "SELECT id, state FROM message"


def broker(system: System) -> Path:
    return system.home.nats / "jetstream"


def copy_of_the_broker(system: System) -> Path:
    """What the broker holds now, copied while it is down."""
    copy = system.folder / "broker-copy"
    system.stop()
    shutil.copytree(broker(system), copy)
    system.start()
    return copy


def put_back(system: System, copy: Path) -> None:
    system.stop()
    shutil.rmtree(broker(system))
    shutil.copytree(copy, broker(system))
    system.start()
