"""A partner officer sees where their own referrals stand: process, and not content."""

import re

import pytest
from sqlalchemy import func, select

from services.referral import store
from services.referral.actions import closing, erasure, retention, triage
from services.referral.actions.accounts import add_account
from services.referral.actions.case_file import Edit
from services.referral.domain.erasure import Basis
from services.referral.domain.intake import Status
from services.referral.routes.partner import STANDS
from services.referral.store import SCHEMA
from services.referral.store.standings import STANDINGS
from shared.contracts.access import AccessRole, Action, Relation, Standing
from shared.contracts.lifecycle import ClosureCode
from shared.contracts.retention import RecordClass
from shared.contracts.words import DeclineReason
from shared.plumbing.staff import Staff
from tests.referral.builders import COORDINATOR, some_id
from tests.referral.cases import an_open_case, as_if_referred, version_of
from tests.referral.erasing import TODAY
from tests.referral.partner import (
    ANSWERS,
    OFFICER,
    OTHER_OFFICER,
    PARTNER,
    REFER,
    one,
    referred,
)
from tests.referral.standing import MANAGER
from tests.referral.web import Forms, case_path, visiting

NONE_LISTED = "There is no referral of yours here"
NOBODYS = some_id(0xDEAD)

CONTENT = (
    *("Sam", "Kim", "example.org", "07700", "Noise", "neighbour", "Housing", "City centre"),
    *("cannot help", "better placed", "signposted", "scope", "settled", "agree"),
)
"""What is in a referral, or says why it ended."""


def main_part(page) -> str:
    """What the page says: no navigation, no ids, no addresses."""
    found = re.search(r"<main.*?</main>", page.text, re.S)
    assert found is not None
    return re.sub(r"<[^>]*>", " ", found[0])


async def decide(database, referral, status: Status) -> None:
    """Bring a referral as far as it is to stand."""
    if status is Status.DECLINED:
        async with database.transaction() as session:
            edit = Edit(referral.id, 1, COORDINATOR)
            await triage.decline_referral(session, edit, DeclineReason.SIGNPOSTED)
    if status in (Status.ACCEPTED, Status.CLOSED):
        async with database.transaction() as session:
            await triage.accept_referral(session, Edit(referral.id, 1, COORDINATOR))
    if status is Status.CLOSED:
        edit = Edit(referral.id, await version_of(database, referral.id), COORDINATOR)
        async with database.transaction() as session:
            await closing.close_case(session, edit, ClosureCode.WITHDRAWN)


async def gone_for(database, officer, referral_id) -> bool:
    """Whether neither list nor page has it, to the letter as if it had never been there."""
    async with visiting(database, officer) as visit:
        listed = await visit.get(PARTNER)
        page = await visit.get(one(referral_id))
        nothing = await visit.get(one(NOBODYS))
    assert listed.status_code == 200
    found = str(referral_id) in listed.text or "TEST-" in listed.text
    return not found and (page.status_code, page.text) == (404, nothing.text)


@pytest.mark.parametrize("status", Status)
async def test_an_officer_sees_where_their_referral_stands_and_nothing_of_what_is_in_it(
    database, status
):
    referral = await referred(database)
    await decide(database, referral, status)
    async with visiting(database, OFFICER) as visit:
        pages = [await visit.get(PARTNER), await visit.get(one(referral))]

    for page in pages:
        said = main_part(page)
        assert "TEST-1" in said
        assert STANDS[status] in said
        assert said.count("March 2026") == (1 if status is Status.WAITING else 2)
        assert [word for word in CONTENT if word.lower() in said.lower()] == []
        assert str(referral.person_id) not in page.text


async def test_two_ways_of_being_declined_look_the_same(sqlite_database):
    database = await sqlite_database()
    said = []
    for number, reason in enumerate(DeclineReason):
        referral = await referred(database, number)
        async with database.transaction() as session:
            await triage.decline_referral(session, Edit(referral.id, 1, COORDINATOR), reason)
        async with visiting(database, OFFICER) as visit:
            said.append(main_part(await visit.get(one(referral))).replace(referral.reference, ""))

    assert len(set(said)) == 1


async def test_nobody_sees_what_somebody_else_referred(database):
    referral = await referred(database)
    by_nobody = await referred(database, 2, by=None)

    assert await gone_for(database, OTHER_OFFICER, referral.id)
    async with visiting(database, OFFICER) as visit:
        assert str(by_nobody.id) not in (await visit.get(PARTNER)).text
        assert (await visit.get(one(by_nobody))).status_code == 404


async def test_whoever_coordinates_as_well_finds_only_their_own_on_this_list(sqlite_database):
    database = await sqlite_database()
    own, others = await referred(database), await referred(database, 2, by=OTHER_OFFICER.id)
    both = Staff(OFFICER.id, frozenset({AccessRole.PARTNER_OFFICER, AccessRole.COORDINATOR}))
    async with visiting(database, both) as visit:
        listed = await visit.get(PARTNER)
        page = await visit.get(one(others))
        case = await visit.get(case_path(others.id))

    assert str(own.id) in listed.text
    assert str(others.id) not in listed.text
    assert (page.status_code, case.status_code) == (404, 200)


async def test_an_officer_opens_no_case_and_no_other_page_of_ours(sqlite_database):
    database = await sqlite_database()
    referral = await referred(database)
    async with visiting(database, OFFICER) as visit:
        for path in (case_path(referral.id), "/referral/cases", "/referral/people"):
            assert (await visit.get(path)).status_code == 404, path


async def test_an_officer_who_stands_too_near_finds_nothing(database):
    referral = await referred(database)
    assert not await gone_for(database, OFFICER, referral.id)
    async with database.transaction() as session:
        await STANDINGS.note(session, Standing(referral.id, OFFICER.id, Relation.CONFLICT, 2))

    assert await gone_for(database, OFFICER, referral.id)


async def test_a_matter_is_kept_from_the_officer_who_referred_it_on_its_page(sqlite_database):
    database = await sqlite_database()
    referral = await referred(database)
    colleagues = f"{case_path(referral.id)}/colleagues"
    async with visiting(database, MANAGER) as visit:
        page = await visit.get(colleagues)
        actions = [form.action for form in Forms(page.text).found]
        number = next(at for at, action in enumerate(actions) if action.endswith("/walls"))
        kept = await visit.send(page, {"colleague": str(OFFICER.id)}, number)
        after = await visit.get(colleagues)

    assert kept.status_code == 303
    assert "Demo Partner Officer" in after.text
    assert await gone_for(database, OFFICER, referral.id)


async def test_an_officer_who_is_in_it_themselves_finds_nothing(database):
    case = await an_open_case(database)
    for person_id in (case.sam, case.kim):
        await as_if_referred(database, case.referral_id, person_id)
        themselves = Staff(person_id, frozenset({AccessRole.PARTNER_OFFICER}))

        assert await gone_for(database, themselves, case.referral_id)


async def test_what_an_erased_person_was_referred_for_vanishes_and_the_form_with_it(
    database, ledger
):
    kept = SCHEMA.tables.idempotency_key
    async with visiting(database, OFFICER) as visit:
        done = await visit.send(await visit.get(REFER), ANSWERS)
        path = done.headers["location"].partition("?")[0]
    async with database.transaction() as session:
        [found], _ = await store.referred.page(
            session, 1, 9, store.reach.referrals(OFFICER, session.now(), Action.SEE_PROCESS)
        )
        await erasure.erase(session, ledger, found.person_id, Basis.REQUEST, on=TODAY)

    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(kept)) == 0
        assert (await store.intake.find(session, found.id)).referred_by is None
    assert path == one(found.id)
    assert await gone_for(database, OFFICER, found.id)


async def test_a_matter_that_was_destroyed_vanishes(database, ledger):
    referral = await referred(database)
    await decide(database, referral, Status.DECLINED)
    async with database.transaction() as session:
        await retention.destroy_matter(
            session, ledger, referral.id, RecordClass.REFERRAL_NOT_TAKEN_UP
        )

    assert await gone_for(database, OFFICER, referral.id)


async def test_no_referral_says_any_more_who_made_it_once_the_officer_is_erased(database, ledger):
    async with database.transaction() as session:
        officer = await add_account(
            session, "Jo Example", "jo@example.org", frozenset({AccessRole.PARTNER_OFFICER})
        )
    referral = await referred(database, by=officer)
    async with database.transaction() as session:
        await erasure.erase(session, ledger, officer, Basis.REQUEST, on=TODAY)

    async with database.reading() as session:
        assert (await store.intake.find(session, referral.id)).referred_by is None


async def test_every_look_and_every_try_is_in_the_audit(sqlite_database):
    database = await sqlite_database()
    referral = await referred(database)
    async with visiting(database, OFFICER) as visit:
        await visit.get(PARTNER)
        await visit.get(one(referral))
        visit.sits_down(OTHER_OFFICER)
        await visit.get(one(referral))

    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        rows = (await session.execute(select(entry).order_by(entry.c.id))).all()
    looks = [
        (row.actor_id, row.purpose, row.outcome, row.referral_id)
        for row in rows
        if row.verb == "consultation"
    ]
    assert looks == [
        (OFFICER.id, "partner_list", "done", referral.id),
        (OFFICER.id, "partner_page", "done", referral.id),
        (OTHER_OFFICER.id, "see_process", "denied", referral.id),
    ]


async def test_the_list_goes_on_over_pages(sqlite_database):
    database = await sqlite_database()
    made = [await referred(database, number) for number in range(26)]
    async with visiting(database, OFFICER) as visit:
        first, second = [await visit.get(f"{PARTNER}?page={number}") for number in (1, 2)]
        beyond = await visit.get(f"{PARTNER}?page=0")

    assert sum(str(each.id) in first.text for each in made) == 25
    assert sum(str(each.id) in second.text for each in made) == 1
    assert beyond.status_code == 422


async def test_an_officer_without_referrals_is_told_so_and_can_make_one(sqlite_database):
    async with visiting(await sqlite_database(), OFFICER) as visit:
        page = await visit.get(PARTNER)

    assert NONE_LISTED in page.text
    assert REFER in page.text
