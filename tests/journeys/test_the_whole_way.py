"""One referral travels the whole way, over HTTP and SMTP alone, as the people in it meet it."""

import csv
import io
from datetime import timedelta

import pytest

from shared.ui.london import shown
from tests.fixtures.mail import Letter
from tests.fixtures.system import System
from tests.fixtures.visitor import Page
from tests.journeys import steps
from tests.journeys.letters import (
    COORDINATOR,
    FACILITATOR,
    OURS,
    assert_neutral,
    letter_saying,
    letters_to,
    words_in,
)
from tests.journeys.people import Someone, somebody
from tests.journeys.report import figures, more, report_of

pytestmark = pytest.mark.journey


def csv_row(system: System, page: Page, table: str, row: str) -> list[int]:
    answer = system.visitor().client.get(page.link(f"spreadsheet (CSV) {table.lower()}"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    [found] = [cells for cells in csv.reader(io.StringIO(answer.text)) if cells[0] == row]
    return [int(cell) for cell in found[1:]]


def test_a_referral_travels_from_the_first_page_to_the_report(system: System):
    staff, public = system.visitor(), system.visitor()
    asma = somebody("Asma Farouk", avoid="court, money")
    tom = somebody("Tom Whitlow", who_else="somebody")
    before = report_of(system)
    staff_letters = len(system.letters(COORDINATOR))

    reference = steps.refer_oneself(public, asma)
    arrival = letters_to(system, asma.email, 1)[0]
    told = letters_to(system, COORDINATOR, staff_letters + 1)[-1]
    _assert_first_letters(arrival, told, asma)

    case = steps.accept(staff, reference)
    accepted = letters_to(system, asma.email, 2)[1]
    assert "we would like to help" in accepted.text
    assert_neutral(accepted, asma.name, reference)

    steps.add_other_party(staff, case, tom)
    refused = steps.book(staff, case, steps.days_ahead(system.now(), 5), asma, tom)
    assert refused.status == 422
    assert refused.errors == ["Not everybody's agreement to meet has been recorded yet."]

    waited = _hold_preparation(system, case, asma)
    refused = steps.book(staff, case, steps.days_ahead(system.now(), 5), asma, tom)
    assert refused.errors == ["Not everybody's agreement to meet has been recorded yet."]
    steps.record_agreement(staff, case, asma)
    steps.record_agreement(staff, case, tom)
    _hold_joint_meeting(system, case, asma, tom)

    _assert_case_page(staff.open(case.page), asma, tom)
    _assert_counted(system, before, waited)


def _assert_first_letters(arrival: Letter, told: Letter, asma: Someone) -> None:
    assert arrival.message["Subject"] == "A message for you"
    assert arrival.sender == "office@example.org"
    assert "has arrived safely" in arrival.text
    assert "020 7946 0123" in arrival.text, "nobody else sees her mail: the number may be named"
    assert_neutral(arrival, asma.name)
    assert told.message["Subject"] == "Something new is waiting for you"
    assert "/referral/cases" in told.text
    assert_neutral(told, asma.name)


def _hold_preparation(system: System, case: steps.Case, asma: Someone) -> int:
    """Book a preparation meeting, let its day come, record it; gives the days until it."""
    staff = system.visitor()
    starts_at = steps.days_ahead(system.now(), 3)
    meeting = steps.must_book(staff, case, starts_at, asma, venue=steps.OFFICE)
    invitation = letters_to(system, asma.email, 3)[2]
    assert invitation.message["Subject"] == "About your appointment"
    assert f"on {shown(starts_at)}" in invitation.text
    assert_neutral(invitation, asma.name)
    diary = letter_saying(system, FACILITATOR, f"put down for an appointment on {shown(starts_at)}")
    assert diary.message["Subject"] == "A change in your diary"
    assert_neutral(diary, asma.name)

    early = staff.open(f"{meeting}/outcome", status=422)
    assert "This meeting has not started yet" in early.main
    system.until(starts_at + timedelta(hours=1))
    page = steps.record_held(staff, meeting)
    assert page.done == "You recorded that the meeting was held"
    assert page.table("Who took part") == [{"Name": asma.name, "How": "Took part"}]
    return 3


def _hold_joint_meeting(system: System, case: steps.Case, asma: Someone, tom: Someone) -> None:
    """Both agree: it is booked, both are told as is safe for each, and it is held."""
    staff = system.visitor()
    starts_at = steps.days_ahead(system.now(), 7, hour=14)
    both = (steps.FIRST_FACILITATOR, steps.SECOND_FACILITATOR)
    meeting = steps.must_book(staff, case, starts_at, asma, tom, facilitators=both)
    to_asma, to_tom = letters_to(system, asma.email, 4)[3], letters_to(system, tom.email, 1)[0]
    assert "2pm" in to_asma.text
    assert "There is an appointment for you." in to_tom.text
    for letter in (to_asma, to_tom):
        assert letter.message["Subject"] == "About your appointment"
        assert_neutral(letter, asma.name, tom.name)
    said = to_tom.text + to_tom.html
    assert words_in(said, (*OURS, "2pm", f"{starts_at:%B}")) == []

    system.until(starts_at + timedelta(hours=1))
    page = steps.record_held(staff, meeting, **{tom.name: "late"})
    came = {row["Name"]: row["How"] for row in page.table("Who took part")}
    assert came == {asma.name: "Took part", tom.name: "Took part, came late"}


def _assert_case_page(page: Page, asma: Someone, tom: Someone) -> None:
    facts = page.facts()
    assert facts["Words to avoid"] == "None", "of the party shown last"
    assert "court, money" in page.main
    history = " ".join(page.history())
    for happened in (
        "The referral was received",
        "The referral was accepted and a case opened. Recorded by Demo Coordinator",
        f"{tom.name} was added to the case",
        f"{asma.name} agreed to a joint meeting, by phone",
        f"{tom.name} agreed to a joint meeting, by phone",
        f"A message to {asma.name} about the referral being received was sent",
        f"A message to {tom.name} about a meeting was sent",
    ):
        assert happened in history, history


def _assert_counted(system: System, before: Page, waited: int) -> None:
    """The report knows one more of each, and the files say the same."""
    page = report_of(system)
    for table, row, by in (
        ("Referrals by month", "All", (1, 1, 0, 0)),
        ("Referrals by source", "The person themselves", (1, 1, 0, 0)),
        ("Referrals by source", "Police", (0, 0, 0, 0)),
        ("Meetings", "Preparation meetings", (1, 0, 0)),
        ("Meetings", "Joint meetings", (1, 0, 0)),
        ("Meetings", "All", (2, 0, 0)),
    ):
        assert figures(page, table, row) == more(figures(before, table, row), *by), row
    assert figures(page, "Referrals by area", "Riverside")[0] >= 1
    for table, row in (
        ("Referrals by month", "All"),
        ("Referrals by area", "Riverside"),
        ("Meetings", "All"),
    ):
        assert csv_row(system, page, table, row) == figures(page, table, row)
    assert f"{waited} days or less" in page.main
    chart = page.visitor.client.get(page.document.find(".//figure//img").get("src"))
    assert chart.headers["content-type"] == "image/svg+xml"
