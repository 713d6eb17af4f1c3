"""Which messages a fact starts, once and in time, on both kinds of store."""

from datetime import timedelta

import pytest

from services.notifications.domain.message import State, intent_id
from services.notifications.domain.purposes import WINDOW
from shared.contracts.referral import PersonErased, StaffLeft
from shared.contracts.words import DeclineReason, Purpose, Role
from tests.notifications.builders import (
    ALEX,
    CORA,
    DAY,
    FAY,
    NOW,
    SAM,
    an_id,
    referral_accepted,
    referral_declined,
    referral_received,
    session_cancelled,
    session_rescheduled,
    session_scheduled,
    staff_joined,
)
from tests.notifications.office import Office, PromptCourier

SECOND = timedelta(seconds=1)


async def started(office: Office) -> set[tuple[Purpose, object]]:
    return {(one.purpose, one.person_id) for one in await office.messages()}


async def test_a_referral_is_acknowledged_and_every_coordinator_hears_of_it(office: Office) -> None:
    await office.hear(staff_joined(CORA))
    await office.hear(staff_joined(ALEX))
    await office.hear(staff_joined(FAY, Role.FACILITATOR))

    event = await office.hear(referral_received())

    assert await started(office) == {
        (Purpose.REFERRAL_RECEIVED, SAM),
        (Purpose.STAFF_NEW_REFERRAL, CORA),
        (Purpose.STAFF_NEW_REFERRAL, ALEX),
    }
    message = await office.message(Purpose.REFERRAL_RECEIVED)
    assert message.id == intent_id(event, SAM, Purpose.REFERRAL_RECEIVED)
    assert message.subject.referral_id == an_id("referral")


async def test_a_coordinator_who_left_hears_nothing_in_whatever_order_it_is_heard(
    office: Office,
) -> None:
    left = StaffLeft(person_id=CORA, role=Role.COORDINATOR)
    await office.hear(left, sequence=2)
    await office.hear(staff_joined(CORA), sequence=1)

    await office.hear(referral_received())

    assert await started(office) == {(Purpose.REFERRAL_RECEIVED, SAM)}


async def test_the_same_event_starts_a_message_once_however_often_it_is_heard(
    office: Office, courier: PromptCourier
) -> None:
    await office.hear(referral_received(), event_id=an_id("event"))
    await office.send_all()
    await office.hear(referral_received(), event_id=an_id("event"))
    await office.send_all()

    assert (await office.message(Purpose.REFERRAL_RECEIVED)).state is State.SENT
    assert len(courier.handed) == 1


@pytest.mark.parametrize("purpose", [Purpose.REFERRAL_RECEIVED, Purpose.STAFF_NEW_REFERRAL])
async def test_a_fact_is_news_until_its_window_ends_to_the_second(
    office: Office, purpose: Purpose
) -> None:
    await office.hear(staff_joined(CORA))

    await office.hear(referral_received(), told_at=NOW - WINDOW[purpose] - SECOND)
    assert purpose not in await office.states()

    await office.hear(referral_received(), told_at=NOW - WINDOW[purpose])
    assert purpose in await office.states()


async def test_a_replay_of_old_facts_starts_nothing_and_writes_to_nobody(
    office: Office, courier: PromptCourier
) -> None:
    long_ago = NOW - 30 * DAY
    for fact in (
        staff_joined(CORA),
        staff_joined(FAY, Role.FACILITATOR),
        referral_received(),
        referral_accepted(),
        session_scheduled(),
        session_rescheduled(),
        session_scheduled("second", replaces=an_id("meeting")),
        session_cancelled("second"),
        referral_declined(),
    ):
        await office.hear(fact, told_at=long_ago)

    assert await office.send_all() == 0
    assert (await office.messages(), courier.handed, office.referral.asked) == ([], [], [])


async def test_an_accepted_referral_is_told_to_the_person(office: Office) -> None:
    await office.hear(referral_accepted())

    message = await office.message(Purpose.REFERRAL_ACCEPTED)
    assert (message.person_id, message.subject.case_id) == (SAM, an_id("case"))


@pytest.mark.parametrize(
    ("reason", "tells"),
    [
        (DeclineReason.OUT_OF_SCOPE, True),
        (DeclineReason.SIGNPOSTED, True),
        (DeclineReason.LEGAL_TIMING, True),
        (DeclineReason.OTHER_PARTY_NOT_IDENTIFIED, True),
        (DeclineReason.REFERRER_WITHDREW, False),
        (DeclineReason.DUPLICATE, False),
        (DeclineReason.ADMINISTRATIVE_ERROR, False),
    ],
)
async def test_a_declined_referral_is_told_unless_its_reason_needs_no_telling(
    office: Office, reason: DeclineReason, tells: bool
) -> None:
    await office.hear(referral_declined(reason))

    assert (Purpose.REFERRAL_DECLINED in await office.states()) == tells


async def test_declining_takes_back_the_promise_that_somebody_will_look(office: Office) -> None:
    await office.hear(staff_joined(CORA))
    await office.hear(referral_received())

    await office.hear(referral_declined())

    assert await office.states() == {
        Purpose.REFERRAL_RECEIVED: State.RECALLED,
        Purpose.STAFF_NEW_REFERRAL: State.RECALLED,
        Purpose.REFERRAL_DECLINED: State.WAITING,
    }
    assert [(name, body["reason"]) for name, body, _ in await office.told()] == [
        ("message_recalled", "referral_declined")
    ] * 2


async def test_a_referral_heard_of_after_its_decline_starts_nothing(office: Office) -> None:
    await office.hear(referral_declined(DeclineReason.DUPLICATE))
    await office.hear(referral_received())

    assert await office.messages() == []


async def test_a_meeting_is_told_to_those_who_take_part_and_to_who_runs_it(office: Office) -> None:
    await office.hear(session_scheduled(participant_ids=(SAM, ALEX)))

    assert await started(office) == {
        (Purpose.MEETING_BOOKED, SAM),
        (Purpose.MEETING_BOOKED, ALEX),
        (Purpose.STAFF_MEETING_BOOKED, FAY),
    }
    assert {one.matters_until for one in await office.messages()} == {NOW + 5 * DAY}


async def test_nobody_is_told_of_a_meeting_that_has_begun(office: Office) -> None:
    await office.hear(session_scheduled(starts_at=NOW))

    assert await office.messages() == []


async def test_a_dead_meeting_is_never_announced_whichever_is_heard_first(office: Office) -> None:
    await office.hear(session_cancelled())
    await office.hear(session_scheduled())

    assert await office.messages() == []


async def test_a_moved_meeting_is_never_announced_whichever_is_heard_first(office: Office) -> None:
    await office.hear(session_rescheduled("meeting", "second"))
    await office.hear(session_scheduled("meeting"))

    assert await office.messages() == []


async def test_an_erased_person_hears_nothing_more(office: Office, courier: PromptCourier) -> None:
    await office.hear(staff_joined(SAM))
    await office.hear(referral_received())

    await office.hear(PersonErased(person_id=SAM))
    await office.send_all()
    await office.hear(referral_received(referral_id=an_id("another"), person_id=ALEX))

    assert {one.state for one in await office.messages() if one.person_id == SAM} == {
        State.RECALLED
    }
    assert courier.handed == []
