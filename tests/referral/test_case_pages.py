"""The people of a case on its pages: the other party, what each has said, how each is reached."""

from services.referral.actions import agreements
from tests.referral.builders import a_newcomer, some_id
from tests.referral.cases import (
    a_meeting,
    a_waiting_referral,
    an_open_case,
    ask_grant,
    both_agree,
    say,
)
from tests.referral.told import facts
from tests.referral.web import case_path, the_form, visiting

KIM = {
    "name": "Kim Example",
    "ways": ["phone"],
    "phone": "01632 960 001",
    "safe_when": "any",
    "who_else": "not_sure",
    "side": "both",
    "agrees": "true",
}


async def test_the_other_party_is_added_with_the_first_partys_agreement(database):
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        await visit.send(await visit.get(case_path(referral.id)), {})
        page = await visit.get(f"{case_path(referral.id)}/parties")
        without = await visit.send(page, {**KIM, "agrees": []})
        done = await visit.send(page, KIM)
        again = await visit.send(page, KIM)
        after = await visit.get(case_path(referral.id))

    assert without.status_code == 422
    assert "Tick this only if the first party has agreed" in without.text
    assert (done.status_code, again.status_code) == (303, 303)
    assert "Kim Example" in after.text
    assert "01632 960001" in after.text
    assert "Not sure: treat as if somebody might" in after.text
    assert (await facts(database)).count("party_added") == 1


async def test_nobody_is_added_before_the_referral_is_accepted(sqlite_database):
    database = await sqlite_database()
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        page = await visit.get(f"{case_path(referral.id)}/parties")
        answer = await visit.send(page, KIM)

    assert answer.status_code == 422
    assert "only be done while the case is open" in answer.text
    assert await facts(database) == ["referral_received"]


async def test_agreements_are_recorded_and_taken_back_on_the_case_page(database):
    case = await an_open_case(database)
    here = case_path(case.referral_id)
    async with visiting(database) as visit:
        ask = await visit.get(f"{here}/people/{case.kim}/agree")
        without = await visit.send(ask, {})
        agreed = await visit.send(ask, {"how": "by_phone"})
        shown = await visit.get(agreed.headers["location"])
        back = await visit.get(f"{here}/people/{case.kim}/withdraw")
        await visit.send(back, {"how": "in_person"})
        after = await visit.get(here)

    assert "Choose how they told us" in without.text
    assert "Agrees to meet" in shown.text
    assert "You recorded the agreement" in shown.text
    assert "No longer agrees" in after.text
    assert "Kim Example agreed to a joint meeting, by phone. Recorded by Demo" in after.text


async def test_taking_back_stops_the_meetings_that_were_granted(database):
    case = await an_open_case(database)
    await both_agree(database, case)
    await ask_grant(database, a_meeting(case))
    await ask_grant(database, a_meeting(case, session_id=some_id(5)))
    async with visiting(database) as visit:
        page = await visit.get(f"{case_path(case.referral_id)}/people/{case.sam}/withdraw")
        await visit.send(page, {"how": "in_writing"})
        after = await visit.get(case_path(case.referral_id))

    assert (await facts(database))[-2:] == ["meeting_grant_revoked"] * 2
    assert after.text.count("Permission for meetings ended") == 1


async def test_where_no_meeting_had_been_granted_none_is_said_to_have_ended(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    await both_agree(database, case)
    await say(database, agreements.withdraw_agreement, case, case.sam)
    async with visiting(database) as visit:
        page = await visit.get(case_path(case.referral_id))

    assert "Permission for meetings ended" not in page.text


async def test_no_contact_and_contact_again(database):
    case = await an_open_case(database)
    here = case_path(case.referral_id)
    async with visiting(database) as visit:
        quiet = await visit.get(f"{here}/people/{case.sam}/no-contact")
        await visit.send(quiet, {"how": "by_phone"})
        shown = await visit.get(here)
        again = await visit.get(f"{here}/people/{case.sam}/contact-again")
        await visit.send(again, {"how": "in_person"})
        after = await visit.get(here)

    assert "Do not contact" in shown.text
    assert f"{here}/people/{case.sam}/agree" not in shown.text
    assert f"{here}/people/{case.sam}/agree" in after.text


async def test_contact_details_are_shown_to_be_changed_and_kept_as_changed(database):
    case = await an_open_case(database)
    here = f"{case_path(case.referral_id)}/people/{case.kim}/safe-contact"
    async with visiting(database) as visit:
        page = await visit.get(here)
        form = the_form(page).values
        wrong = await visit.send(page, {"email": "a@b.example, evil@x.example"})
        times = {"safe_when": "some", "days": ["tuesday"], "opens": "10:00", "closes": "12:00"}
        done = await visit.send(
            page, {"email": "kim@example.org", "because": "They moved.", **times}
        )
        after = await visit.get(done.headers["location"])

    assert (form["name"], form["ways"], form["email"]) == (
        "Kim Example",
        "email",
        "sam@example.org",
    )
    assert wrong.status_code == 422
    assert "Enter one email address" in wrong.text
    assert "kim@example.org" in after.text
    assert "Tuesday, 10am to midday" in after.text


async def test_what_one_party_said_is_not_on_the_other_partys_lines(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    other = await a_waiting_referral(database, 2, a_newcomer("Somebody Else"))
    async with visiting(database) as visit:
        strangers = [
            await visit.get(f"{case_path(other.id)}/people/{case.kim}/{last}")
            for last in ("safe-contact", "agree", "no-contact")
        ]

    assert {page.status_code for page in strangers} == {404}
