"""A01, A02, A16: what somebody learns from the public form, and what a machine can do with it."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from services.referral.main import BLUEPRINT
from services.referral.routes.draft import Draft, seal
from services.referral.routes.secret import form_key
from shared.plumbing import alarms, service
from shared.plumbing.settings import Settings
from tests.fixtures.web import visitor
from tests.referral.builders import some_id
from tests.referral.cases import a_waiting_referral
from tests.referral.counted import rows_of, statements_of
from tests.referral.web import ANSWERS, REFERENCE, heading, referrals, the_form, visiting

SEND = "/referral/refer/send"
PHONE = "020 7946 0999"


def an_app(database, **settings: object) -> FastAPI:
    url = database.url.render_as_string(hide_password=False)
    usual = {"database_url": url, "phone_number": PHONE, "log_level": "error"}
    return service.create(BLUEPRINT, Settings(**{**usual, **settings}), database.world)


def filled_in(app: FastAPI, number: int, **answers: dict[str, object]) -> dict[str, str]:
    """A form as it stands on its last page, opened a minute ago."""
    world = app.state.service.world
    opened = world.now() - timedelta(minutes=1)
    draft = Draft(some_id(70_000 + number), opened, {**ANSWERS, **answers})
    return {"form": seal(draft, form_key(app.state.service.settings), world.now())}


async def test_a01_whoever_is_known_gets_the_same_page_for_the_same_work(database):
    """By what is said and done, not by the clock: 200 of each, on both databases."""
    await a_waiting_referral(database)
    app = an_app(database, forms_per_hour=1000, forms_per_hour_in_all=1000)
    known = {"name": "Sam Example", "ways": ["email"], "email": "sam@example.org"}
    seen: dict[str, set[object]] = {"known": set(), "new": set()}

    async with visitor(app) as browser:
        for number in range(400):
            which = "known" if number % 2 else "new"
            new = {**known, "name": f"Nobody {number:04}", "email": f"n{number:04}@example.org"}
            form = filled_in(app, number, contact=known if number % 2 else new)
            with statements_of(app.state.service.database) as said:
                page = await browser.post(SEND, data=form)
            body = REFERENCE.sub("REFERENCE", page.text)
            headers = tuple(sorted((k, v) for k, v in page.headers.items()))
            seen[which].add((page.status_code, body, headers, tuple(said)))

    assert seen["known"] == seen["new"]
    assert len(seen["new"]) == 1
    assert await referrals(database) == 401


@pytest.mark.parametrize("known", [True, False])
async def test_a02_a_reference_opens_nothing(sqlite_database, known):
    database = await sqlite_database()
    app = an_app(database, forms_per_hour=1000, form_seconds=0)
    async with visitor(app) as browser:
        done = await browser.post(SEND, data=filled_in(app, 1))
        reference = REFERENCE.search(done.text)[0] if known else "K7M-2PQR-9TZ"
        referral_id = some_id(70_001) if known else some_id(70_002)
        answers = {}
        async with visitor(app, sits="192.0.2.7", staff=None) as stranger:
            for word in (reference, reference.replace("-", ""), str(referral_id)):
                for place in ("/r/{}", "/{}", "/referral/{}", "/referral/refer/{}"):
                    page = await stranger.get(place.format(word))
                    answers[place, word] = page.status_code
                for place in ("/referral/api/referrals/{}", "/referral/api/{}"):
                    answers[place, word] = (await stranger.get(place.format(word))).status_code
            listed = await stranger.get(f"/referral/cases?reference={reference}")

    assert set(answers.values()) == {404}
    assert listed.status_code == 303
    assert listed.headers["location"].startswith("/referral/sign-in?")


async def test_a16_a_thousand_forms_from_one_place_are_bounded_and_none_taken_in_is_lost(
    sqlite_database, world
):
    database = await sqlite_database()
    app = an_app(database)
    before = await rows_of(database)

    taken, waiting = [], []
    async with visitor(app, sits="203.0.113.7") as browser:
        for number in range(1000):
            page = await browser.post(SEND, data=filled_in(app, number))
            (taken if page.status_code == 200 else waiting).append(page)
    async with visitor(app, sits="198.51.100.9") as elsewhere:
        neighbour = await elsewhere.post(SEND, data=filled_in(app, 2000))

    assert (len(taken), len(waiting)) == (6, 994)
    assert {page.status_code for page in waiting} == {429}
    assert neighbour.status_code == 200
    after = await rows_of(database)
    assert after["referral"] == before["referral"] + 7
    assert after["bucket"] == 3
    assert sum(after.values()) - sum(before.values()) < 7 * 10


async def test_a16_a_thousand_forms_from_500_places_close_the_form_and_people_are_told_once(
    sqlite_database, world
):
    database = await sqlite_database()
    app = an_app(database)
    references, closed = set(), 0
    for number in range(1000):
        place = number % 500
        async with visitor(app, sits=f"2001:db8:{place:x}::1") as browser:
            page = await browser.post(SEND, data=filled_in(app, number))
        if page.status_code == 200:
            references.add(REFERENCE.search(page.text)[0])
        else:
            closed += 1
            assert page.status_code == 429
            assert "closed for a while" in page.text
            assert PHONE in page.text
            assert 0 < int(page.headers["retry-after"]) <= 30

    assert (len(references), closed) == (120, 880)
    assert await referrals(database) == 120
    rows = await rows_of(database)
    assert rows["bucket"] == 121
    assert rows["outbox"] == 120 + (await rows_of(await sqlite_database()))["outbox"]
    async with database.reading() as session:
        assert [one.kind for one in await alarms.newest(session)] == [alarms.Kind.FORM_CLOSED]


async def test_whoever_has_to_wait_keeps_every_answer_and_is_told_how_long_and_whom_to_call(
    sqlite_database, world
):
    database = await sqlite_database()
    app = an_app(database, forms_per_hour=1)
    async with visitor(app) as browser:
        await browser.post(SEND, data=filled_in(app, 1))
        page = await browser.post(SEND, data=filled_in(app, 2))

        assert (page.status_code, heading(page)) == (429, "Nothing was sent yet")
        assert "wait 60 minutes" in page.text
        assert "It is nothing you did" in page.text
        assert PHONE in page.text
        assert "Sam" not in page.text
        assert await referrals(database) == 1
        world.advance(timedelta(hours=1))
        done = await browser.post(SEND, data=the_form(page).values)

    assert REFERENCE.search(done.text)
    assert await referrals(database) == 2


async def test_a_form_sent_again_leads_where_the_first_led_and_counts_once(sqlite_database):
    database = await sqlite_database()
    app = an_app(database, forms_per_hour=1)
    async with visitor(app) as browser:
        pages = [await browser.post(SEND, data=filled_in(app, 1)) for _ in range(5)]

    assert {page.status_code for page in pages} == {200}
    assert len({REFERENCE.search(page.text)[0] for page in pages}) == 1
    assert await referrals(database) == 1


@pytest.mark.parametrize(("seconds", "status"), [(2.9, 422), (3, 200)])
async def test_a_form_filled_in_within_three_seconds_has_to_be_sent_once_more(
    sqlite_database, world, seconds, status
):
    database = await sqlite_database()
    async with visiting(database, form_seconds=3) as visit:
        last = await visit.answered()
        world.advance(timedelta(seconds=seconds))
        page = await visit.send(last, {}, number=1)

        assert page.status_code == status
        if status == 422:
            assert "That was very quick" in page.text
            assert await referrals(database) == 0
            world.advance(timedelta(seconds=1))
            assert (await visit.send(page, {}, number=1)).status_code == 200
    assert await referrals(database) == 1


async def test_whoever_fills_in_the_field_nobody_sees_is_asked_to_send_once_more(sqlite_database):
    database = await sqlite_database()
    async with visiting(database) as visit:
        last = await visit.answered()
        page = await visit.send(last, {"website": "https://spam.example"}, number=1)

        assert page.status_code == 422
        assert "has to stay empty" in page.text
        assert "spam.example" not in page.text
        assert await referrals(database) == 0
        assert (await visit.send(page, {}, number=1)).status_code == 200


async def test_the_field_nobody_sees_says_so_to_whoever_hears_it(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        last = (await visit.answered()).text

    label = re.search(r'<label for="website">([^<]*)</label>', last)
    assert label is not None
    assert "Leave this empty" in label[1]
    assert re.search(r'<input id="website"[^>]*tabindex="-1"[^>]*autocomplete="off"', last)
