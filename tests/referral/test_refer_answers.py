"""Answers to the public form: each kept as it was meant, or refused beside its question."""

import re

import pytest
from sqlalchemy import true

from services.referral import store
from services.referral.routes.refer_steps import STEPS
from services.referral.store.intake import Tab
from shared.contracts.words import Channel
from tests.referral.web import (
    ANSWERS,
    heading,
    the_form,
    title,
    visiting,
)


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
        (listed,), _ = await store.intake.page(session, Tab.WAITING, 1, 10, true())
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
        (listed,), _ = await store.intake.page(session, Tab.WAITING, 1, 10, true())
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
