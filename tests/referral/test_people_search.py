"""Finding people by exact values, which cannot be read in the store, on both databases."""

from datetime import date

import pytest
from sqlalchemy import select

from services.referral import store
from services.referral.domain.erasure import Basis, Erasure
from services.referral.domain.people import Newcomer, Route
from services.referral.store.people import PERSON, SAFE_CONTACT
from shared.contracts.words import Channel
from shared.plumbing.sealing import blind
from tests.fixtures import keys
from tests.referral.builders import NOW, a_newcomer, a_safe_contact
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.web import case_path, visiting

PEOPLE = "/referral/people"
NAME = "Zoë Ó Brien"
BORN = {"born_day": "27", "born_month": "3", "born_year": "1986"}
PHONE = Route(Channel.PHONE, "+447700900982")
TEXT = Route(Channel.TEXT, "+447700900111")


async def find(visit, **values):
    page = await visit.get(PEOPLE)
    return await visit.send(page, values)


async def with_dates(database):
    """A case whose other party gave a date of birth: its address, and their id."""
    kim = Newcomer(NAME, a_safe_contact(PHONE, TEXT), date(1986, 3, 27))
    case = await an_open_case(database, kim=kim)
    return case_path(case.referral_id), case.kim


@pytest.mark.parametrize(
    "asked",
    [
        {"phone": "07700 900 982"},
        {"phone": "+44 (0)7700 900111"},
        {"name": "ó BRIEN, zoe", **BORN},
    ],
)
async def test_somebody_is_found_by_exact_values_however_they_are_written(database, asked):
    case, _ = await with_dates(database)

    async with visiting(database) as visit:
        page = await find(visit, **asked)

    assert page.status_code == 200
    assert "1 person was found" in page.text
    assert NAME in page.text
    assert case in page.text
    assert not page.request.url.query


async def test_everybody_with_one_email_address_is_found_with_all_their_referrals(database):
    one = await a_waiting_referral(database, 1)
    other = await a_waiting_referral(database, 2)

    async with visiting(database) as visit:
        page = await find(visit, email="SAM@Example.org")

    assert "2 people were found" in page.text
    assert case_path(one.id) in page.text
    assert case_path(other.id) in page.text


async def test_nothing_found_is_said_in_words(database):
    async with visiting(database) as visit:
        page = await find(visit, phone="07700 900 982")

    assert page.status_code == 200
    assert "Nobody was found" in page.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Enter a phone number, an email address, or a name and a date of birth"),
        ({"phone": "12"}, "Enter a UK phone number"),
        ({"email": "a@b.c, evil@x"}, "Enter one email address"),
        ({"name": "Kim"}, "the one alone is not enough"),
        (BORN, "the one alone is not enough"),
        ({"phone": "07700 900 982", "email": "sam@example.org"}, "Search in one way at a time"),
        ({"name": "Kim", **BORN, "born_day": "31", "born_month": "2"}, "real date"),
        ({"name": "Kim", **BORN, "born_year": "2099"}, "must be in the past"),
        ({"name": "Kim\x00", **BORN}, "hidden character"),
        ({"name": "\u202eKim\u202e a", **BORN}, "hidden character"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused_in_words(sqlite_database, asked, said):
    database = await sqlite_database()
    async with visiting(database) as visit:
        page = await find(visit, **asked)

    assert page.status_code == 422
    assert said in page.text


async def test_the_store_holds_no_number_and_no_plain_digest_of_one(database):
    await with_dates(database)

    async with database.reading() as session:
        row = (
            await session.execute(
                select(SAFE_CONTACT).where(SAFE_CONTACT.c.phone_index.is_not(None))
            )
        ).one()

    assert len(row.phone_index) == blind.INDEX_BYTES
    assert row.phone_index == blind.phone(database.keyring, PHONE.address)
    assert row.phone_index != blind.phone(keys.keyring("shop"), PHONE.address)
    assert row.phone_index != row.text_index


async def test_somebody_who_was_erased_is_not_found_and_keeps_no_index(database):
    case, person = await with_dates(database)
    async with database.transaction() as session:
        await store.erasures.erase(session, Erasure(person, NOW.date(), Basis.REQUEST))

    async with visiting(database) as visit:
        pages = [
            await find(visit, phone="07700 900 982"),
            await find(visit, name=NAME, **BORN),
        ]
        shown = await visit.get(case)

    assert all("Nobody was found" in page.text for page in pages)
    assert shown.status_code == 200
    assert "Erased person" in shown.text
    async with database.reading() as session:
        born = select(PERSON.c.born_index).where(PERSON.c.id == person)
        contact = select(
            SAFE_CONTACT.c.phone_index, SAFE_CONTACT.c.text_index, SAFE_CONTACT.c.email_index
        ).where(SAFE_CONTACT.c.person_id == person)
        assert (await session.execute(born)).scalar_one() is None
        assert (await session.execute(contact)).all() == []


async def test_a_date_of_birth_is_asked_of_staff_kept_and_changed(database):
    case, person = await with_dates(database)

    async with visiting(database) as visit:
        address = f"{case}/people/{person}/safe-contact"
        page = await visit.get(address)
        changed = await visit.send(page, {"born_year": "1987", "because": "A slip."})
        wrong = await visit.send(await visit.get(address), {"born_month": "13"})

    assert 'value="1986"' in page.text
    assert changed.status_code == 303
    assert wrong.status_code == 422
    async with database.reading() as session:
        kept = await store.people.find(session, person)
        assert kept.born == date(1987, 3, 27)
        assert await store.search.by_birth(session, kept.name, date(1986, 3, 27)) == []
        assert await store.search.by_birth(session, kept.name, kept.born) == [person]


async def test_the_public_form_never_asks_for_a_date_of_birth(sqlite_database):
    database = await sqlite_database()
    async with visiting(database) as visit:
        page = await visit.answered(until="times")

    assert "birth" not in page.text.lower()
    assert a_newcomer("Kim").born is None
