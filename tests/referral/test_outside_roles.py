"""What the groups of the organisation's sign-in say, and what the list of colleagues says."""

import pytest

from services.referral import store
from services.referral.actions.accounts import disable_account
from shared.contracts.access import AccessRole
from tests.fixtures.web import visitor
from tests.referral.outside import SAM, on_the_doorstep
from tests.referral.told import told


@pytest.fixture
async def step(database, provider, tmp_path):
    async with on_the_doorstep(database, provider, tmp_path) as one:
        yield one


@pytest.mark.parametrize("groups", [[], None, "", ["Visitors"], {"Coordinators": True}, 7, [[]]])
async def test_whoever_is_in_none_of_the_groups_does_not_come_in(step, groups):
    person_id = await step.add()
    step.provider.people["sam"].groups = groups

    answer = await step.sign_in()

    assert answer.status_code == 403
    assert "a group for Parley" in answer.text
    assert await step.open_sessions() == 0
    assert (await step.account(person_id)).outside_digest is None


async def test_what_somebody_may_be_is_what_their_groups_say(step):
    person_id = await step.add(SAM, AccessRole.FACILITATOR, AccessRole.OPS)
    step.provider.people["sam"].groups = ["Managers", "Money", "Choir", 5]

    await step.sign_in()

    async with step.database.reading() as session:
        roles = await store.accounts.roles_of(session, person_id)
    assert roles == {AccessRole.MANAGER, AccessRole.FUNDER}
    facts = [
        (fact["fact"], fact["role"])
        for fact in await told(step.database, everything=True)
        if fact.get("person_id") == str(person_id)
    ]
    assert facts == [
        ("staff_joined", "facilitator"),
        ("staff_joined", "manager"),
        ("staff_left", "facilitator"),
    ]


async def test_a_group_whose_name_has_signs_in_it_counts(step):
    await step.add()
    step.provider.people["sam"].groups = "cn=Facilitators,ou=work"

    assert (await step.sign_in()).headers["location"] == "/scheduling/"


async def test_a_role_that_was_lost_can_be_had_again(step):
    person_id = await step.add(SAM, AccessRole.MANAGER)
    sam = step.provider.people["sam"]
    for groups in (["Managers"], ["cn=Facilitators,ou=work"], ["Managers"]):
        sam.groups = groups
        assert (await step.sign_in()).status_code == 303

    async with step.database.reading() as session:
        assert await store.accounts.roles_of(session, person_id) == {AccessRole.MANAGER}


async def test_whose_groups_are_gone_is_signed_out_everywhere(step):
    await step.add()
    await step.sign_in()
    step.provider.people["sam"].groups = []

    async with visitor(step.app, staff=None) as other:
        mine, step.browser = step.browser, other
        assert (await step.sign_in()).status_code == 403
        step.browser = mine

    assert not await step.is_in()


async def test_the_only_coordinator_cannot_be_taken_away_by_a_group(step):
    """They do not come in, and they stay on the list, so that new referrals reach somebody."""
    person_id = await step.add()
    async with step.database.transaction() as session:
        demo = await store.staff.colleagues(session)
        for one in demo:
            if one.person_id != person_id:
                await store.staff.end_roles(session, one.person_id, session.now())
    step.provider.people["sam"].groups = ["Managers"]

    answer = await step.sign_in()

    assert answer.status_code == 403
    assert "Another coordinator has to be added first" in answer.text
    assert await step.open_sessions() == 0
    assert (await step.account(person_id)).outside_digest is None
    async with step.database.reading() as session:
        assert await store.accounts.roles_of(session, person_id) == {AccessRole.COORDINATOR}


async def test_whoever_has_left_does_not_come_in_though_their_organisation_still_says_so(step):
    person_id = await step.add()
    await step.sign_in()
    async with step.database.transaction() as session:
        await disable_account(session, person_id)

    assert not await step.is_in()
    assert (await step.sign_in()).status_code == 403
    assert not await step.is_in()


async def test_whoever_left_and_was_added_again_comes_in_as_the_new_colleague(step):
    before = await step.add()
    await step.sign_in()
    async with step.database.transaction() as session:
        await disable_account(session, before)
    after = await step.add()

    assert (await step.sign_in()).status_code == 303
    assert (await step.account(before)).outside_digest is None
    assert (await step.account(after)).outside_digest is not None


async def test_a_linked_account_has_no_other_way_in(step):
    who = await step.door.set_up(SAM)

    await step.sign_in()
    await step.browser.post("/referral/sign-out")

    assert (await step.door.password(SAM, who.password)).status_code == 422
    assert (await step.account(who.id)).password_hash is None


async def test_two_accounts_there_are_never_one_colleague_here(step):
    await step.add()
    await step.sign_in()
    step.provider.knows("somebody.else", email=SAM)

    assert (await step.sign_in()).status_code == 403
