"""Emergencies, holds, and what becomes of a case in the end."""

from tests.canaries import birds
from tests.canaries.filling import fill_with_nonsense
from tests.canaries.house import FACILITATOR, MANAGER, House
from tests.fixtures.visitor import Visitor
from tests.journeys.steps import Case

OPEN = "/referral/break-glass/open"


def break_glass(house: House, case: Case) -> None:
    """Twice by somebody who is not on it: closed by them, and closed by a manager; reviewed."""
    helper, manager = house.visitor(FACILITATOR), house.visitor(MANAGER)
    house.system.sure()
    fill_with_nonsense(helper.open(OPEN), "Open the case")
    reason = f"{birds.text('danger')} stands before the door, and nobody answers"
    assert helper.open(OPEN).press("Open the case", case=birds.text("case"), reason=reason).errors
    page = helper.open(OPEN).press("Open the case", case=case.reference, reason=reason)
    assert page.path == case.page, page.main
    page.press("I have seen what I needed to see").expect(200)
    helper.open(OPEN).press("Open the case", case=case.reference, reason=reason).expect(200)
    for number in (1, 2):
        _review(manager, case, f"{birds.text('review')} {number} was in danger")
    manager.open("/referral/alarms")


def _review(manager: Visitor, case: Case, note: str) -> None:
    """Whichever waits for it comes first."""
    page = manager.open("/referral/break-glass").follow(case.reference)
    if "Close it now" in page.main:
        page.press("Close it now").expect(200)
        page = manager.open(page.path)
    fill_with_nonsense(page, "Record the review")
    page = manager.open(page.path).press("Record the review", justified="no", note=note)
    assert page.done == "You reviewed it. Thank you.", page.main


def hold(house: House, case: Case) -> None:
    """Kept, let go, and looked up; the clock is confirmed."""
    manager = house.visitor(MANAGER)
    here = f"{case.page}/hold"
    for button, why in (("Keep it", "claim"), ("Lift the hold", "settled")):
        fill_with_nonsense(manager.open(here), button)
        page = manager.open(here).press(button, reason=f"{birds.text(why)} rang about it")
        assert page.done, page.main
        manager.open("/referral/retention")
    form = [("csrf", _csrf(manager))]
    manager.send("/referral/retention/clock", form).expect(200)
    manager.open("/referral/declined")


def _csrf(manager: Visitor) -> str:
    """Of any form: the one that confirms a clock is there only while the clock is doubted."""
    page = manager.open("/referral/areas")
    return dict(page.form("Add the area").fields)["csrf"]


def close(house: House, case: Case) -> None:
    """The work on a case ends; then the night comes, as an operator may have it come."""
    page = house.visitor().open(case.page).follow("Close the case")
    page = page.press("Close the case", outcome="completed_direct")
    assert page.done, page.main
    words = ("plan", "mark", "destroy", "confirm-clock")
    house.commands(*(("retention", one) for one in words))
