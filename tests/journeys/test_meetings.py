"""What becomes of meetings once they are booked, and who is told of it and how."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from services.referral.domain.safe_hours import WEEK
from shared.ui.london import shown
from tests.fixtures.system import System
from tests.fixtures.visitor import Page, Visitor
from tests.journeys import steps
from tests.journeys.letters import (
    APPOINTMENT,
    DIARY,
    FACILITATOR,
    assert_neutral,
    letter_saying,
    letters_to,
    words_in,
)
from tests.journeys.people import Someone, somebody
from tests.journeys.report import MEETINGS, figures, more, report_of
from tests.journeys.steps import Case

pytestmark = pytest.mark.journey


@dataclass
class Booked:
    """A joint meeting that everybody who takes part has been told of."""

    system: System
    staff: Visitor
    case: Case
    first: Someone
    second: Someone
    page: str
    starts_at: datetime

    @property
    def people(self) -> tuple[Someone, Someone]:
        return self.first, self.second


@pytest.fixture
def ready_to_meet(system: System) -> Booked:
    """A case whose two parties have agreed; nothing is booked yet."""
    staff, first, second = system.visitor(), somebody("Ines Okafor"), somebody("Paul Trent")
    case = steps.accept(staff, steps.refer_oneself(staff, first))
    steps.add_other_party(staff, case, second)
    for party in (first, second):
        steps.record_agreement(staff, case, party)
    letters_to(system, first.email, 2)
    return Booked(system, staff, case, first, second, "", system.now())


@pytest.fixture
def booked(ready_to_meet: Booked) -> Iterator[Booked]:
    """The same once they are invited; each test gets hours of its own."""
    one, system = ready_to_meet, ready_to_meet.system
    one.starts_at = steps.days_ahead(system.now(), 4, hour=9)
    one.page = steps.must_book(one.staff, one.case, one.starts_at, *one.people)
    letters_to(system, one.first.email, 3)
    letters_to(system, one.second.email, 1)
    letter_saying(system, FACILITATOR, f"put down for an appointment on {shown(one.starts_at)}")
    yield one
    system.until(one.starts_at + timedelta(days=2))


def page_in(one: Booked, state: str) -> Page:
    """The page of the meeting, which must be in this state."""
    one.system.rest()
    page = one.staff.open(one.page)
    assert state in page.tags
    return page


def test_taking_an_agreement_back_calls_the_meeting_off_and_nobody_hears_whose_it_was(
    booked: Booked,
):
    system, staff = booked.system, booked.staff

    steps.withdraw_agreement(staff, booked.case, booked.first)

    page = page_in(booked, "Cancelled")
    to_first = letters_to(system, booked.first.email, 4)[-1]
    to_second = letters_to(system, booked.second.email, 2)[-1]
    off = f"on {shown(booked.starts_at)} is not going ahead"
    diary = letter_saying(system, FACILITATOR, off)
    assert to_first.message["Subject"] == to_second.message["Subject"] == APPOINTMENT
    assert off in to_second.text
    assert to_first.text == to_second.text, "the two letters tell nothing of who decided"
    assert diary.message["Subject"] == DIARY
    for letter in (to_first, to_second, diary):
        assert_neutral(letter, booked.first.name, booked.second.name)
        assert words_in(letter.text, ("agree", "withdr", "changed their mind", "decided")) == []
    assert words_in(" ".join(page.history()), (booked.first.name, booked.second.name)) == []
    again = steps.book(staff, booked.case, booked.starts_at, *booked.people)
    assert again.errors == ["The agreement needed for this meeting is no longer there."]


def test_taking_an_agreement_back_recalls_what_was_not_sent_yet(ready_to_meet: Booked):
    one, system = ready_to_meet, ready_to_meet.system
    then = steps.days_ahead(system.now(), 3, hour=10)
    page = one.staff.open(one.case.page).follow(f"Change how to reach them ({one.second.name})")
    only_then = {
        "safe_when": "some",
        "days": (WEEK[then.weekday()].value,),
        "opens": "09:00",
        "closes": "17:00",
    }
    why = "They said when it is safe."
    page.press("Save", **only_then, voicemail="false", because=why).expect(200)
    starts_at = steps.days_ahead(system.now(), 6, hour=9)
    one.page = steps.must_book(one.staff, one.case, starts_at, *one.people)
    letters_to(system, one.first.email, 3)
    assert messages_of(one, one.second, "Waiting")

    steps.withdraw_agreement(one.staff, one.case, one.first)

    letters_to(system, one.first.email, 4)
    [recalled] = messages_of(one, one.second, "Taken back")
    assert recalled["Why"] == "The meeting was cancelled before this was sent."
    system.until(then)
    letters_to(system, one.second.email, 0)  # who never heard of it is not told that it is off


def test_a_moved_meeting_is_told_as_a_change_and_the_old_one_stays_to_be_seen(booked: Booked):
    system, staff = booked.system, booked.staff
    later = booked.starts_at + timedelta(days=1, hours=2)

    page = staff.open(booked.page).follow("Move the meeting")
    page = page.press(
        "Move the meeting", **steps.moment("starts", later), reason="venue_unavailable"
    )

    assert "The meeting is moved" in page.done
    assert page.facts()["When"] == shown(later)
    old = page_in(booked, "Moved")
    assert old.links("Move the meeting") == []
    assert old.follow("The meeting that took its place").heading == "Joint meeting"
    for person, count in ((booked.first, 4), (booked.second, 2)):
        letter = letters_to(system, person.email, count)[-1]
        assert letter.message["Subject"] == APPOINTMENT
        assert f"appointment with us on {shown(booked.starts_at)} has been changed" in letter.text
        assert f"It is now on {shown(later)}" in letter.text
        assert_neutral(letter, booked.first.name, booked.second.name)
    letter_saying(system, FACILITATOR, f"It is now on {shown(later)}")


def test_a_cancelled_meeting_is_told_to_those_who_knew_and_counted(booked: Booked):
    system, staff = booked.system, booked.staff
    before = figures(report_of(system), MEETINGS)

    page = staff.open(booked.page).follow("Cancel the meeting")
    page = page.press("Cancel the meeting", reason="facilitator_unavailable")

    assert page.done == "The meeting is cancelled. Whoever had been told of it is told"
    assert "A facilitator cannot be there" in page.main
    for person, count in ((booked.first, 4), (booked.second, 2)):
        letter = letters_to(system, person.email, count)[-1]
        assert f"on {shown(booked.starts_at)} is not going ahead" in letter.text
        assert "facilitator" not in letter.text.lower(), "nobody is told why"
    letter_saying(system, FACILITATOR, f"on {shown(booked.starts_at)} is not going ahead")
    assert figures(report_of(system), MEETINGS) == more(before, 0, 0, 1)


def test_a_meeting_nobody_came_to_is_recorded_as_not_held_and_the_case_waits_again(booked: Booked):
    system, staff = booked.system, booked.staff
    before = figures(report_of(system), MEETINGS)
    system.until(booked.starts_at + timedelta(hours=2))

    overdue = staff.open("/scheduling/").table("whose outcome is not recorded yet")
    page = staff.open(booked.page).follow("Record what happened")
    page = page.press("Record", held="no", reason="participant_did_not_come")

    assert any(shown(booked.starts_at) == row["When"] for row in overdue)
    assert page.done == "You recorded that the meeting was not held"
    assert "A participant did not come" in page.main
    waits = staff.open(booked.case.planning).facts()["Waits to be planned"]
    assert waits == "Yes, for 0 days"
    assert figures(report_of(system), MEETINGS) == more(before, 0, 1, 0)


def test_a_facilitator_or_a_room_is_never_promised_twice(booked: Booked):
    staff, other = booked.staff, somebody("Grace Lindo")
    case = steps.accept(staff, steps.refer_oneself(staff, other))

    same_time = steps.book(staff, case, booked.starts_at, other)
    elsewhere = steps.book(
        staff,
        case,
        booked.starts_at,
        other,
        venue=steps.ONLINE,
        facilitators=(steps.SECOND_FACILITATOR,),
    )

    assert same_time.errors == [
        "A facilitator you chose already has a meeting at that time.",
        "The venue is already booked at that time.",
    ]
    assert "The meeting is booked" in elsewhere.done


def messages_of(one: Booked, who: Someone, state: str) -> list[dict[str, str]]:
    """The messages to somebody that are in this state, as staff see them."""
    rows = one.staff.open("/notifications/").table("Messages, newest first")
    return [row for row in rows if row["To"] == who.name and row["State"] == state]
