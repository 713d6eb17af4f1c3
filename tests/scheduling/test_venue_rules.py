"""The operator's list of venues."""

import pytest

from services.scheduling.domain.refusals import PageIsStale, VenueRefused
from services.scheduling.domain.venues import VenueKind, add_venue, retire
from tests.scheduling.builders import ONLINE, a_venue


def test_two_venues_in_use_never_share_a_name():
    with pytest.raises(VenueRefused, match="already a venue"):
        add_venue(a_venue(id=ONLINE, label="QUAKER Meeting House"), (a_venue(),))

    assert add_venue(a_venue(), ()) == a_venue()


def test_a_retired_venue_is_offered_no_more():
    retired = retire(a_venue(), seen=1)

    assert (retired.retired, retired.version) == (True, 2)


def test_retiring_twice_is_retiring_once():
    retired = retire(a_venue(), seen=1)

    assert retire(retired, seen=1) == retired


def test_a_venue_that_changed_since_is_not_retired_by_a_stale_page():
    with pytest.raises(PageIsStale):
        retire(a_venue(version=2), seen=1)


@pytest.mark.parametrize(("kind", "one"), [(k, k is not VenueKind.ONLINE) for k in VenueKind])
def test_a_room_holds_one_meeting_and_online_there_is_always_room(kind, one):
    assert a_venue(kind=kind).holds_one_meeting is one
