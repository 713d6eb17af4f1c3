"""Setting up an account from an invitation."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from services.referral.domain.accounts import INVITED
from services.referral.store.accounts import INVITATION, RECOVERY_CODE
from services.referral.store.sessions import SESSION
from tests.fixtures.web import visitor
from tests.referral.door import PASSWORD, at_the_door, secret_on
from tests.referral.web import heading

CASES = "/referral/cases"


@pytest.fixture
async def door(database):
    async with at_the_door(database) as one:
        yield one


async def rows(database, table):
    async with database.reading() as session:
        return (await session.execute(select(table))).all()


async def test_an_invitation_leads_through_a_password_and_an_authenticator_to_ten_codes(door):
    _, link = await door.invite()

    page = await door.browser.get(link)
    assert heading(page) == "Choose a password"
    page = await door.send(page, password=PASSWORD, again=PASSWORD)
    assert heading(page) == "Set up your authenticator"
    assert "<svg" in page.text
    assert "style=" not in page.text
    secret = secret_on(page)
    assert await rows(door.database, SESSION) == []

    page = await door.send(page, code=pyotp.TOTP(secret).at(door.now))
    assert heading(page) == "Keep your recovery codes"
    codes = re.findall(r"<code[^>]*>([A-Z2-9-]{23})</code>", page.text)
    assert len(set(codes)) == 10
    assert (await door.browser.get(CASES)).status_code == 200
    assert page.headers["cache-control"] == "no-store"

    stored = await rows(door.database, RECOVERY_CODE)
    assert len(stored) == 10
    assert not any(code.encode() in row.digest for code in codes for row in stored)


async def test_an_invitation_works_once(door):
    _, link = await door.invite()
    first = await door.send(await door.browser.get(link), password=PASSWORD, again=PASSWORD)
    async with visitor(door.app, staff=None) as browser:
        elsewhere = replace(door, browser=browser)
        second = await elsewhere.send(await browser.get(link), password=PASSWORD, again=PASSWORD)

        await door.send(first, code=pyotp.TOTP(secret_on(first)).at(door.now))
        late = await elsewhere.send(second, code=pyotp.TOTP(secret_on(second)).at(door.now))

    assert late.status_code == 404
    assert "This link has been used, or is too old" in late.text
    assert (await door.browser.get(link)).status_code == 404
    assert await rows(door.database, INVITATION) == []


async def test_an_invitation_lasts_72_hours_to_the_second(door, world):
    _, link = await door.invite()

    world.advance(INVITED - timedelta(seconds=1))
    assert (await door.browser.get(link)).status_code == 200
    world.advance(timedelta(seconds=1))
    assert (await door.browser.get(link)).status_code == 404
    assert timedelta(hours=72) == INVITED


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "at least 12 characters"),
        (PASSWORD, PASSWORD + "!", "not the same"),
        ("password2026!!", "password2026!!", "first passwords that are tried"),
        ("robin.parley.example", "robin.parley.example", "first passwords that are tried"),
        ("x" * 201, "x" * 201, "200 characters or fewer"),
        ("", "", "Enter a password"),
    ],
)
async def test_a_password_that_would_be_guessed_is_refused_in_plain_words(
    door, password, again, words
):
    _, link = await door.invite()

    page = await door.send(await door.browser.get(link), password=password, again=again)

    assert page.status_code == 422
    assert words in page.text
    assert PASSWORD not in page.text
