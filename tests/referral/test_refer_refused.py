"""Forms that are stale, foreign or no forms at all: a clear page, and nothing kept."""

import re
from datetime import timedelta

import pytest

from services.referral import store
from services.referral.domain.people import ADDRESS_SHAPE
from shared.contracts.words import Channel
from tests.referral.web import (
    ANSWERS,
    heading,
    referrals,
    the_form,
    visiting,
)


@pytest.mark.parametrize("path", ["what", "check", "send"])
async def test_a_form_older_than_a_day_is_begun_again_and_nothing_of_it_is_kept(
    sqlite_database, world, path
):
    database = await sqlite_database()
    async with visiting(database) as visit:
        form = the_form(await visit.answered(), 1).values
        world.advance(timedelta(days=1))

        page = await visit.post(f"/referral/refer/{path}", {**form, "happened": "noise"})

    assert page.status_code == 410
    assert heading(page) == "Please start again"
    assert "Sam" not in page.text
    assert await referrals(database) == 0


@pytest.mark.parametrize(("more", "status"), [(timedelta(seconds=-1), 200), (timedelta(), 410)])
async def test_a_page_is_good_until_the_last_second_of_its_two_hours(
    sqlite_database, world, more, status
):
    async with visiting(await sqlite_database()) as visit:
        last = await visit.answered()
        world.advance(timedelta(hours=2) + more)

        assert (await visit.send(last, {}, number=1)).status_code == status


async def test_whoever_takes_an_hour_over_every_page_can_still_send_the_form(
    sqlite_database, world
):
    async with visiting(await sqlite_database()) as visit:
        page = await visit.begin()
        for answers in ANSWERS.values():
            world.advance(timedelta(hours=1))
            page = await visit.send(page, answers)

        assert (await visit.send(page, {}, number=1)).status_code == 200


async def test_a_form_is_good_until_the_last_second_of_its_day(sqlite_database, world):
    async with visiting(await sqlite_database()) as visit:
        last = await visit.answered()
        for _ in range(23):
            world.advance(timedelta(hours=1))
            last = await visit.send(last, {"change": "heard"})
            last = await visit.send(last, {})
        world.advance(timedelta(minutes=59, seconds=59))

        assert (await visit.send(last, {}, number=1)).status_code == 200
        world.advance(timedelta(seconds=1))
        assert (await visit.send(last, {}, number=1)).status_code == 410


@pytest.mark.parametrize(
    "sealed",
    ["", "nonsense", "é", "A" * 200, "====", ["a", "b"], "\x00", "🦜" * 50],
    ids=["empty", "words", "accent", "long", "padding", "two", "nul", "parrots"],
)
async def test_a_form_that_is_not_ours_is_begun_again(sqlite_database, sealed):
    async with visiting(await sqlite_database()) as visit:
        for path in ("what", "heard", "check", "send"):
            page = await visit.post(f"/referral/refer/{path}", {"form": sealed, "change": "what"})
            assert page.status_code == 410
        assert (await visit.post("/referral/refer/send", {"other": "field"})).status_code == 410


async def test_a_form_that_was_tampered_with_or_sealed_with_another_secret_is_begun_again(
    sqlite_database, tmp_path
):
    database = await sqlite_database()
    secret, other = tmp_path / "one", tmp_path / "other"
    secret.write_bytes(b"1" * 32)
    other.write_bytes(b"2" * 32)
    async with visiting(database, secret_file=secret) as visit:
        form = the_form(await visit.answered(), 1).values["form"]
        flipped = form[:40] + ("A" if form[40] != "A" else "B") + form[41:]
        tampered = await visit.post("/referral/refer/send", {"form": flipped})
        whole = {"form": form}
    async with visiting(database, secret_file=other) as visit:
        foreign = await visit.post("/referral/refer/send", whole)
    async with visiting(database, secret_file=secret) as visit:
        after_restart = await visit.post("/referral/refer/send", whole)

    assert (tampered.status_code, foreign.status_code) == (410, 410)
    assert after_restart.status_code == 200


async def test_a_form_sent_before_its_questions_are_answered_goes_to_the_first_of_them(
    sqlite_database,
):
    database = await sqlite_database()
    async with visiting(database) as visit:
        page = await visit.send(await visit.begin(), {"happened": "noise"})
        form = the_form(page).values
        for path in ("send", "heard"):
            answers = {"form": form["form"], "heard_about": "online"}
            page = await visit.post(f"/referral/refer/{path}", answers)
            assert heading(page) == "What would you call it?"

    assert await referrals(database) == 0


BY_PHONE = {"name": "Sam Example", "ways": ["phone"], "phone": "0800 1111"}


async def test_a_number_too_short_to_be_kept_is_asked_for_again_where_it_was_typed(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        page = await visit.send(await visit.answered("contact"), BY_PHONE)

    assert page.status_code == 422
    assert "Enter a UK phone number" in page.text
    assert the_form(page).values["phone"] == "0800 1111"


async def test_an_address_only_the_last_fence_refuses_leads_back_to_where_it_was_typed(
    sqlite_database, monkeypatch
):
    database = await sqlite_database()
    async with visiting(database) as visit:
        question, last = await visit.answered("heard"), await visit.answered()
        monkeypatch.setitem(ADDRESS_SHAPE, Channel.EMAIL, re.compile("no address at all"))
        pages = [
            await visit.send(question, ANSWERS["heard"]),
            await visit.send(last, {}, number=1),
        ]

    for page in pages:
        assert heading(page) == "How can we reach you safely?"
        assert "This is not one address for email" in page.text
        assert the_form(page).values["email"] == "sam@example.org"
    assert await referrals(database) == 0


async def test_questions_have_no_pages_of_their_own_to_come_back_to(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        for slug in ("matter", "contact", "check", "send"):
            page = await visit.get(f"/referral/refer/{slug}")
            assert (page.status_code, page.headers["location"]) == (303, "/referral/refer")
        assert (await visit.get("/referral/refer/nowhere")).status_code == 404
        assert (await visit.post("/referral/refer/nowhere", {"form": "x"})).status_code == 404


async def test_without_an_area_to_choose_the_form_is_closed_and_says_so(sqlite_store, world):
    database = await sqlite_store(store.SCHEMA, world=world)
    async with visiting(database) as visit:
        page = await visit.begin()

    assert page.status_code == 503
    assert heading(page) == "The form is not open yet"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"form=a&" * 200, "application/x-www-form-urlencoded", 400),
        (b"form=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"form=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"form=a", "multipart/form-data; boundary=x", 415),
        (b"form=a", "text/plain", 415),
        (b"{}", "application/json", 415),
    ],
)
async def test_what_is_not_a_form_is_refused_in_plain_words(sqlite_database, body, kind, status):
    async with visiting(await sqlite_database()) as visit:
        page = await visit.browser.post(
            "/referral/refer/what", content=body, headers={"content-type": kind}
        )

    assert page.status_code == status
    assert "Exit this page" in page.text


async def test_a_form_of_another_site_is_refused(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        last = the_form(await visit.answered(), 1).values
        page = await visit.post(
            "/referral/refer/send", last, headers={"origin": "https://elsewhere.example"}
        )

    assert page.status_code == 403
