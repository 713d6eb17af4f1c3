"""A partner officer refers somebody: the same questions and checks as for programs of agencies."""

import pytest
from sqlalchemy import select

from services.referral import store
from services.referral.routes.api_shapes import PersonShape, ReferralShape, SafeContactShape
from services.referral.routes.partner_form import PartnerReferralForm
from services.referral.store.intake import REFERRAL
from shared.contracts.words import Channel
from tests.referral.builders import some_id
from tests.referral.partner import ANSWERS, OFFICER, PARTNER, REFER
from tests.referral.told import told
from tests.referral.web import heading, referrals, visiting

UNDER_OTHER_NAMES = {
    "person": {"name"},
    "safe_contact": {"name"},
    "routes": {"ways", "email", "phone", "text", "letter", "first"},
    "hours": {"safe_when", "days", "opens", "closes"},
    "leave_voicemail": {"voicemail"},
}
"""What programs nest, a form asks one by one."""


async def test_whom_an_officer_refers_is_received_and_it_is_known_who_referred_them(database):
    async with visiting(database, OFFICER) as visit:
        done = await visit.send(await visit.get(REFER), ANSWERS)
        page = await visit.get(done.headers["location"])

    async with database.reading() as session:
        row = (await session.execute(select(REFERRAL))).one()
        known = await store.intake.find(session, row.id)
        person = await store.people.find(session, row.person_id)
        safe = await store.people.contact_of(session, row.person_id)
    assert (done.status_code, page.status_code) == (303, 200)
    assert done.headers["location"] == f"{PARTNER}/{row.id}?done=referred"
    assert heading(page) == f"Referral {row.reference}"
    assert "We have got the referral" in page.text
    assert known.referred_by == OFFICER.id
    assert known.request.permission_attested
    assert person.name == "Sam Example"
    assert safe.first.channel is Channel.PHONE
    assert (safe.hours.opens_minute, safe.avoid, safe.voicemail) == (9 * 60, ("court",), False)


async def test_nothing_that_is_told_says_who_referred_them(sqlite_database):
    database = await sqlite_database()
    async with visiting(database, OFFICER) as visit:
        await visit.send(await visit.get(REFER), ANSWERS)

    [fact] = await told(database)
    assert (fact["fact"], fact["source"]) == ("referral_received", "housing")
    assert str(OFFICER.id) not in str(fact)


async def test_a_form_that_is_sent_twice_is_one_referral(database):
    async with visiting(database, OFFICER) as visit:
        page = await visit.get(REFER)
        once, again = [await visit.send(page, ANSWERS) for _ in range(2)]
        changed = await visit.send(page, ANSWERS | {"name": "Alex Example"})

    assert once.headers["location"] == again.headers["location"]
    assert changed.status_code == 409
    assert await referrals(database) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Enter the name we should use"),
        ({"ways": []}, "Choose at least one way that is safe"),
        ({"phone": "07700 900 982 ext 1"}, "Enter a UK phone number"),
        ({"email": "a@b.example, c@d.example"}, "Enter one email address"),
        ({"first": "letter"}, "Choose which of the ways you ticked we should try first"),
        ({"safe_when": ""}, "Choose when it is safe to be in touch"),
        ({"closes": "08:00"}, "The safe time must end later than it begins"),
        ({"days": []}, "Choose at least one day"),
        ({"who_else": ""}, "Choose whether somebody else might see or hear"),
        ({"avoid": "x" * 41}, "short words, with commas between"),
        ({"happened": ""}, "Choose the answer that fits best"),
        ({"matter": "x"}, "Choose the answer that fits best"),
        ({"side": ""}, "Choose how this person stands to the matter"),
        ({"reported_to_police": ""}, "Choose yes, no, or that they would rather not say"),
        ({"area_id": str(some_id(9))}, "Choose the area where it happened"),
        ({"area_id": "x"}, "Choose the area where it happened"),
        ({"heard_about": ""}, "Choose how they heard of us"),
        ({"source": ""}, "Choose for whom you refer them"),
        ({"source": "self"}, "Choose for whom you refer them"),
        ({"permission_attested": []}, "Tick this only if they have agreed"),
        ({"permission_attested": "false"}, "Tick this only if they have agreed"),
        ({"once": "x"}, "Open the page again"),
    ],
)
async def test_what_is_missing_or_wrong_is_said_in_plain_words_and_nothing_is_kept(
    sqlite_database, changed, words
):
    database = await sqlite_database()
    async with visiting(database, OFFICER) as visit:
        answer = await visit.send(await visit.get(REFER), ANSWERS | changed)

    assert answer.status_code == 422
    assert words in answer.text
    assert await referrals(database) == 0


async def test_what_was_written_is_still_there_when_something_is_put_right(sqlite_database):
    async with visiting(await sqlite_database(), OFFICER) as visit:
        refused = await visit.send(await visit.get(REFER), ANSWERS | {"permission_attested": []})
        done = await visit.send(
            refused, {"permission_attested": "true", "opens": "09:00", "closes": "17:00"}
        )

    assert "sam@example.org" in refused.text
    assert done.status_code == 303


def test_the_form_asks_for_all_that_programs_are_asked_for():
    names: set[str] = set()
    for shape in (ReferralShape, PersonShape, SafeContactShape):
        for name in shape.model_fields:
            names |= UNDER_OTHER_NAMES.get(name, {name})

    assert set(PartnerReferralForm.model_fields) == names | {"once"}
