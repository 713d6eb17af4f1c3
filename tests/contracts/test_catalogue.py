"""The pages about facts and asks say what the code says, and go red when they do not."""

from pathlib import Path

import pytest

from deploy.catalogue.__main__ import main, stale
from deploy.catalogue.events_page import events_page
from deploy.catalogue.fields import fields_of
from deploy.catalogue.released import Released
from deploy.catalogue.services import Party
from shared.contracts.catalogue import ASKS, FACTS, SERVICES
from shared.contracts.referral import (
    ContactPermitWanted,
    MeetingGrantRevoked,
    PersonErased,
    ReferralAccepted,
)
from tests.contracts.planted import Colour, a_fact

ROOT = Path(__file__).parents[2]
CONVERSATION = (
    Party("referral", answers=(ContactPermitWanted,)),
    Party("scheduling", hears=(ReferralAccepted, PersonErased)),
    Party("notifications", hears=(ReferralAccepted,), asks=(ContactPermitWanted,)),
    Party("reporting"),
)


@pytest.fixture(scope="module")
def page():
    return events_page(CONVERSATION, Released(ROOT / "shared/contracts"))


@pytest.fixture
def written(tmp_path):
    """A folder with every file as it should be."""
    assert main(["write", str(tmp_path)]) == 0
    return tmp_path


def section(page: str, name: str) -> str:
    return page.partition(f"### {name}\n")[2].partition("\n### ")[0]


def test_the_files_in_the_repository_are_what_the_code_says():
    assert [str(path.relative_to(ROOT)) for path in stale(ROOT)] == []
    assert main(["check"]) == 0


def test_a_page_that_was_changed_by_hand_is_named(written, capsys):
    page = written / "docs/events.md"

    page.write_text(page.read_text().replace("A referral was taken in", "A referral came"))

    assert main(["check", str(written)]) == 1
    assert "stale: docs/events.md; run `make docs`" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    ["docs/access.md", "docs/events.md", "docs/asyncapi.json", "docs/privacy/retention.md"],
)
def test_a_page_that_is_missing_is_named_and_made_again(written, capsys, name):
    (written / name).unlink()

    assert main(["check", str(written)]) == 1
    assert name in capsys.readouterr().err
    assert main(["write", str(written)]) == 0
    assert capsys.readouterr().out == f"wrote {name}\n"
    assert main(["check", str(written)]) == 0


def test_a_fact_that_is_not_released_yet_is_named(written, monkeypatch, capsys):
    monkeypatch.setattr("deploy.catalogue.__main__.FACTS", (*FACTS, a_fact()))

    assert main(["check", str(written)]) == 1
    assert "stale: shared/contracts/schemas/referral.kettle_boiled.v1.r1" in capsys.readouterr().err


def test_nothing_is_written_while_a_contract_breaks_an_old_one(written, monkeypatch, capsys):
    broken = a_fact(subject=FACTS[0].subject, colour=(Colour, ...))
    monkeypatch.setattr("deploy.catalogue.__main__.FACTS", (broken, *FACTS[1:]))
    before = {path: path.read_bytes() for path in written.rglob("*.*")}

    assert main(["write", str(written)]) == 1
    assert "Make a new class whose subject ends in" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in written.rglob("*.*")} == before


@pytest.mark.parametrize("arguments", [[], ["draw"], ["write", ".", "."]])
def test_other_words_are_answered_with_how_to_use_it(arguments, capsys):
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("contract", [*FACTS, *ASKS, *(ask.answered_by for ask in ASKS)])
def test_every_field_has_a_meaning(contract):
    silent = [field.name for field in fields_of(contract) if not field.meaning]

    assert silent == [], "give the field a docstring, or its name an entry in the glossary"


@pytest.mark.parametrize("contract", [*FACTS, *ASKS])
def test_every_contract_says_when_it_is_told_or_asked(page, contract):
    assert contract.__doc__
    assert contract.__doc__.splitlines()[0] in section(page, contract.__name__)


def test_the_page_says_who_tells_and_who_hears(page):
    told = section(page, "ReferralAccepted")

    assert "Told by referral, heard by: scheduling, notifications." in told
    assert "`referral.referral_accepted.v1` revision 1, about its `referral_id`." in told
    assert '"side": "harmed"' in told


def test_the_page_says_what_is_heard_by_nobody_or_told_by_nobody_yet(monkeypatch):
    monkeypatch.setattr(PersonErased, "reserved", True)  # as if nobody told it yet
    page = events_page(CONVERSATION, Released(ROOT / "shared/contracts"))

    assert "heard by: nobody" in section(page, MeetingGrantRevoked.__name__)
    assert "agreed, told by nobody yet" in section(page, PersonErased.__name__)


def test_the_page_says_who_asks_and_who_answers(page):
    asked = section(page, "ContactPermitWanted")

    assert "Asked by: notifications. Answered by: referral." in asked
    assert "The answer, `ContactPermit`" in asked
    assert "Asked by: nobody yet. Answered by: nobody yet." in section(page, "NameCardsWanted")


def test_the_picture_shows_facts_and_asks(page):
    picture = page.partition("```mermaid")[2].partition("```")[0]

    assert all(f"{name}([{name}])" in picture for name in SERVICES)
    assert 'referral -- "ReferralAccepted" --> notifications' in picture
    assert 'notifications -. "ContactPermitWanted?" .-> referral' in picture


def test_parts_of_a_list_are_fields_of_their_own():
    completed = next(fact for fact in FACTS if fact.__name__ == "SessionCompleted")

    names = [field.name for field in fields_of(completed)]

    assert names[-3:] == ["attended", "attended[].person_id", "attended[].attendance"]
