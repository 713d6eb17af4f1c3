"""A21: a backup from before an erasure, put back after it, brings nobody back.

The stores are put back alone, and together with the broker's storage; the figures are the same
each time. Without the ledger the same person is there again: that shows that this could fail.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from services.referral.actions.seeds import demo_id
from shared.plumbing.crash import EXIT_STATUS
from shared.ui.london import local
from tests.faults.found import rows
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.system import System, running
from tests.fixtures.visitor import Page
from tests.journeys import steps
from tests.journeys.people import Someone, somebody
from tests.journeys.steps import Case

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

MANAGER = demo_id(4)
FIGURES = (
    "SELECT * FROM referral_counted ORDER BY 1",
    "SELECT * FROM case_counted ORDER BY 1",
    "SELECT * FROM meeting_counted ORDER BY 1",
    "SELECT * FROM tally ORDER BY 1, 2, 3",
)


@dataclass(frozen=True)
class Erased:
    """A system that has stopped after an erasure, and a backup from before it."""

    system: System
    backup: Path
    who: Someone
    other: Someone
    case: Case
    person_id: str
    figures: list[object]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erased]:
    folder = tmp_path_factory.mktemp("older-backup")
    with running(System(folder)) as system:
        who, other, case = two_parties(system)
        figures = figures_of(system)
        system.stop()
        backup = folder / "backup"
        for part in ("stores", "nats"):
            shutil.copytree(system.home.root / part, backup / part)
        system.start()
        person_id = erase(system, case, who)
        system.rest()
        assert figures_of(system) == figures, "an erasure changes no figure"
        assert forgotten_by_the_others(system, person_id)
        system.stop()
        yield Erased(system, backup, who, other, case, person_id, figures)


@pytest.fixture
def put_back(erased: Erased, tmp_path: Path) -> Iterator[Callable[..., System]]:
    """Everything as it was at the end, but for what is put back from the backup."""
    made: list[System] = []

    def put(*parts: str, ledger: bool = True) -> System:
        folder = tmp_path / f"system-{len(made)}"
        folder.mkdir()
        system = System(folder)
        shutil.copytree(erased.system.home.root, system.home.root)
        for part in parts:
            shutil.rmtree(system.home.root / part)
            shutil.copytree(erased.backup / part, system.home.root / part)
        if not ledger:
            system.home.ledger.unlink()
        made.append(system)
        return system

    yield put
    for system in made:
        system.close()


def two_parties(system: System) -> tuple[Someone, Someone, Case]:
    staff, who, other = system.visitor(), somebody("Ines Okafor"), somebody("Paul Trent")
    case = steps.accept(staff, steps.refer_oneself(staff, who))
    steps.add_other_party(staff, case, other)
    system.rest()
    return who, other, case


def erase(system: System, case: Case, who: Someone) -> str:
    """Noted by the coordinator and carried out by the manager; gives the person's id."""
    decision = decision_page(system, case, who)
    done = decision.press("Save the decision", decision="carry_out")
    assert "erased for good" in done.done
    return decision.path.split("/people/")[1][:36]


def decision_page(system: System, case: Case, who: Someone) -> Page:
    page = system.visitor().open(case.page).follow(f"They ask to be erased ({who.name})")
    today = local(system.now()).date()
    parts = {"day": today.day, "month": today.month, "year": today.year}
    page.press(
        "Note the request",
        how="in_person",
        **{f"received_{part}": str(value) for part, value in parts.items()},
    )
    manager = system.visitor(MANAGER)
    showed_a_code(system)
    return manager.open(page.path.partition("?")[0] + "/decision")


def showed_a_code(system: System) -> None:
    """The manager has just shown a code once more."""
    until = (system.now() + timedelta(minutes=5)).replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(system.home.stores / "referral.db", timeout=10)) as store, store:
        store.execute(
            "UPDATE staff_session SET stepped_up_until = ? WHERE person_id = ?",
            (until, MANAGER.hex),
        )


def figures_of(system: System) -> list[object]:
    return [rows(system.home, "reporting", query) for query in FIGURES]


def forgotten_by_the_others(system: System, person_id: str) -> bool:
    wanted = person_id.replace("-", "")
    party = rows(system.home, "scheduling", f"SELECT * FROM party WHERE person_id = '{wanted}'")
    known = rows(
        system.home,
        "notifications",
        f"SELECT * FROM standing WHERE person_id = '{wanted}'",
    )
    return not party and not known


@pytest.mark.parametrize("parts", [("stores",), ("stores", "nats")], ids="+".join)
def test_a21_an_older_backup_brings_nobody_back_and_changes_no_figure(erased, put_back, parts):
    system = put_back(*parts)
    system.start()

    page = system.visitor().open(erased.case.page)
    found = system.visitor().open("/referral/people").press("Find", email=erased.who.email)
    eventually(lambda: forgotten_by_the_others(system, erased.person_id))
    eventually(lambda: system.ready() == {})
    system.rest()

    assert "Erased person" in page.main
    assert erased.who.name not in page.main
    assert erased.other.name in page.main
    assert "Nobody was found" in found.main
    assert figures_of(system) == erased.figures
    listed = system.command("erased", "list")
    assert erased.person_id in listed.stdout
    assert erased.who.name not in listed.stdout


def test_a21_without_the_ledger_they_would_be_there_again(erased, put_back):
    system = put_back("stores", "nats", ledger=False)
    system.start()

    page = system.visitor().open(erased.case.page)

    assert erased.who.name in page.main, "nothing else keeps them erased: the ledger is needed"


def test_a21_without_the_ledger_our_own_stream_still_says_who_was_erased(erased, put_back):
    system = put_back("stores", ledger=False)
    system.begin()
    eventually(system._answers)

    staff = system.visitor()
    eventually(lambda: "Erased person" in staff.open(erased.case.page).main, 2 * LONG)
    eventually(lambda: forgotten_by_the_others(system, erased.person_id))
    eventually(lambda: system.ready() == {})

    assert erased.person_id in system.home.ledger.read_text()


def test_a_command_that_reads_people_applies_the_ledger_first(erased, put_back):
    system = put_back("stores")

    assert system.command("staff", "list").returncode == 0

    wanted = erased.person_id.replace("-", "")
    [(name,)] = rows(system.home, "referral", f"SELECT name FROM person WHERE id = '{wanted}'")
    assert name == b""


def test_the_store_of_another_service_put_back_is_told_again_of_everybody(erased, put_back):
    system = put_back()
    for left in system.home.stores.glob("scheduling.db*"):
        left.unlink()
    for left in (erased.backup / "stores").glob("scheduling.db*"):
        shutil.copy(left, system.home.stores)
    system.start()
    assert not forgotten_by_the_others(system, erased.person_id)

    applied = system.command("erased", "apply")

    assert applied.returncode == 0, applied.stderr
    eventually(lambda: forgotten_by_the_others(system, erased.person_id))
    assert figures_of(system) == erased.figures


def test_a_death_between_ledger_and_commit_is_finished_by_the_next_start(tmp_path):
    with running(System(tmp_path)) as system:
        who, other, case = two_parties(system)
        figures = figures_of(system)
        system.stop()
        system.begin(PARLEY_CRASH_AT="ledger.after_append")
        eventually(system._answers)
        decision = decision_page(system, case, who)
        with pytest.raises(Exception, match=r"disconnected|closed|reset|refused"):
            decision.press("Save the decision", decision="carry_out")
        system.died(EXIT_STATUS)
        system.start()

        page = system.visitor().open(case.page)
        system.rest()

        assert "Erased person" in page.main
        assert other.name in page.main
        assert figures_of(system) == figures
