"""What the timeline says of messages, as notifications tell how each of them ended."""

import pytest

from services.referral import handlers, store
from services.referral.domain.timeline import Ending
from shared.contracts.fact import Envelope
from shared.contracts.notifications import (
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageSuppressed,
)
from shared.contracts.words import Channel, FailReason, Purpose, RecallReason, SuppressReason
from shared.plumbing.hearing import Hearing
from tests.referral.builders import CASE, NOW, REFERRAL, SAM, some_id

MESSAGE = some_id(60)
ABOUT = {
    "message_id": MESSAGE,
    "person_id": SAM,
    "purpose": Purpose.REFERRAL_RECEIVED,
    "referral_id": REFERRAL,
}
SENT = MessageSent(**ABOUT, channel=Channel.EMAIL)
FAILED = MessageFailed(**ABOUT, reason=FailReason.ADDRESS_REFUSED)
SUPPRESSED = MessageSuppressed(**ABOUT, reason=SuppressReason.NOT_ON_GUEST_LIST)
RECALLED = MessageRecalled(**ABOUT, reason=RecallReason.MEETING_CANCELLED)

HANDLERS = {
    MessageSent: handlers.note_sent,
    MessageFailed: handlers.note_failed,
    MessageSuppressed: handlers.note_suppressed,
    MessageRecalled: handlers.note_recalled,
}


async def hear(database, fact, sequence=1):
    envelope = Envelope(
        id=some_id(700 + sequence),
        source="notifications",
        type=type(fact).subject,
        subject=fact.aggregate_id,
        sequence=sequence,
        time=NOW,
        correlation=some_id(1),
    )
    async with database.transaction() as session:
        await HANDLERS[type(fact)](fact, envelope, session)


async def notes(database, case_id=None):
    async with database.reading() as session:
        return await store.timeline.notes_about(session, REFERRAL, case_id)


@pytest.mark.parametrize(
    ("fact", "ending", "reason"),
    [
        (SENT, Ending.SENT, None),
        (FAILED, Ending.FAILED, "address_refused"),
        (SUPPRESSED, Ending.SUPPRESSED, "not_on_guest_list"),
        (RECALLED, Ending.RECALLED, "meeting_cancelled"),
    ],
)
async def test_how_a_message_ended_is_noted_with_its_reason(database, fact, ending, reason):
    await hear(database, fact)

    (note,) = await notes(database)
    assert (note.ending, note.reason, note.at) == (ending, reason, NOW)
    assert note.channel is (Channel.EMAIL if fact is SENT else None)


async def test_a_fact_that_comes_twice_is_one_note(database):
    await hear(database, SENT)
    await hear(database, SENT)

    assert len(await notes(database)) == 1


async def test_facts_that_come_in_the_wrong_order_leave_the_later_ending(database):
    await hear(database, FAILED, sequence=2)
    await hear(database, SENT, sequence=1)

    (note,) = await notes(database)
    assert note.ending is Ending.FAILED


async def test_messages_about_the_case_belong_to_it_too(database):
    about_case = {**ABOUT, "referral_id": None, "case_id": CASE, "message_id": some_id(61)}
    await hear(database, SENT)
    await hear(database, MessageSent(**about_case, channel=Channel.EMAIL))

    assert len(await notes(database)) == 1
    assert len(await notes(database, CASE)) == 2


def test_everything_that_is_answered_or_heard_has_one_place():
    hearing = Hearing()
    handlers.listen(hearing)

    assert set(hearing.heard) == {"notifications"}
    assert set(hearing.facts) == set(HANDLERS)
    assert {ask.owner() for ask in hearing.asks} == {"referral"}
