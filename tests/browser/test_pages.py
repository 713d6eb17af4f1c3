"""Every page of the whole system in a browser: nobody is kept out, nothing is too wide.

The fixture sees to it that no page has a broken script, breaks the content security policy or
wants anything from another host. `make screenshots` keeps a picture of each.
"""

from collections.abc import Callable
from uuid import UUID

import pytest

from services.referral.actions.seeds import demo_id
from tests.browser.cast import ASHA, GRAHAM, NORA
from tests.browser.conftest import Site
from tests.browser.looking import look_at
from tests.fixtures.browser import OpenPage
from tests.fixtures.signed_in import COORDINATOR
from tests.journeys.test_upkeep import tell

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Where = Callable[[Site], str]

MANAGER, FUNDER, OPS, OFFICER = demo_id(4), demo_id(5), demo_id(6), demo_id(7)


def person(site: Site, name: str, link: str, who: UUID = COORDINATOR.id) -> str:
    """The page for what somebody of the case has told us."""
    return site.system.visitor(who).open(site.places.case.page).link(f"{link} ({name})")


def first(site: Site, path: str, link: str, who: UUID = COORDINATOR.id) -> str:
    """Where the first link of a page goes whose words hold `link`."""
    return site.system.visitor(who).open(path).link(link)


PAGES: dict[str, tuple[str, Where]] = {
    "cases-waiting": ("Referrals that wait for a decision", lambda site: "/referral/cases"),
    "cases-open": ("Referrals that are looked after", lambda site: "/referral/cases?tab=open"),
    "cases-closed": ("Referrals that were declined", lambda site: "/referral/cases?tab=closed"),
    "cases-ended": ("Cases that were closed", lambda site: "/referral/cases?tab=ended"),
    "case-waiting": ("A referral nobody has decided on", lambda site: site.places.waiting.page),
    "case": ("A case with both parties", lambda site: site.places.case.page),
    "case-declined": ("A declined referral", lambda site: site.places.declined.page),
    "case-accepted": (
        "Just after a referral was accepted",
        lambda site: f"{site.places.case.page}?done=accepted",
    ),
    "decline": ("Declining", lambda site: f"{site.places.waiting.page}/decline"),
    "party": ("Adding the other party", lambda site: f"{site.places.case.page}/parties"),
    "close": ("Closing a case", lambda site: f"{site.places.case.page}/close"),
    "hold": ("Keeping a case from being destroyed", lambda site: f"{site.places.case.page}/hold"),
    "retention": ("What is destroyed, and when", lambda site: "/referral/retention"),
    "declined": ("How many declined", lambda site: "/referral/declined"),
    "monitoring": (
        "What somebody said of themselves",
        lambda site: person(site, GRAHAM.name, "What they said of themselves"),
    ),
    "erasure": (
        "Somebody asks to be erased",
        lambda site: person(site, GRAHAM.name, "They ask to be erased"),
    ),
    "complaint": (
        "Recording a complaint",
        lambda site: person(site, GRAHAM.name, "Record a complaint by them"),
    ),
    "complaints": ("The register of complaints", lambda site: "/referral/complaints"),
    "requests": ("What people ask about their own data", lambda site: "/referral/requests"),
    "their-requests": (
        "What one person asks",
        lambda site: person(site, GRAHAM.name, "What they ask about their own data", MANAGER),
    ),
    "glass": ("Opening a case in an emergency", lambda site: "/referral/break-glass/open"),
    "glass-reviews": ("What was opened in an emergency", lambda site: "/referral/break-glass"),
    "colleagues": ("Who works on a case", lambda site: f"{site.places.case.page}/colleagues"),
    "who-looked": (
        "Who looked at a case",
        lambda site: site.places.case.page.replace("/cases/", "/audit/cases/"),
    ),
    "alarms": ("What needs a look", lambda site: "/referral/alarms"),
    "account": ("Where I am signed in", lambda site: "/referral/account"),
    "released": ("What a funder sees", lambda site: "/reporting/released"),
    "partner": ("What a partner officer sees", lambda site: "/referral/partner"),
    "partner-refer": ("A partner officer refers somebody", lambda site: "/referral/partner/refer"),
    "safe-contact": (
        "How somebody is reached safely",
        lambda site: person(site, GRAHAM.name, "Change how to reach them"),
    ),
    "withdraw": (
        "Somebody no longer agrees",
        lambda site: person(site, ASHA.name, "They no longer agree to a joint meeting"),
    ),
    "no-contact": (
        "Somebody does not want to be contacted",
        lambda site: person(site, ASHA.name, "They do not want to be contacted"),
    ),
    "staff": ("Who works here", lambda site: "/referral/staff"),
    "people": ("Finding a person", lambda site: "/referral/people"),
    "areas": ("Areas people can choose", lambda site: "/referral/areas"),
    "area": ("Renaming an area", lambda site: first(site, "/referral/areas", "Rename", MANAGER)),
    "planning": ("What waits to be planned, and the diary", lambda site: "/scheduling/"),
    "planning-case": ("Planning for one case", lambda site: site.places.case.planning),
    "book-preparation": (
        "Booking a preparation meeting",
        lambda site: first(site, site.places.case.planning, "Book a preparation meeting"),
    ),
    "book-joint": (
        "Booking a joint meeting",
        lambda site: f"{site.places.case.planning}/book?kind=joint",
    ),
    "meeting": ("A meeting that is booked", lambda site: site.places.joint),
    "meeting-overdue": ("A meeting that is over", lambda site: site.places.overdue),
    "meeting-held": ("A meeting that was held", lambda site: site.places.held),
    "meeting-moved": ("A meeting that was moved", lambda site: site.places.moved),
    "move": ("Moving a meeting", lambda site: f"{site.places.joint}/move"),
    "cancel": ("Cancelling a meeting", lambda site: f"{site.places.joint}/cancel"),
    "outcome": ("Recording what happened", lambda site: f"{site.places.overdue}/outcome"),
    "facilitators": ("Facilitators", lambda site: "/scheduling/facilitators"),
    "venues": ("Venues", lambda site: "/scheduling/venues"),
    "venue": ("Adding a venue", lambda site: "/scheduling/venues/add"),
    "venue-retire": (
        "Retiring a venue",
        lambda site: first(site, "/scheduling/venues", "Retire Riverside community hall"),
    ),
    "messages": ("What was sent, and what was not", lambda site: "/notifications/"),
    "messages-none": ("No message in a state", lambda site: "/notifications/?state=failed"),
    "message-waiting": (
        "A message that waits for a safe time",
        lambda site: first(site, "/notifications/?state=waiting", "Your referral has arrived"),
    ),
    "message-sent": (
        "A message that was sent",
        lambda site: first(site, "/notifications/?state=sent", "to Omar Haddad"),
    ),
    "calls": ("Calls and letters to do by hand", lambda site: "/notifications/calls"),
    "call": ("A call to make", lambda site: first(site, "/notifications/calls", NORA.name)),
    "report": ("The report", lambda site: "/reporting/"),
    "report-refused": ("Months that make no sense", lambda site: "/reporting/?first=soon"),
    "mailbox": ("The development mailbox", lambda site: "/mailbox"),
    "mail": ("One message in it", lambda site: first(site, "/mailbox", "About your appointment")),
    "not-found": ("A page that is not there", lambda site: "/scheduling/nothing"),
    "nothing-parked": ("No parked event", lambda site: "/referral/parked"),
}
LOOKED_AT_BY = {
    "staff": MANAGER,
    "areas": MANAGER,
    "area": MANAGER,
    "hold": MANAGER,
    "retention": MANAGER,
    "their-requests": MANAGER,
    "glass-reviews": MANAGER,
    "colleagues": MANAGER,
    "who-looked": MANAGER,
    "alarms": MANAGER,
    "released": FUNDER,
    "partner": OFFICER,
    "partner-refer": OFFICER,
    "nothing-parked": OPS,
}
"""Who looks at it, where that is not the coordinator."""


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_for_staff_keeps_nobody_out_and_fits(site: Site, visit: OpenPage, name: str):
    caption, where = PAGES[name]
    token = site.system.token(LOOKED_AT_BY.get(name, COORDINATOR.id))
    page = await visit(site.address + where(site), token=token)

    await look_at(page, f"staff-{name}", caption)


async def test_a_call_is_looked_up_on_a_page_that_fits(site: Site, visit: OpenPage):
    page = await visit(
        site.address + first(site, "/notifications/calls", NORA.name), token=site.system.token()
    )
    await page.get_by_role("button", name="Show how to reach them").click()
    await page.get_by_text("What to say").wait_for()

    await look_at(page, "staff-call-reach", "How to reach somebody, for one pair of eyes")


async def test_parked_events_are_shown_on_pages_that_fit(site: Site, visit: OpenPage):
    await tell(site.system, "referral.referral_received.v1", b'{"not": "a fact"}')
    page = await visit(f"{site.address}/reporting/parked", token=site.system.token(OPS))
    while not await page.get_by_role("link", name="referral.referral_received.v1").count():
        await page.reload()
    await look_at(page, "staff-parked", "An event that could not be acted on")
    await page.get_by_role("link", name="referral.referral_received.v1").click()
    await look_at(page, "staff-parked-event", "What to do about it")
    await page.get_by_role("button", name="Give up this event").click()
    await page.get_by_text("There is a problem").wait_for()
    await look_at(page, "staff-parked-refused", "Giving it up without a reason")
