"""The store was put back from an older copy, in which messages wait that have ended since."""

from uuid import UUID

from services.notifications.actions import by_hand
from services.notifications.domain.message import State, UnknownReason
from shared.contracts.words import Purpose
from shared.plumbing import parked
from shared.plumbing.outbox.strangers import ERROR_CODE, own_reader
from tests.notifications.builders import CORA, SAM, an_id, session_scheduled
from tests.notifications.office import Office, PromptCourier

BOOKED = Purpose.MEETING_BOOKED
ALONE = {"facilitator_ids": ()}


async def found_in_the_stream(office: Office, message_id: UUID) -> UUID:
    """What comparing does with an event about this message that the outbox does not know."""
    headers = {"ce-id": str(an_id("event")), "ce-subject": str(message_id)}
    async with office.database.transaction() as session:
        return await parked.park(
            session,
            own_reader("notifications"),
            headers,
            b"{}",
            "notifications.message_sent.v1",
            7,
            ERROR_CODE,
        )


async def test_a_message_that_had_ended_since_is_uncertain_and_not_sent_again(
    office: Office, courier: PromptCourier
) -> None:
    await office.hear(session_scheduled(**ALONE))
    message = await office.message(BOOKED)
    await found_in_the_stream(office, message.id)

    await office.send_all()

    message = await office.message(BOOKED)
    assert (message.state, message.reason) == (State.UNCERTAIN, UnknownReason.STORE_PUT_BACK)
    assert f"{SAM}@example.org" not in [letter.to for letter in courier.handed]


async def test_giving_the_event_up_does_not_send_the_message_again(
    office: Office, courier: PromptCourier
) -> None:
    await office.hear(session_scheduled(**ALONE))
    message = await office.message(BOOKED)
    parked_id = await found_in_the_stream(office, message.id)
    async with office.database.transaction() as session:
        await parked.ask_discard(session, parked_id, "the store was put back")

    await office.send_all()

    assert (await office.message(BOOKED)).state is State.UNCERTAIN


async def test_what_a_person_then_decides_to_send_is_sent(office: Office) -> None:
    await office.hear(session_scheduled(**ALONE))
    message = await office.message(BOOKED)
    await found_in_the_stream(office, message.id)
    await office.send_all()

    async with office.database.transaction() as session:
        await by_hand.try_again(session, message.id, CORA)
    await office.send_all()

    assert (await office.message(BOOKED)).state is State.SENT


async def test_a_message_the_stream_says_nothing_of_is_sent(office: Office) -> None:
    await office.hear(session_scheduled(**ALONE))
    await found_in_the_stream(office, an_id("another message"))

    await office.send_all()

    assert (await office.message(BOOKED)).state is State.SENT
