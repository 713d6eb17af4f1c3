"""What people do with Parley, one step each, on its pages alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ui.london import local
from tests.fixtures.patience import eventually
from tests.fixtures.visitor import Page, Visitor
from tests.journeys.people import Someone

Answers = Mapping[str, str | Iterable[str]]

HALL = "Riverside community hall"
ONLINE = "Online meeting"
OFFICE = "Our office, first floor"
"""The venues every new copy begins with."""

FIRST_FACILITATOR, SECOND_FACILITATOR = "Demo Facilitator One", "Demo Facilitator Two"

USUAL: Mapping[str, str] = {
    "happened": "noise",
    "matter": "neighbour_dispute",
    "side": "harmed",
    "reported_to_police": "no",
    "heard_about": "leaflet_or_poster",
}


@dataclass(frozen=True)
class Case:
    """One referral that is being looked after, by where its pages are."""

    reference: str
    page: str
    """The coordinator's page."""
    planning: str = ""
    """The page where its meetings are planned, once it is accepted."""


def fill_in_form(visitor: Visitor, who: Someone, area: str = "Riverside", **answers: str) -> Page:
    """Answer every question of the public form; gives the page that shows everything once more."""
    said = {**USUAL, **answers}
    page = visitor.open("/").follow("Start now")
    for question in ("happened", "matter", "side", "reported_to_police"):
        page = page.press("Continue", **{question: said[question]})
    page = page.press("Continue", area_id=choice(page, area))
    page = page.press("Continue", **who.contact)
    page = page.press("Continue", **who.times)
    page = page.press("Continue", **who.privacy)
    page = page.press("Continue", heard_about=said["heard_about"])
    assert page.heading == "Check your answers", page.main
    return page


def refer_oneself(visitor: Visitor, who: Someone, area: str = "Riverside", **answers: str) -> str:
    """Ask for help on the public form; gives the reference."""
    return reference_on(fill_in_form(visitor, who, area, **answers).press("Agree and send"))


def reference_on(page: Page) -> str:
    """What the last page of the form says to quote."""
    assert page.heading == "We have got it", page.main
    [panel] = page.document.find_class("govuk-panel__body")
    return str(panel.text_content()).split()[-1]


def find_case(visitor: Visitor, reference: str) -> Case:
    """The coordinator opens the referral with this reference, wherever it is listed."""
    for tab in ("waiting", "open", "closed"):
        links = visitor.open(f"/referral/cases?tab={tab}").links(f"reference {reference}")
        if links:
            return Case(reference, links[0])
    raise AssertionError(f"{reference} is on no list")


def accept(visitor: Visitor, reference: str) -> Case:
    """The coordinator takes the referral on; planning has heard of it when this returns."""
    case = find_case(visitor, reference)
    page = visitor.open(case.page).press("Accept the referral")
    assert "You accepted the referral" in page.done
    planning = page.link("Plan a meeting")
    eventually(lambda: visitor.client.get(planning).is_success)
    return Case(reference, case.page, planning)


def decline(visitor: Visitor, reference: str, reason: str) -> Case:
    """The coordinator ends the referral."""
    case = find_case(visitor, reference)
    page = visitor.open(case.page).follow("Decline the referral")
    page = page.press("Decline the referral", reason=reason)
    assert page.done == "You declined the referral."
    return case


def add_other_party(visitor: Visitor, case: Case, who: Someone, side: str = "responsible") -> None:
    """The first party agrees that the other is approached; planning knows when this returns."""
    page = visitor.open(case.page).follow("Add the other party")
    page = page.press(
        "Add the other party",
        **who.contact,
        **who.times,
        **{"voicemail": "false", **who.privacy},
        side=side,
        agrees=("true",),
    )
    assert page.done == "You added the other party."
    eventually(lambda: who.name in visitor.open(case.planning).main)


def record_said(visitor: Visitor, case: Case, who: Someone, link: str, button: str) -> Page:
    """The coordinator records what somebody told us."""
    page = visitor.open(case.page).follow(f"{link} ({who.name})")
    return page.press(button, how="by_phone").expect(200)


def record_agreement(visitor: Visitor, case: Case, who: Someone) -> None:
    page = record_said(visitor, case, who, "They agree to a joint meeting", "Record the agreement")
    assert "You recorded the agreement" in page.done


def withdraw_agreement(visitor: Visitor, case: Case, who: Someone) -> None:
    page = record_said(
        visitor,
        case,
        who,
        "They no longer agree to a joint meeting",
        "Stop joint meetings with them",
    )
    assert "they no longer agree" in page.done


def book(
    visitor: Visitor,
    case: Case,
    starts_at: datetime,
    *people: Someone,
    venue: str = HALL,
    facilitators: Iterable[str] = (FIRST_FACILITATOR,),
) -> Page:
    """Book a preparation for one person, or a joint meeting for two; gives what comes back."""
    page = visitor.open(case.planning)
    if len(people) == 1:
        page = page.follow(f"Book a preparation meeting with {people[0].name}")
    else:
        page = page.follow("Book a joint meeting")
    return page.press(
        "Book the meeting",
        **moment("starts", starts_at),
        minutes="60",
        venue=choice(page, venue),
        facilitators=[choice(page, name) for name in facilitators],
    )


def must_book(visitor: Visitor, case: Case, starts_at: datetime, *people: Someone, **how) -> str:
    """Book a meeting that can be booked; gives the address of its page."""
    page = book(visitor, case, starts_at, *people, **how)
    assert "The meeting is booked" in page.done, page.main
    return page.path.partition("?")[0]


def record_held(visitor: Visitor, meeting: str, **unusual: str) -> Page:
    """Record that a meeting was held; everybody took part, but for those `unusual` names."""
    page = visitor.open(meeting).follow("Record what happened")
    form = page.form("Record")
    questions = [name for name in form.names if name.startswith("attendance_")]
    came = {question: "attended" for question in questions}
    for name, attendance in unusual.items():
        came[question_about(page, name)] = attendance
    return form.fill(held="yes", **came).send()


def question_about(page: Page, name: str) -> str:
    """The field of the question how somebody took part."""
    for legend in page.document.iter("legend"):
        if name in legend.text_content():
            return str(next(legend.getparent().iter("input")).get("name"))
    raise AssertionError(f"{page.path} does not ask about {name}")


def choice(page: Page, words: str) -> str:
    """The value behind a choice that is labelled with these words."""
    for label in page.document.iter("label"):
        if " ".join(label.text_content().split()) == words:
            return str(page.document.get_element_by_id(label.get("for")).get("value"))
    raise AssertionError(f"{page.path} does not offer {words!r}: {page.main}")


def moment(name: str, at: datetime) -> dict[str, str]:
    """What somebody types into a day and a time."""
    there = local(at)
    return {
        f"{name}_day": str(there.day),
        f"{name}_month": str(there.month),
        f"{name}_year": str(there.year),
        f"{name}_time": f"{there:%H:%M}",
    }


def days_ahead(now: datetime, days: int, hour: int = 10) -> datetime:
    """A full hour on a later day, by London's clocks."""
    there = local(now) + timedelta(days=days)
    return there.replace(hour=hour, minute=0, second=0, microsecond=0)
