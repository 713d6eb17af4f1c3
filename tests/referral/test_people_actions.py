"""The people of a case: who joins it, what they agree to, and how they may be reached."""

import pytest

from services.referral import store
from services.referral.actions import agreements, people, triage
from services.referral.actions.case_file import Edit
from services.referral.domain.case_file import NotThere, PageOutOfDate
from services.referral.domain.parties import FirstPartyHasNotAgreed
from services.referral.domain.timeline import Happening
from shared.contracts.words import Side
from tests.referral.builders import (
    COORDINATOR,
    PHONE,
    STRANGER,
    a_newcomer,
    a_safe_contact,
)
from tests.referral.cases import (
    a_meeting,
    a_waiting_referral,
    an_open_case,
    ask_grant,
    both_agree,
    say,
    version_of,
)
from tests.referral.told import told


async def test_the_other_party_is_known_from_then_on(database):
    case = await an_open_case(database)

    added = (await told(database))[-1]
    assert (added["fact"], added["version"]) == ("party_added", 1)
    assert (added["case_id"], added["person_id"]) == (str(case.case_id), str(case.kim))
    async with database.reading() as session:
        parties = await store.cases.parties_of(session, case.case_id)
    assert [party.person_id for party in parties] == [case.sam, case.kim]


async def test_without_the_first_partys_agreement_nobody_is_added(database):
    referral = await a_waiting_referral(database)
    async with database.transaction() as session:
        await triage.accept_referral(session, Edit(referral.id, 1, COORDINATOR))

    with pytest.raises(FirstPartyHasNotAgreed):
        async with database.transaction() as session:
            await people.add_other_party(
                session,
                Edit(referral.id, 2, COORDINATOR),
                a_newcomer("Kim Example"),
                Side.BOTH,
                first_party_agrees=False,
            )
    assert "party_added" not in [fact["fact"] for fact in await told(database)]


async def test_every_version_of_an_agreement_is_kept(database):
    case = await an_open_case(database)
    await say(database, agreements.record_agreement, case, case.sam)
    await say(database, agreements.withdraw_agreement, case, case.sam)
    await say(database, agreements.record_agreement, case, case.sam)

    async with database.reading() as session:
        latest = await store.agreements.latest(session, case.case_id)
        entries = await store.timeline.of_referral(session, case.referral_id)
    assert latest[case.sam].version == 3
    assert latest[case.sam].in_force
    assert case.kim not in latest
    assert [entry.happening for entry in entries][-3:] == [
        Happening.AGREED,
        Happening.AGREEMENT_WITHDRAWN,
        Happening.AGREED,
    ]


async def test_a_stranger_can_neither_agree_nor_be_changed(database):
    case = await an_open_case(database)

    for act in (agreements.record_agreement, agreements.withdraw_agreement, people.ask_no_contact):
        with pytest.raises(NotThere):
            await say(database, act, case, STRANGER)


async def test_changed_contact_details_replace_the_old_ones(database):
    case = await an_open_case(database)
    version = await version_of(database, case.referral_id)

    async with database.transaction() as session:
        await people.change_contact(
            session,
            Edit(case.referral_id, version, COORDINATOR),
            case.kim,
            a_newcomer("Kim Sample", safe_contact=a_safe_contact(PHONE)),
        )

    async with database.reading() as session:
        person = await store.people.find(session, case.kim)
        assert person is not None
        assert person.name == "Kim Sample"
        assert await store.people.contact_of(session, case.kim) == a_safe_contact(PHONE)
    assert await version_of(database, case.referral_id) == version + 1


async def test_a_page_that_is_out_of_date_changes_nothing(database):
    case = await an_open_case(database)
    version = await version_of(database, case.referral_id)

    with pytest.raises(PageOutOfDate):
        async with database.transaction() as session:
            await people.change_contact(
                session, Edit(case.referral_id, version - 1, COORDINATOR), case.kim, a_newcomer("X")
            )

    async with database.reading() as session:
        person = await store.people.find(session, case.kim)
    assert person is not None
    assert person.name == "Kim Example"


async def test_do_not_contact_me_ends_what_was_agreed_and_every_meeting(database):
    case = await an_open_case(database)
    await both_agree(database, case)
    await ask_grant(database, a_meeting(case))

    await say(database, people.ask_no_contact, case, case.kim)

    async with database.reading() as session:
        person = await store.people.find(session, case.kim)
        latest = await store.agreements.latest(session, case.case_id)
        assert await store.grants.standing(session, case.case_id) == []
    assert person is not None
    assert person.asked_no_contact_at is not None
    assert not latest[case.kim].in_force
    assert latest[case.sam].in_force
    assert (await told(database))[-1]["fact"] == "meeting_grant_revoked"

    await say(database, people.ask_contact_again, case, case.kim)
    async with database.reading() as session:
        latest = await store.agreements.latest(session, case.case_id)
    assert not latest[case.kim].in_force
