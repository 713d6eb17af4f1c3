"""The public form: nothing is kept until it is sent, and sent twice it is one referral."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.referral import store
from services.referral.routes.refer_steps import STEPS
from services.referral.store.intake import ReferralRow, Tab
from shared.contracts.words import Channel
from tests.referral.told import told
from tests.referral.web import ANSWERS, the_form, visiting

REFERENCE = re.compile(r"[2-9B-Z]{3}-[2-9B-Z]{4}-[2-9B-Z]{3}")
LAST_PAGE = "Check your answers"


def title(page) -> str:
    found = re.search(r"<title>(.*?)</title>", page.text, re.S)
    assert found is not None
    return found[1].strip()


def heading(page) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", "", found[1]).split())


async def referrals(database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(ReferralRow))


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
        (listed,), _ = await store.intake.page(session, Tab.WAITING, 1, 10)
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
                assert "Sam" not in page.text
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


@pytest.mark.parametrize("step", [step.slug for step in STEPS if step.slug != "privacy"])
async def test_an_empty_answer_is_asked_for_again_in_plain_words(sqlite_database, step):
    async with visiting(await sqlite_database()) as visit:
        before = await visit.answered(step)

        page = await visit.send(before, {})

    assert page.status_code == 422
    assert title(page).startswith("Error:")
    assert "There is a problem" in page.text
    for href in re.findall(r'href="#(\w+)"', page.text):
        assert f'id="{href}"' in page.text
    assert heading(page) == heading(before)


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        ("what", {"happened": "murder"}),
        ("what", {"happened": ["noise", "theft"]}),
        ("matter", {"matter": "<script>"}),
        ("side", {"side": "victim"}),
        ("area", {"area_id": "00000000-0000-0000-0000-000000000001"}),
        ("area", {"area_id": "nowhere"}),
        ("contact", {"name": "Sam", "ways": ["pigeon"]}),
        ("contact", {"name": "Sam", "ways": ["email"]}),
        ("contact", {"name": "Sam", "ways": ["email"], "email": "a@b.example, evil@x.example"}),
        ("contact", {"name": "Sam\x00", "ways": ["email"], "email": "a@b.example"}),
        ("contact", {"name": "S\u202eam", "ways": ["email"], "email": "a@b.example"}),
        ("contact", {"name": "S\u200bam", "ways": ["email"], "email": "a@b.example"}),
        ("contact", {"name": "S" * 101, "ways": ["email"], "email": "a@b.example"}),
        ("contact", {"name": "Sam", "ways": ["phone"], "phone": "070 1234 5678"}),
        ("contact", {"name": "Sam", "ways": ["text"], "text": "01632 960001"}),
        ("contact", {"name": "Sam", "ways": ["letter"], "letter": "here"}),
        (
            "contact",
            {
                "name": "S",
                "ways": ["email", "phone"],
                "email": "a@b.example",
                "phone": "01632960001",
            },
        ),
        ("times", {"safe_when": "some"}),
        ("times", {"safe_when": "some", "days": ["monday"], "opens": "12:00", "closes": "12:00"}),
        ("times", {"safe_when": "some", "days": ["payday"], "opens": "10:00", "closes": "12:00"}),
        ("times", {"safe_when": "some", "days": ["monday"], "opens": "25:00", "closes": "26:00"}),
        ("privacy", {}),
        ("privacy", {"who_else": "nobody", "avoid": ",".join("abcdefghijk")}),
        ("privacy", {"who_else": "nobody", "avoid": "x" * 41}),
        ("heard", {"heard_about": "aliens"}),
    ],
)
async def test_an_answer_that_is_not_one_is_refused_beside_its_question(
    sqlite_database, step, answers
):
    async with visiting(await sqlite_database()) as visit:
        before = await visit.answered(step)

        page = await visit.send(before, answers)

    assert page.status_code == 422
    assert heading(page) == heading(before)
    assert "There is a problem" in page.text
    assert "<script>" not in page.text.partition("<main")[2]


async def test_what_was_typed_is_still_there_beside_the_error(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        page = await visit.send(
            await visit.answered("contact"),
            {"name": "Sam <b>", "ways": ["email", "phone"], "email": "not one", "phone": "01632"},
        )
        values = the_form(page).values

    assert values["name"] == "Sam <b>"
    assert values["ways"] == ["email", "phone"]
    assert values["email"] == "not one"
    assert "Enter one email address" in page.text
    assert "Enter a UK phone number" in page.text


async def test_each_way_is_kept_with_its_address_the_first_choice_first(database):
    contact = {
        "name": "Sam",
        "ways": ["email", "phone", "text", "letter"],
        "email": "Sam@Example.org",
        "phone": "(01632) 960 001",
        "text": "+44 (0)7700 900 982",
        "letter": "1 High Street\r\n\r\n  Leicester  \r\nLE1 1AA",
        "first": "phone",
    }
    times = {
        "safe_when": "some",
        "days": ["tuesday", "thursday"],
        "opens": "10:00",
        "closes": "12:00",
    }
    privacy = {"who_else": "not_sure", "voicemail": "true", "avoid": "court,  the  police , court"}
    async with visiting(database) as visit:
        last = await visit.answered(contact=contact, times=times, privacy=privacy)
        assert "Tuesday, Thursday, 10am to midday" in last.text
        assert "07700 900982" in last.text
        await visit.send(last, {}, number=1)

    async with database.reading() as session:
        (listed,), _ = await store.intake.page(session, Tab.WAITING, 1, 10)
        safe = await store.people.contact_of(session, listed.referral.person_id)
    assert safe is not None
    assert [(route.channel.value, route.address) for route in safe.routes] == [
        ("phone", "+441632960001"),
        ("email", "Sam@example.org"),
        ("text", "+447700900982"),
        ("letter", "1 High Street\nLeicester\nLE1 1AA"),
    ]
    assert (safe.voicemail, safe.avoid) == (True, ("court", "the police"))
    assert (safe.hours.opens_minute, safe.hours.closes_minute) == (600, 720)


async def test_an_address_whose_way_is_not_ticked_is_not_used_and_not_kept(sqlite_database):
    database = await sqlite_database()
    contact = {**ANSWERS["contact"], "phone": "this is no number", "letter": "x"}
    async with visiting(database) as visit:
        await visit.send(await visit.answered(contact=contact), {}, number=1)

    async with database.reading() as session:
        (listed,), _ = await store.intake.page(session, Tab.WAITING, 1, 10)
        safe = await store.people.contact_of(session, listed.referral.person_id)
    assert safe is not None
    assert [route.channel for route in safe.routes] == [Channel.EMAIL]


async def test_a_voicemail_is_asked_about_only_where_a_call_is_safe(sqlite_database):
    by_phone = {"name": "Sam", "ways": ["phone"], "phone": "01632 960 001"}
    async with visiting(await sqlite_database()) as visit:
        without = await visit.answered("privacy")
        with_calls = await visit.answered("privacy", contact=by_phone)

    assert "may we leave a message" not in without.text
    assert "may we leave a message" in with_calls.text


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


async def test_a_form_is_good_until_the_last_second_of_its_day(sqlite_database, world):
    async with visiting(await sqlite_database()) as visit:
        last = await visit.answered()
        world.advance(timedelta(days=1) - timedelta(seconds=1))

        assert (await visit.send(last, {}, number=1)).status_code == 200


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


async def test_questions_have_no_pages_of_their_own_to_come_back_to(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        for slug in ("matter", "contact", "check", "send", "nowhere"):
            page = await visit.get(f"/referral/refer/{slug}")
            assert (page.status_code, page.headers["location"]) == (303, "/referral/refer")
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
