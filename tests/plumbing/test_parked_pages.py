import pytest

from shared.contracts.access import AccessRole
from shared.plumbing import parked
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.fixtures.web import running, visitor
from tests.plumbing import diary

OPS = a_member_of_staff(AccessRole.OPS)
BODY = b'{"entry_id": "<script>alert(1)</script>"}'


@pytest.fixture
async def store(sqlite_store):
    return await sqlite_store(diary.SCHEMA)


@pytest.fixture
async def browser(store):
    async with running(diary.create(store.url)) as app, visitor(app, staff=OPS) as client:
        yield client


@pytest.fixture
async def parked_id(store):
    async with store.transaction() as session:
        return await parked.park(
            session, "diary-referral", {}, BODY, "referral.area_named.v1", 7, "MissingField /label"
        )


async def state_of(store, parked_id):
    async with store.reading() as session:
        return await parked.find(session, parked_id)


async def test_when_nothing_is_parked_the_page_says_so(browser):
    page = await browser.get("/diary/parked")

    assert page.status_code == 200
    assert "Nothing is parked" in page.text


async def test_the_list_says_what_is_parked_and_why(browser, parked_id):
    page = await browser.get("/diary/parked")

    assert "referral.area_named.v1" in page.text
    assert "MissingField /label" in page.text
    assert f"/diary/parked/{parked_id}" in page.text


async def test_a_list_too_long_for_one_page_says_how_many_more_there_are(browser, store):
    async with store.transaction() as session:
        for place in range(203):
            why = "MissingField /label"
            await parked.park(session, "diary-referral", {}, BODY, "referral.x.v1", place, why)

    page = await browser.get("/diary/parked")

    assert page.text.count("MissingField /label") == 200
    assert "3 more, parked later, wait behind these." in page.text


async def test_one_parked_event_is_shown_and_nothing_of_what_it_says(browser, store):
    async with store.transaction() as session:
        why, subject = "MissingField /label", "referral.area_named.v1"
        parked_id = await parked.park(
            session, "diary-referral", {"ce-id": "Sam Example"}, BODY, subject, 7, why
        )

    page = await browser.get(f"/diary/parked/{parked_id}")

    assert page.status_code == 200
    assert why in page.text
    assert "alert(1)" not in page.text
    assert "Sam Example" not in page.text


@pytest.mark.parametrize(
    ("role", "looks", "acts"),
    [
        (AccessRole.OPS, 200, 303),
        (AccessRole.MANAGER, 404, 404),
        (AccessRole.COORDINATOR, 404, 404),
        (AccessRole.FUNDER, 404, 404),
    ],
)
async def test_parked_events_are_there_for_ops_alone(browser, parked_id, role, looks, acts):
    as_staff(browser, a_member_of_staff(role))

    for path in ("", f"/{parked_id}"):
        assert (await browser.get(f"/diary/parked{path}")).status_code == looks
    assert (await browser.post(f"/diary/parked/{parked_id}/retry")).status_code == acts


async def test_trying_again_only_asks_for_it(browser, store, parked_id):
    answer = await browser.post(f"/diary/parked/{parked_id}/retry")

    assert answer.status_code == 303
    assert (await state_of(store, parked_id)).state is parked.State.RETRY_ASKED
    page = await browser.get(answer.headers["location"])
    assert "will be tried again" in page.text
    assert "Being tried again" in page.text


async def test_giving_up_needs_a_reason(browser, store, parked_id):
    page = await browser.post(f"/diary/parked/{parked_id}/discard", data={"reason": "  "})

    assert page.status_code == 422
    assert "Say why this event can be given up" in page.text
    assert (await state_of(store, parked_id)).state is parked.State.PARKED


async def test_a_given_up_event_stays_on_record_with_the_reason(browser, store, parked_id):
    answer = await browser.post(
        f"/diary/parked/{parked_id}/discard", data={"reason": "Sent by a broken test tool"}
    )

    event = await state_of(store, parked_id)
    assert answer.status_code == 303
    assert event.state is parked.State.DISCARDED
    assert event.reason == "Sent by a broken test tool"
    assert "Nothing is parked" in (await browser.get("/diary/parked")).text
    assert "Sent by a broken" in (await browser.get(f"/diary/parked/{parked_id}")).text


async def test_dealing_with_an_event_twice_is_refused_in_plain_words(browser, parked_id):
    await browser.post(f"/diary/parked/{parked_id}/discard", data={"reason": "a"})

    again = await browser.post(f"/diary/parked/{parked_id}/retry")

    assert again.status_code == 409
    assert "not parked any more" in again.text


async def test_an_event_that_is_not_there_is_not_found(browser):
    page = await browser.get("/diary/parked/0198c0de-0000-7000-8000-0000000000aa")

    assert page.status_code == 404
    assert "There is no such parked event." in page.text
