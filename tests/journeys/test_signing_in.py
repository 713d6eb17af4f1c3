"""One sign-in for all four services, and its end in all of them."""

from datetime import timedelta

import pytest

from shared.plumbing.asked_sessions import REMEMBERED
from tests.fixtures.system import System

pytestmark = pytest.mark.journey

EVERYWHERE = ("/referral/cases", "/scheduling/", "/notifications/", "/reporting/", "/mailbox")


def test_one_sign_in_counts_in_all_four_services_and_so_does_its_end(system: System):
    """A11, with the services as they run: the stolen cookie is refused within five seconds."""
    owner, thief = system.visitor(), system.stranger()
    thief.client.cookies.update(owner.client.cookies)
    for path in EVERYWHERE:
        assert thief.open(path).path == path

    owner.open("/referral/account").press("Sign out everywhere")
    system.clock.move(REMEMBERED)

    for path in EVERYWHERE:
        assert thief.open(path).heading == "Sign in", path


def test_without_signing_in_there_is_the_public_form_and_nothing_else(system: System):
    stranger = system.stranger()

    assert stranger.open("/referral/refer").heading != "Sign in"
    for path in EVERYWHERE:
        page = stranger.open(path)
        assert page.heading == "Sign in"
        assert page.path.startswith("/referral/sign-in?next=")


def test_a_session_is_kept_by_using_any_of_the_services(system: System):
    staff = system.visitor()
    for _ in range(3):
        system.clock.move(timedelta(minutes=10))
        assert staff.open("/scheduling/").path == "/scheduling/"

    assert staff.open("/referral/cases").path == "/referral/cases"
