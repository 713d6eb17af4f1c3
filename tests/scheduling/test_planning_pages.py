"""What waits, the diary, a case, facilitators and venues, as staff see them."""

from datetime import timedelta

import pytest

from services.scheduling import actions
from services.scheduling.domain.planning import Party
from shared.contracts.words import Side
from tests.scheduling.builders import (
    CASE,
    COLLEAGUE,
    FACILITATOR,
    FIRST,
    MEETING,
    NEUTRAL,
    ONLINE,
    STARTS,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import a_case, book
from tests.scheduling.test_booking_pages import summary


def place(page, *words):
    """Where these words stand, which must be in this order."""
    places = [page.text.index(word) for word in words]
    assert places == sorted(places)
    return places


async def test_overdue_meetings_come_first_then_what_waits_then_the_diary(desk):
    await book(desk.database, a_proposal())
    await book(
        desk.database,
        a_preparation(meeting_id=some_id(14), starts_at=STARTS + timedelta(days=3)),
    )
    other = some_id(501)
    async with desk.database.transaction() as session:
        await actions.cases.open_case(session, a_case(other), Party(FIRST, Side.BOTH))
    desk.world.advance(STARTS + timedelta(days=1) - desk.world.now())

    page = await desk.get("/")

    place(
        page,
        "Were these meetings held?",
        f"/scheduling/sessions/{MEETING}/outcome",
        "What waits to be planned",
        f"/scheduling/cases/{other}",
        "Diary",
        "Thursday 12 March 2026",
        f"/scheduling/sessions/{some_id(14)}",
    )
    assert "Amina Test" in page.text
    assert ">8</td>" in page.text.replace("\n", "")


async def test_what_waits_is_shown_page_by_page_longest_first(desk):
    async with desk.database.transaction() as session:
        for number in range(30):
            await actions.cases.open_case(
                session,
                a_case(some_id(500 + number), desk.world.now() - timedelta(days=number)),
                Party(FIRST, Side.BOTH),
            )

    first, second = await desk.get("/"), await desk.get("/?page=2")

    place(first, f"/cases/{some_id(529)}", f"/cases/{some_id(510)}", "page=2")
    assert f"/cases/{some_id(500)}" not in first.text
    assert f"/cases/{some_id(500)}" in second.text
    assert (await desk.get("/?page=0")).status_code == 422


async def test_more_overdue_meetings_than_fit_are_counted_and_reached(desk):
    for number in range(53):
        starts_at = STARTS + timedelta(hours=number)
        proposal = a_preparation(meeting_id=some_id(700 + number), starts_at=starts_at)
        await book(desk.database, proposal)
    desk.world.advance(STARTS + timedelta(days=4) - desk.world.now())

    first, second = await desk.get("/"), await desk.get("/?overdue=2")
    gone = await desk.get("/?overdue=9")

    assert "1 to 50 of 53, the oldest first." in first.text
    assert 'href="/scheduling/?overdue=2"' in first.text
    assert f"/sessions/{some_id(749)}/outcome" in first.text
    assert f"/sessions/{some_id(750)}/outcome" not in first.text
    assert "51 to 53 of 53, the oldest first." in second.text
    assert f"/sessions/{some_id(752)}/outcome" in second.text
    assert "There are 53, on the pages before this one." in gone.text
    assert 'href="/scheduling/?overdue=2"' in gone.text


async def test_the_diary_can_be_read_four_weeks_at_a_time(desk):
    await book(desk.database, a_preparation(starts_at=STARTS + timedelta(days=40)))

    now, later, past = [
        await desk.get(path) for path in ("/", "/?from=2026-03-30", "/?from=2020-01-01")
    ]

    assert "No meetings are booked in these four weeks" in now.text
    assert "from=2026-03-30" in now.text
    assert "Four weeks earlier" not in now.text
    assert str(MEETING) in later.text
    assert "Four weeks earlier" in later.text
    assert "Monday 2 March 2026" in past.text
    assert (await desk.get("/?from=tomorrow")).status_code == 422


async def test_pages_stay_usable_when_nobody_can_say_what_people_are_called(desk):
    await book(desk.database, a_proposal())
    await desk.referral.goes_down()

    for path in ("/", f"/cases/{CASE}", f"/sessions/{MEETING}", "/facilitators"):
        page = await desk.get(path)

        assert page.status_code == 200
        assert "Names cannot be shown at the moment" in page.text
        assert "Amina" not in page.text
    assert f"Facilitator {str(FACILITATOR)[-6:].upper()}" in page.text


async def test_a_person_one_may_not_see_is_shown_by_the_end_of_their_id(desk):
    del desk.referral.names[FIRST]

    page = await desk.get(f"/cases/{CASE}")

    assert f"Person {str(FIRST)[-6:].upper()}" in page.text
    assert "Names cannot be shown" not in page.text


async def test_a_case_shows_its_parties_its_meetings_and_what_can_be_booked(desk):
    before = await desk.get(f"/cases/{CASE}")
    await book(desk.database, a_proposal())
    after = await desk.get(f"/cases/{CASE}")

    for words in ("Harmed person", "Person responsible", "Amina Test", "Book a joint meeting"):
        assert words in before.text
    assert "No meeting has been booked yet" in before.text
    assert "Book a joint meeting" not in after.text
    assert "A joint meeting is booked for" in after.text
    assert f"/scheduling/sessions/{MEETING}" in after.text


async def test_a_joint_meeting_is_not_offered_before_the_other_party_is_there(desk):
    alone = some_id(501)
    async with desk.database.transaction() as session:
        await actions.cases.open_case(session, a_case(alone), Party(FIRST, Side.BOTH))

    page = await desk.get(f"/cases/{alone}")

    assert "Book a joint meeting" not in page.text
    assert "once the other party has been added" in page.text
    assert "Party (both harmed and responsible)" in page.text


async def test_facilitators_are_listed_with_those_who_left(desk):
    async with desk.database.transaction() as session:
        await actions.people.note_facilitator(session, COLLEAGUE, works_here=False, version=2)

    page = await desk.get("/facilitators")

    place(page, "Cleo Staff", "Works here", "Dee Staff", "Has left")


VENUE = {
    "venue_id": str(some_id(71)),
    "label": "Library, room 2",
    "kind": "neutral",
    "step_free": "true",
    "safety_note": "Ask at the desk.\nTwo exits.",
}


async def test_a_venue_is_added_once_and_can_then_be_chosen(desk):
    first = await desk.post("/venues/add", **VENUE)
    again = await desk.post("/venues/add", **VENUE)

    assert first.headers["location"] == again.headers["location"] == "/scheduling/venues?done=added"
    assert (await desk.get("/venues?done=added")).text.count(">Library, room 2<") == 1
    form = await desk.get(f"/cases/{CASE}/book?kind=joint")
    assert "Library, room 2" in form.text
    assert "Neutral place. Step-free. Ask at the desk." in form.text


@pytest.mark.parametrize("note", ["", "A" * 1000])
async def test_a_safety_note_may_be_missing_or_long(desk, note):
    added = await desk.post("/venues/add", **{**VENUE, "safety_note": note})

    assert added.status_code == 303


async def test_a_venue_that_cannot_be_taken_is_refused_in_words(desk):
    for changes, words in [
        ({"label": ""}, "Enter what people call the venue"),
        ({"label": "A" * 81}, "80 characters or fewer"),
        ({"label": "Hall\u202eevil"}, "hidden"),
        ({"label": "Hall\u200b1"}, "hidden"),
        ({"label": "quaker MEETING house"}, "already a venue with this name"),
        ({"kind": "pub"}, "what kind of place"),
        ({"step_free": ""}, "without steps"),
        ({"safety_note": "A" * 1001}, "1,000 characters or fewer"),
        ({"venue_id": "?"}, "open too long"),
        ({"label": ["One", "Two"]}, "one answer only"),
    ]:
        page = await desk.post("/venues/add", **{**VENUE, **changes})

        assert page.status_code == 422, changes
        assert words in summary(page), changes
    assert "Library" not in (await desk.get("/venues")).text


async def test_what_an_operator_types_is_shown_and_never_run(desk):
    await desk.post("/venues/add", **{**VENUE, "label": "<script>alert(1)</script>"})

    for path in ("/venues", f"/cases/{CASE}/book?kind=joint"):
        page = (await desk.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


async def test_a_retired_venue_is_offered_no_more_and_says_what_is_still_booked(desk):
    await book(desk.database, a_proposal())

    asked = await desk.get(f"/venues/{NEUTRAL}/retire")
    stale = await desk.post(f"/venues/{NEUTRAL}/retire", version="9")
    retired = await desk.post(f"/venues/{NEUTRAL}/retire", version="1")
    again = await desk.post(f"/venues/{NEUTRAL}/retire", version="1")
    nothing = await desk.post(f"/venues/{NEUTRAL}/retire", version="")

    assert "1 meeting is still booked here" in asked.text
    assert stale.status_code == 409
    assert "changed since you opened the page" in stale.text
    assert retired.headers["location"] == again.headers["location"]
    assert nothing.status_code == 303
    assert (await desk.get(f"/venues/{NEUTRAL}/retire")).status_code == 303
    form = (await desk.get(f"/cases/{CASE}/book?kind=preparation")).text
    assert str(NEUTRAL) not in form
    assert str(ONLINE) in form
    assert "Quaker meeting house" in (await desk.get(f"/sessions/{MEETING}")).text
