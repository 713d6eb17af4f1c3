"""I8: every page for staff that shows or changes something of a person leaves an entry.

Each route of each service is really called. One that is new fails here until it records
something, or is listed below with the reason why there is nobody in it.
"""

import re

import pytest

from shared.contracts.catalogue import SERVICES
from tests.audit.furnished import A_WEEK, OFFICER, OPS, furnished, staff_routes
from tests.referral.partner import ANSWERS
from tests.referral.standing import MANAGER

NOBODY_IN_IT = {
    "/{service}/parked": "subjects and codes alone",
    "/referral/account": "nobody but whoever asks",
    "/referral/sessions": "leads to one's own account",
    "/referral/sessions/revoke-all": "one's own sessions",
    "/referral/sessions/{session_id}/revoke": "one's own session",
    "/referral/sign-in/confirm": "one's own code",
    "/referral/areas": "places, by their public names",
    "/referral/declined": "counts",
    "/referral/retention/clock": "whether a clock is right; confirming one in doubt is noted",
    "/referral/areas/{area_id}": "a place, by its public name",
    "/scheduling/venues": "places",
    "/scheduling/venues/add": "a place",
    "/scheduling/venues/{venue_id}/retire": "a place, and how many meetings are booked there",
    "/reporting/": "counts",
    "/reporting/released": "counts",
    "/reporting/charts/{name}.svg": "counts",
    "/reporting/tables/{name}.csv": "counts",
}

NOBODY_YET = {
    ("GET", "/referral/partner/refer"): "an empty form, before anybody is referred",
    ("GET", "/referral/people"): "an empty form, before anybody is looked for",
    ("GET", "/referral/break-glass/open"): "an empty form, before any case is named",
}

BEGUN = re.compile(r"/scheduling/sessions/\{session_id\}/outcome")
"""Possible only once the meeting has begun."""

FILLED_IN = {
    "/accept": {"version": "1"},
    "/decline": {"version": "1", "reason": "signposted"},
    "/parties": {
        "version": "3",
        "agrees": "true",
        "side": "both",
        "name": "Lee Example",
        "ways": "email",
        "email": "lee@example.org",
        "safe_when": "any",
        "who_else": "nobody",
    },
    "/agree": {"version": "3", "how": "by_phone"},
    "/staff": {"name": "Jo Example", "email": "jo@example.org", "roles": "facilitator"},
    "/cancel": {"version": "1", "reason": "not_going_ahead"},
    "/discard": {"reason": "It was tried by hand."},
    "/told": {"channel": "phone"},
    "/people": {"email": "sam@example.org"},
    "/break-glass/open": {"case": "not-there", "reason": "Nobody answers the telephone there."},
    "/record": {"kind": "json"},
    "/partner/refer": ANSWERS,
    "/erasure/extension": {"why": "complex"},
    "/erasure/decision": {"decision": "withdraw"},
}
"""What is sent to a route that ends so; the others get an empty form, and show it again."""


def to_be_recorded() -> list[tuple[str, str, str]]:
    return [
        (name, method, path)
        for name in SERVICES
        for method, path in staff_routes(name)
        if (method, path) not in NOBODY_YET and of_any(name, path) not in NOBODY_IN_IT
    ]


def of_any(service: str, path: str) -> str:
    """The path as it is listed above: pages that each service has stand there once."""
    each = f"/{service}/parked"
    return path.replace(f"/{service}/", "/{service}/") if path == each else path


def address(path: str, ids) -> str:
    if path.endswith(("/accept", "/decline")):
        path = path.replace("{referral_id}", "{waiting_id}")
    if path.startswith("/referral/partner/"):
        path = path.replace("{referral_id}", "{own_id}")
    if path.startswith("/referral/staff/"):
        path = path.replace("{person_id}", "{colleague_id}")
    query = "?kind=joint" if path.endswith("/book") else ""
    return path.format(**ids) + query


@pytest.mark.parametrize(("service", "method", "path"), to_be_recorded())
async def test_whoever_calls_it_is_in_the_audit(sqlite_store, world, service, method, path):
    staff = OPS if f"/{service}/parked" in path else MANAGER
    staff = OFFICER if "/referral/partner" in path else staff
    async with furnished(service, sqlite_store, world, staff) as desk:
        if BEGUN.fullmatch(path):
            world.advance(A_WEEK + A_WEEK)
        form = next(
            (form for end, form in FILLED_IN.items() if address(path, desk.ids).endswith(end)), {}
        )
        before = await desk.count()

        answer = await desk.browser.request(
            method,
            address(path, desk.ids),
            **({} if method == "GET" else {"data": {"once": str(world.new_id()), **form}}),
        )

        assert answer.status_code in (200, 303, 409, 422, 503), answer.text
        assert "We have to note who looks" not in answer.text
        new = (await desk.entries())[before:]
        assert new, f"{method} {path} leaves nothing in the audit"
        assert {entry.actor_id for entry in new} == {staff.id}
        assert {entry.role for entry in new} == {",".join(sorted(staff.roles))}
        assert all(entry.reference for entry in new)


def test_every_exception_is_a_route():
    paths = {path for name in SERVICES for _, path in staff_routes(name)}

    assert {path.replace("{service}", "referral") for path in NOBODY_IN_IT} <= paths
    assert {path for _, path in NOBODY_YET} <= paths


async def test_what_is_recorded_holds_ids_and_codes_and_nothing_of_anybody(sqlite_store, world):
    async with furnished("referral", sqlite_store, world) as desk:
        for path in ("/referral/cases?tab=open", f"/referral/cases/{desk.ids['referral_id']}"):
            assert "Sam Example" in (await desk.browser.get(path)).text

        told = repr([tuple(entry) for entry in await desk.entries()])

        for value in ("Sam", "Example", "sam@example.org", "Kim"):
            assert value not in told
