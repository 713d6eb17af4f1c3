"""Meetings and messages: booked, moved, called off, held; written, rung, told by hand."""

from datetime import timedelta

from tests.canaries import birds, people
from tests.canaries.filling import fill_with_nonsense
from tests.canaries.house import COORDINATOR, FUNDER, MANAGER, OPS, House
from tests.canaries.nonsense import routes
from tests.fixtures.patience import eventually
from tests.fixtures.visitor import Page, Visitor
from tests.journeys import steps
from tests.journeys.steps import Case

VENUES = "/scheduling/venues"


def meet(house: House, case: Case) -> None:
    """Every way a meeting can go."""
    staff = house.visitor()
    _venues(staff)
    now = house.system.now()
    page = staff.open(case.planning).follow("Book a preparation meeting with")
    fill_with_nonsense(page, "Book the meeting")
    first, joint = steps.days_ahead(now, 3), steps.days_ahead(now, 5)
    preparation = steps.must_book(staff, case, first, people.ADA)
    missed = steps.must_book(staff, case, first + timedelta(hours=3), people.BEN)
    together = steps.must_book(staff, case, joint, people.ADA, people.BEN)
    fill_with_nonsense(staff.open(together).follow("Move the meeting"), "Move the meeting")
    page = staff.open(together).follow("Move the meeting")
    later = steps.moment("starts", joint + timedelta(days=1))
    page = page.press("Move the meeting", **later, reason="venue_unavailable")
    moved = page.path.partition("?")[0]
    staff.open("/scheduling/facilitators")
    _reach_by_hand(house)
    page = staff.open(moved).follow("Cancel the meeting")
    page.press("Cancel the meeting", reason="facilitator_unavailable").expect(200)
    again = steps.must_book(staff, case, joint + timedelta(days=2), people.ADA, people.BEN)
    steps.withdraw_agreement(staff, case, people.ADA)
    house.system.until(first + timedelta(hours=6))
    steps.record_held(staff, preparation).expect(200)
    page = staff.open(missed).follow("Record what happened")
    page.press("Record", held="no", reason="participant_did_not_come").expect(200)
    for path in ("/scheduling/", case.planning, again, case.page):
        staff.open(path)


def _venues(staff: Visitor) -> None:
    fill_with_nonsense(staff.open(f"{VENUES}/add"), "Add the venue")
    page = staff.open(f"{VENUES}/add").press(
        "Add the venue",
        label="A quiet hall",
        kind="neutral",
        step_free="true",
        safety_note=f"{birds.text('note')} waits by the door",
    )
    assert page.done, page.main
    retire = staff.open(VENUES).follow("Retire Our office, first floor")
    retire.press("Retire the venue")


def _reach_by_hand(house: House) -> None:
    """Whoever cannot be written to by email is reached by a person, or not."""
    staff = house.visitor()
    tasks = eventually(lambda: _tasks(staff))
    endings = ("Done: they know", "Could not reach them", "No longer needed")
    for number, task in enumerate(tasks):
        page = staff.open(task).press("Show how to reach them")
        assert birds.STEM in page.main.lower(), page.main
        page.press(endings[number % len(endings)]).expect(200)
    staff.open("/notifications/calls")
    staff.open("/notifications/?page=1")
    for message in _messages(staff):
        page = staff.open(message)
        if "I have told them another way" in page.main:
            page.press("I have told them another way", channel="phone").expect(200)
            page = staff.open(message)
        if page.document.xpath("//form[contains(@action, 'try-again')]"):
            page.press("Try again").expect(200)


def _tasks(staff: Visitor) -> list[str]:
    page: Page = staff.open("/notifications/calls")
    found = [one for one in page.links() if one.startswith("/notifications/calls/")]
    return sorted(set(found)) if len(set(found)) >= 3 else []


def tasks_of(house: House) -> list[str]:
    """The pages of whoever has to be reached by hand."""
    staff = house.visitor()
    return eventually(lambda: _tasks(staff))


def _messages(staff: Visitor) -> list[str]:
    pages = [staff.open(f"/notifications/?page={number}") for number in (1, 2, 3)]
    links = {one for page in pages for one in page.links()}
    return sorted(one for one in links if "/notifications/messages/" in one)


def look_back(house: House, case: Case) -> None:
    """Who looked at what; alarms; the figures; finding people again."""
    manager, staff = house.visitor(MANAGER), house.visitor(COORDINATOR)
    page = manager.open(case.page)
    for link in page.links("Who looked"):
        manager.open(link)
    for service in ("referral", "scheduling", "notifications", "reporting"):
        manager.client.get(f"/{service}/alarms")
        manager.client.get(f"/{service}/audit/cases/{case.planning.rpartition('/')[2]}")
        for link in page.links("Who looked at their"):
            manager.client.get(f"/{service}/audit/people/{link.rpartition('/')[2]}")
    _find(staff)
    _figures(house)


def open_the_rest(house: House) -> None:
    """Every page and answer that has one address."""
    staff, ops = house.visitor(), house.visitor(OPS)
    for method, path in routes():
        if method == "GET" and "{" not in path:
            staff.client.get(path)
            ops.client.get(path)


def _find(staff: Visitor) -> None:
    born = {f"born_{part}": str(getattr(birds.BORN, part)) for part in ("day", "month", "year")}
    for who, by in (
        (people.ADA, {"phone": people.ADA.phone}),
        (people.ADA, {"email": people.ADA.email}),
        (people.BEN, {"name": people.BEN.name, **born}),
    ):
        assert who.name in staff.open("/referral/people").press("Find", **by).main
    fill_with_nonsense(staff.open("/referral/people"), "Find")


def _figures(house: House) -> None:
    visitor = house.visitor(MANAGER)
    page = visitor.open("/reporting/")
    pictures = [str(one.get("src")) for one in page.document.iter("img")]
    for path in [*page.links("CSV"), *(one for one in pictures if "/reporting/" in one)]:
        assert visitor.client.get(path).is_success, path
    house.visitor(FUNDER).open("/reporting/released")
