"""The questions other services ask, answered from a real store at the moment they are asked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.referral import handlers, store
from services.referral.actions import agreements, people
from services.referral.actions.case_file import Edit
from services.referral.actions.seeds import demo_id
from services.referral.domain.agreement import HowTold
from services.referral.domain.safe_hours import Weekday
from shared.contracts.referral import (
    ContactPermitWanted,
    GrantMoment,
    GrantRefusal,
    MeetingGrant,
    MeetingGrantWanted,
    PermitOutcome,
)
from shared.contracts.words import Channel, MeetingKind, Purpose, SuppressReason
from tests.referral.builders import (
    COORDINATOR,
    PHONE,
    STRANGER,
    a_newcomer,
    a_safe_contact,
    hours,
    some_id,
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
from tests.referral.held import while_held
from tests.referral.told import told


async def ask_permit(database, person_id, purpose, **about):
    ask = ContactPermitWanted(person_id=person_id, purpose=purpose, intent_id=some_id(80), **about)
    async with database.transaction() as session:
        return await handlers.answer_permit(ask, session)


async def looks(database):
    async with database.reading() as session:
        entry = session.schema.tables.audit.entry
        asked = entry.c.purpose.in_(("contact_permit", "name_cards"))
        rows = (await session.execute(select(entry).where(asked))).all()
    return [(row.actor_id, row.person_id, row.fields) for row in rows]


async def test_whoever_referred_themselves_is_told_by_email(database):
    referral = await a_waiting_referral(database)

    answer = await ask_permit(
        database, referral.person_id, Purpose.REFERRAL_RECEIVED, referral_id=referral.id
    )

    assert (answer.outcome, answer.address) == (PermitOutcome.GRANTED, "sam@example.org")


async def test_a05_what_one_party_is_to_be_told_is_not_sent_to_the_other(database):
    case = await an_open_case(database)
    about = {"referral_id": case.referral_id}

    sams = await ask_permit(database, case.sam, Purpose.REFERRAL_ACCEPTED, **about)
    swapped = await ask_permit(database, case.kim, Purpose.REFERRAL_ACCEPTED, **about)

    assert sams.outcome is PermitOutcome.GRANTED
    assert swapped.reason is SuppressReason.NOT_A_PARTY
    assert swapped.address is None


async def test_a05_a_message_about_somebody_elses_referral_is_denied(database):
    mine = await a_waiting_referral(database, 1)
    other = await a_waiting_referral(database, 2, a_newcomer("Kim Example"))

    answer = await ask_permit(
        database, mine.person_id, Purpose.REFERRAL_RECEIVED, referral_id=other.id
    )

    assert answer.reason is SuppressReason.NOT_A_PARTY


async def test_a_changed_address_counts_on_the_very_next_attempt(database):
    case = await an_open_case(database)
    about = {"referral_id": case.referral_id}
    before = await ask_permit(database, case.sam, Purpose.REFERRAL_ACCEPTED, **about)
    version = await version_of(database, case.referral_id)
    async with database.transaction() as session:
        await people.change_contact(
            session,
            Edit(case.referral_id, version, COORDINATOR),
            case.sam,
            a_newcomer(safe_contact=a_safe_contact(PHONE)),
        )

    after = await ask_permit(database, case.sam, Purpose.REFERRAL_ACCEPTED, **about)

    assert before.address == "sam@example.org"
    assert (after.outcome, after.channel) == (PermitOutcome.BY_HAND, Channel.PHONE)


async def test_do_not_contact_me_counts_on_the_very_next_attempt(database):
    case = await an_open_case(database)
    await say(database, people.ask_no_contact, case, case.sam)

    answer = await ask_permit(database, case.sam, Purpose.MEETING_CANCELLED, case_id=case.case_id)

    assert answer.reason is SuppressReason.ASKED_NOT_TO_BE_CONTACTED


async def test_a_number_is_shown_to_a_colleague_in_safe_hours_and_that_is_recorded(database, world):
    contact = a_safe_contact(PHONE, hours=hours(Weekday.TUESDAY))
    referral = await a_waiting_referral(database, who=a_newcomer(safe_contact=contact))
    about = {"referral_id": referral.id, "purpose": Purpose.REFERRAL_RECEIVED}

    unseen = await ask_permit(database, referral.person_id, **about)
    early = await ask_permit(database, referral.person_id, shown_to=COORDINATOR, **about)
    world.advance(timedelta(days=1, hours=1))
    stranger = await ask_permit(database, referral.person_id, shown_to=STRANGER, **about)
    shown = await ask_permit(database, referral.person_id, shown_to=COORDINATOR, **about)

    assert (unseen.outcome, unseen.address) == (PermitOutcome.BY_HAND, None)
    assert early.outcome is PermitOutcome.LATER
    assert early.not_before == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert (stranger.outcome, stranger.address) == (PermitOutcome.BY_HAND, None)
    assert shown.address == PHONE.address
    assert await looks(database) == [(COORDINATOR, referral.person_id, "contact")]


async def test_an_email_address_shown_to_a_colleague_is_recorded_as_well(database):
    who = (await a_waiting_referral(database)).person_id
    about = {"referral_id": some_id(1001), "purpose": Purpose.REFERRAL_RECEIVED}
    await ask_permit(database, who, **about)
    assert await looks(database) == []

    assert (await ask_permit(database, who, shown_to=COORDINATOR, **about)).address
    assert await looks(database) == [(COORDINATOR, who, "contact")]


async def test_a_meeting_is_spoken_of_from_the_grant_until_it_is_taken_back(database):
    case = await an_open_case(database)
    about = {"case_id": case.case_id, "session_id": some_id(4)}
    early = await ask_permit(database, case.kim, Purpose.MEETING_BOOKED, **about)
    await both_agree(database, case)
    assert (await ask_grant(database, a_meeting(case))).given

    now = await ask_permit(database, case.kim, Purpose.MEETING_BOOKED, **about)
    await say(database, agreements.withdraw_agreement, case, case.sam)
    after = await ask_permit(database, case.kim, Purpose.MEETING_BOOKED, **about)
    off = await ask_permit(database, case.kim, Purpose.MEETING_CANCELLED, **about)

    assert early.reason is SuppressReason.AGREEMENT_NOT_IN_FORCE
    assert now.outcome is PermitOutcome.GRANTED
    assert after.reason is SuppressReason.AGREEMENT_NOT_IN_FORCE
    assert off.outcome is PermitOutcome.GRANTED


async def test_preparing_somebody_may_be_told_to_them_and_not_to_the_other(database):
    case = await an_open_case(database)
    alone = a_meeting(case, kind=MeetingKind.PREPARATION, participant_ids=(case.sam,))
    assert (await ask_grant(database, alone)).given
    about = {"case_id": case.case_id, "session_id": some_id(4)}

    to_sam = await ask_permit(database, case.sam, Purpose.MEETING_BOOKED, **about)
    to_kim = await ask_permit(database, case.kim, Purpose.MEETING_BOOKED, **about)

    assert to_sam.outcome is PermitOutcome.GRANTED
    assert to_kim.reason is SuppressReason.NOT_A_PARTY


async def test_a_colleague_is_told_by_work_email_until_they_leave(database):
    referral = await a_waiting_referral(database)
    about = {"referral_id": referral.id}

    to_coordinator = await ask_permit(database, COORDINATOR, Purpose.STAFF_NEW_REFERRAL, **about)
    to_facilitator = await ask_permit(database, demo_id(2), Purpose.STAFF_NEW_REFERRAL, **about)

    assert to_coordinator.address == "coordinator@parley.example"
    assert to_facilitator.reason is SuppressReason.NOT_A_PARTY


async def test_a_joint_meeting_needs_what_both_parties_have_said(database):
    case = await an_open_case(database)
    without = await ask_grant(database, a_meeting(case))
    await both_agree(database, case)
    with_both = await ask_grant(database, a_meeting(case))

    assert without.refusals == (GrantRefusal.AGREEMENT_MISSING,)
    assert with_both.given
    assert {seen.person_id: seen.version for seen in with_both.agreements} == {
        case.sam: 1,
        case.kim: 1,
    }


async def test_a_case_nobody_knows_is_not_open(database):
    case = await an_open_case(database)

    answer = await ask_grant(database, a_meeting(case, case_id=some_id(404)))

    assert answer.refusals == (GrantRefusal.CASE_NOT_OPEN,)


async def test_asked_again_nearer_the_meeting_the_later_grant_takes_the_place_of_the_first(
    database,
):
    case = await an_open_case(database)
    await both_agree(database, case)
    first = await ask_grant(database, a_meeting(case))
    second = await ask_grant(database, a_meeting(case, moment=GrantMoment.DAY_BEFORE))

    async with database.reading() as session:
        (standing,) = await store.grants.standing(session, case.case_id)
    assert first.grant_id != second.grant_id
    assert standing.id == second.grant_id


async def test_taking_back_revokes_each_granted_meeting_and_tells_of_it_once(database):
    case = await an_open_case(database)
    await both_agree(database, case)
    for number in (4, 5):
        await ask_grant(database, a_meeting(case, session_id=some_id(number)))
    prepared = a_meeting(
        case, session_id=some_id(6), kind=MeetingKind.PREPARATION, participant_ids=(case.kim,)
    )
    await ask_grant(database, prepared)

    await say(database, agreements.withdraw_agreement, case, case.kim)

    revoked = [fact for fact in await told(database) if fact["fact"] == "meeting_grant_revoked"]
    assert [fact["session_id"] for fact in revoked] == [str(some_id(4)), str(some_id(5))]
    assert [fact["version"] for fact in revoked] == [2, 3]
    async with database.reading() as session:
        (left,) = await store.grants.standing(session, case.case_id)
    assert left.kind is MeetingKind.PREPARATION
    refused = await ask_grant(database, a_meeting(case))
    assert refused.refusals == (GrantRefusal.AGREEMENT_WITHDRAWN,)


async def test_a_withdrawal_waits_for_the_grant_it_has_to_revoke(database):
    case = await an_open_case(database)
    await both_agree(database, case)

    answer, _ = await while_held(
        database,
        lambda session: handlers.answer_grant(a_meeting(case), session),
        lambda: say(database, agreements.withdraw_agreement, case, case.kim),
    )

    assert answer.given
    async with database.reading() as session:
        assert await store.grants.standing(session, case.case_id) == []
    assert (await told(database))[-1]["grant_id"] == str(answer.grant_id)


async def test_a_grant_waits_for_the_withdrawal_that_forbids_it(database):
    case = await an_open_case(database)
    await both_agree(database, case)
    version = await version_of(database, case.referral_id)

    _, answer = await while_held(
        database,
        lambda session: agreements.withdraw_agreement(
            session, Edit(case.referral_id, version, COORDINATOR), case.kim, HowTold.BY_PHONE
        ),
        lambda: ask_grant(database, a_meeting(case)),
    )

    assert isinstance(answer, MeetingGrant)
    assert answer.refusals == (GrantRefusal.AGREEMENT_WITHDRAWN,)


@pytest.mark.parametrize("kind", MeetingKind)
async def test_a_meeting_led_by_nobody_who_works_here_is_refused(database, kind):
    case = await an_open_case(database)
    await both_agree(database, case)
    together = (case.sam, case.kim)
    ask = a_meeting(case, kind=kind, participant_ids=together, facilitator_ids=(STRANGER,))

    assert isinstance(ask, MeetingGrantWanted)
    assert (await ask_grant(database, ask)).refusals == (GrantRefusal.FACILITATOR_NOT_STAFF,)
