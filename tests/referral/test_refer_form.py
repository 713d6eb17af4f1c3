"""The public form: nothing is kept until it is sent, and sent twice it is one referral."""

import asyncio
import re

from sqlalchemy import true

from services.referral import store
from services.referral.routes.refer_steps import STEPS
from services.referral.store.intake import Tab
from shared.contracts.words import Channel
from tests.referral.told import told
from tests.referral.web import (
    ANSWERS,
    LAST_PAGE,
    REFERENCE,
    heading,
    referrals,
    the_form,
    title,
    visiting,
)


async def test_somebody_refers_themselves_and_gets_a_reference(database):
    async with visiting(database) as visit:
        last = await visit.answered()
        assert heading(last) == LAST_PAGE
        assert await referrals(database) == 0

        done = await visit.send(last, {}, number=1)

    reference = REFERENCE.search(done.text)
    assert done.status_code == 200
    assert reference is not None
    async with database.reading() as session:
        (listed,), _ = await store.intake.page(session, Tab.WAITING, 1, 10, true())
        safe = await store.people.contact_of(session, listed.referral.person_id)
    assert (listed.name, listed.referral.reference) == ("Sam Example", reference[0])
    assert safe is not None
    assert [route.channel for route in safe.routes] == [Channel.EMAIL]
    (received,) = await told(database)
    assert (received["fact"], received["source"]) == ("referral_received", "self")


async def test_the_first_page_is_the_front_page_of_the_site(database):
    async with visiting(database) as visit:
        for path in ("/", "/referral/refer"):
            page = await visit.get(path)
            assert page.status_code == 200
            assert "/referral/refer/what" in page.text


async def test_every_page_offers_to_talk_and_to_leave_at_once(database):
    async with visiting(database, phone_number="020 7946 0999") as visit:
        pages = [await visit.get("/"), await visit.begin(), await visit.get("/referral/refer/talk")]
        page = pages[1]
        for answers in ANSWERS.values():
            pages.append(page := await visit.send(page, answers))
        pages.append(await visit.send(page, {}, number=1))
        pages.append(await visit.post("/referral/refer/what", {"form": "nonsense"}))

    for page in pages:
        assert "Exit this page" in page.text
        assert "rather talk</h" in page.text
        assert "tel:02079460999" in page.text
        assert not re.search("police|victim|restorative|referr", title(page), re.I)


async def test_no_page_keeps_an_answer_in_its_address_or_legibly_in_itself(database):
    async with visiting(database) as visit:
        page = await visit.begin()
        for step, answers in ANSWERS.items():
            page = await visit.send(page, answers)
            assert page.url.query == b""
            if step in ("contact", "times", "privacy") and heading(page) != LAST_PAGE:
                assert "Sam Example" not in page.text
                assert "sam@" not in page.text


async def test_a_browser_may_keep_questions_so_that_back_works_but_nothing_about_a_person(database):
    async with visiting(database) as visit:
        question = await visit.answered("privacy")
        wrong = await visit.send(await visit.answered("contact"), {"name": "Sam Example"})
        last = await visit.answered()
        again = await visit.send(last, {"change": "contact"})
        done = await visit.send(last, {}, number=1)

    assert question.headers["cache-control"] == "private, no-cache"
    assert "Sam Example" in wrong.text
    assert "Sam Example" in again.text
    for page in (wrong, last, again, done):
        assert page.headers["cache-control"] == "no-store"


async def test_an_answer_can_be_changed_from_the_last_page(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        last = await visit.answered()
        question = await visit.send(last, {"change": "what"})
        assert heading(question) == "What happened?"
        assert the_form(question).values["happened"] == "noise"

        changed = await visit.send(question, {"happened": "theft"})
        kept = await visit.send(await visit.send(changed, {"change": "area"}), {"go": "back"})

    assert heading(changed) == heading(kept) == LAST_PAGE
    assert "Something was taken" in kept.text
    assert "Noise" not in kept.text


async def test_the_back_button_of_the_page_goes_back_and_loses_nothing(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        page = await visit.answered()
        page = await visit.send(page, {}, number=2)
        seen = [heading(page)]
        for _ in range(len(STEPS) - 1):
            page = await visit.send(page, {"go": "back"})
            seen.append(heading(page))
        start = await visit.send(page, {"go": "back"})

    assert len(set(seen)) == len(STEPS)
    assert the_form(page).values["happened"] == "noise"
    assert (start.status_code, start.headers["location"]) == (303, "/referral/refer")


async def test_the_back_button_of_the_browser_may_send_an_older_page_again(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        second = await visit.send(await visit.begin(), {"happened": "noise"})
        third = await visit.send(second, {"matter": "crime"})
        again = await visit.send(second, {"matter": "neighbour_dispute"})

    assert heading(third) == heading(again)


async def test_a_double_click_is_one_referral_with_one_reference(database):
    async with visiting(database) as visit:
        last = await visit.answered()
        both = await asyncio.gather(*(visit.send(last, {}, number=1) for _ in range(2)))
        later = await visit.send(last, {}, number=1)

    assert {page.status_code for page in (*both, later)} == {200}
    assert len({REFERENCE.findall(page.text)[0] for page in (*both, later)}) == 1
    assert await referrals(database) == 1
    assert len(await told(database)) == 1


async def test_what_is_changed_after_sending_does_not_reach_us_and_that_is_said(sqlite_database):
    database = await sqlite_database()
    async with visiting(database) as visit:
        last = await visit.answered()
        sent = await visit.send(last, {}, number=1)
        changed = await visit.send(
            await visit.send(last, {"change": "what"}), {"happened": "theft"}
        )
        again = await visit.send(changed, {}, number=1)

    assert REFERENCE.findall(sent.text) == REFERENCE.findall(again.text)
    assert "has not reached us" in again.text
    assert "has not reached us" not in sent.text
    assert await referrals(database) == 1


async def test_two_forms_are_two_referrals(sqlite_database):
    database = await sqlite_database()
    async with visiting(database) as visit:
        pages = [await visit.send(await visit.answered(), {}, number=1) for _ in range(2)]

    assert len({REFERENCE.findall(page.text)[0] for page in pages}) == 2
    assert await referrals(database) == 2
