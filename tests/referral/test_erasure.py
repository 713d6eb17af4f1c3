"""Erasing a person: what goes, what stays, and that it happens once, whole, or not at all."""

import pytest
from sqlalchemy import select

from services.referral import store
from services.referral.actions import agreements, erasure, permits, rights
from services.referral.actions.accounts import add_account
from services.referral.actions.rights import Decider
from services.referral.domain.accounts import Means
from services.referral.domain.erasure import Basis, WasErasedBefore
from services.referral.domain.people import WasErased
from services.referral.domain.rights import (
    AlreadyAsked,
    NeedsSomebodyElse,
    RequestState,
    RightKind,
)
from services.referral.domain.staff import LastCoordinator
from services.referral.domain.timeline import Happening
from services.referral.sign_in.tokens import begin
from services.referral.store import SCHEMA
from services.referral.store.people import PERSON, SAFE_CONTACT
from shared.contracts.access import AccessRole
from shared.contracts.referral import ContactPermitWanted, PermitOutcome
from shared.contracts.words import Purpose, SuppressReason
from shared.plumbing.database import Database
from shared.plumbing.idempotency import fingerprint_of, remember, remembered
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.keyring import keyring_of
from shared.plumbing.settings import Settings
from tests.referral.builders import COORDINATOR, some_id
from tests.referral.cases import a_meeting, an_open_case, ask_grant, both_agree, say
from tests.referral.erasing import MANAGER, NOTED, TODAY, asked, erase, rows
from tests.referral.told import facts, told


async def test_nothing_of_an_erased_person_can_be_read_found_or_reached(database, ledger):
    case = await an_open_case(database)

    await erase(database, ledger, case.sam)

    async with database.reading() as session:
        person = await store.people.find(session, case.sam)
        assert (person.name, person.erased, person.born) == ("Erased person", True, None)
        assert await store.people.contact_of(session, case.sam) is None
        assert await store.search.by_email(session, "sam@example.org") == [case.kim]
        row = (await session.execute(select(PERSON).where(PERSON.c.id == case.sam))).one()
        assert (row.name, row.born, row.born_index) == (b"", None, None)
        other = await store.people.find(session, case.kim)
        assert (other.name, other.erased) == ("Kim Example", False)
    assert await rows(database, "safe_contact", SAFE_CONTACT.c.person_id == case.sam) == 0


async def test_what_they_agreed_to_ends_and_the_meetings_with_them_are_called_off(database, ledger):
    case = await an_open_case(database)
    await both_agree(database, case)
    assert (await ask_grant(database, a_meeting(case))).given

    async with database.reading() as session:
        ahead = await erasure.outlook(session, case.sam)
    await erase(database, ledger, case.sam)

    assert (ahead.meetings, ahead.cases[0].others, ahead.works_here) == (1, 1, False)
    assert (await facts(database))[-2:] == ["meeting_grant_revoked", "person_erased"]
    async with database.reading() as session:
        latest = await store.agreements.latest(session, case.case_id)
        assert not latest[case.sam].in_force
        assert latest[case.kim].in_force
    assert not (await ask_grant(database, a_meeting(case, moment="confirmation"))).given


async def test_a_meeting_to_prepare_somebody_erased_is_not_granted(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)

    answer = await ask_grant(
        database, a_meeting(case, kind="preparation", participant_ids=(case.sam,))
    )

    assert not answer.given


async def test_a_permit_for_somebody_erased_is_denied(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    ask = ContactPermitWanted(
        person_id=case.sam,
        purpose=Purpose.REFERRAL_ACCEPTED,
        intent_id=some_id(9),
        referral_id=case.referral_id,
        shown_to=COORDINATOR,
    )

    async with database.transaction() as session:
        answer = await permits.answer_permit(session, ask)

    assert (answer.outcome, answer.address) == (PermitOutcome.DENIED, None)
    assert answer.reason is SuppressReason.PERSON_UNKNOWN


async def test_a_second_erasure_changes_nothing_and_a_second_request_is_not_taken(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    before = await facts(database)

    async with database.transaction() as session:
        again = await erasure.erase(session, ledger, case.sam, Basis.REQUEST, on=TODAY)
    with pytest.raises(WasErasedBefore):
        await asked(database, case.sam)

    assert again is False
    assert await facts(database) == before
    assert len(ledger.read()) == 1


async def test_the_register_and_the_audit_stay_and_name_nobody(database, ledger):
    case = await an_open_case(database)
    request = await erase(database, ledger, case.sam)

    async with database.reading() as session:
        found = await store.rights.find(session, request.id)
        assert (found.state, found.decided_by) == (RequestState.CARRIED_OUT, MANAGER.id)
        entry = SCHEMA.tables.audit.entry
        noted = await session.execute(
            select(entry.c.purpose, entry.c.person_id).where(entry.c.verb == "erasure")
        )
        assert set(noted) == {("erased", case.sam), ("erase_person", case.sam)}
        timeline = await store.timeline.of_referral(session, case.referral_id)
        assert timeline[-1].happening is Happening.ERASED
    [line] = ledger.read()
    assert (line.subject, line.on, line.code) == (case.sam, TODAY, "request")
    assert "Sam" not in ledger.path.read_text()


async def test_whoever_recorded_the_request_does_not_carry_it_out(database, ledger):
    case = await an_open_case(database)
    request = await asked(database, case.sam)

    with pytest.raises(NeedsSomebodyElse):
        async with database.transaction() as session:
            await rights.carry_out_erasure(session, ledger, request.id, NOTED)

    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).name == "Sam Example"
    assert ledger.read() == []


async def test_where_there_is_only_one_manager_they_may(database, ledger):
    case = await an_open_case(database)
    request = await asked(database, case.sam)

    async with database.transaction() as session:
        alone = Decider(COORDINATOR, TODAY, alone=True)
        await rights.carry_out_erasure(session, ledger, request.id, alone)

    assert [line.subject for line in ledger.read()] == [case.sam]


async def test_a_request_is_noted_once_and_others_of_theirs_end_with_the_erasure(database, ledger):
    case = await an_open_case(database)
    access = await asked(database, case.sam, RightKind.ACCESS)
    with pytest.raises(AlreadyAsked):
        await asked(database, case.sam, RightKind.ACCESS)

    await erase(database, ledger, case.sam)

    async with database.reading() as session:
        assert (await store.rights.find(session, access.id)).state is RequestState.WITHDRAWN
        assert await store.rights.open_requests(session) == []


async def test_nothing_more_is_recorded_of_somebody_erased(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)

    with pytest.raises(WasErased):
        await say(database, agreements.record_agreement, case, case.sam)


async def test_with_the_last_person_of_a_case_its_key_goes_as_well(database, ledger):
    case = await an_open_case(database)
    async with database.transaction() as session:
        await keys.new(session, case.case_id, keys.Kind.CASE)

    await erase(database, ledger, case.sam)
    async with database.reading() as session:
        assert await keys.destroyed_of(session, [case.case_id]) == set()
    await erase(database, ledger, case.kim)

    async with database.reading() as session:
        assert await keys.destroyed_of(session, [case.case_id]) == {case.case_id}


async def test_a_colleague_who_is_erased_is_signed_out_and_has_no_account_left(database, ledger):
    async with database.transaction() as session:
        person_id = await add_account(
            session,
            "Pat Leaver",
            "pat@example.org",
            frozenset({AccessRole.FACILITATOR}),
            name_digest=b"n" * 32,
        )
        await begin(session, person_id, Means.PASSWORD)
    async with database.transaction() as session:
        key = "page:/referral/staff:1"
        await remember(session, key, fingerprint_of(b"Pat"), 303, b"/referral/staff?done=joined")

    await erase(database, ledger, person_id)

    for table in ("account", "staff_session", "account_role", "account_area", "invitation"):
        column = SCHEMA.metadata.tables[table].c.person_id
        assert await rows(database, table, column == person_id) == 0, table
    assert (await facts(database))[-1] == "person_erased"
    assert [
        one["role"] for one in await told(database, everything=True) if one["fact"] == "staff_left"
    ] == ["facilitator"]
    async with database.transaction() as session:
        assert await remembered(session, key, fingerprint_of(b"Pat")) is None


async def test_what_a_request_was_answered_about_them_is_forgotten(database, ledger):
    case = await an_open_case(database)
    print_ = fingerprint_of(b"Sam Example, sam@example.org")
    async with database.transaction() as session:
        body = f'{{"referral_id":"{case.referral_id}"}}'.encode()
        await remember(session, "api:theirs", print_, 201, body)
        await remember(session, "api:other", print_, 201, b'{"referral_id":"another"}')

    await erase(database, ledger, case.sam)

    async with database.transaction() as session:
        assert await remembered(session, "api:theirs", print_) is None
        assert await remembered(session, "api:other", print_) is not None


async def test_the_only_coordinator_is_not_erased_while_referrals_would_reach_nobody(
    database, ledger
):
    async with database.reading() as session:
        count = await store.staff.coordinators(session)
    assert count == 1

    with pytest.raises(LastCoordinator):
        await erase(database, ledger, COORDINATOR)


async def test_erasing_needs_no_keys(database, ledger, tmp_path):
    case = await an_open_case(database)
    ring = keyring_of(Settings(keys=tmp_path / "none"), "referral", database.url)
    without = Database(database.url, SCHEMA, database.world, ring)

    async with without.transaction() as session:
        done = await erasure.erase(session, ledger, case.sam, Basis.REQUEST, on=TODAY)
    await without.close()

    assert done
    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).erased
