"""The sender, a recall and a broken store: whoever comes second sees what the first has done."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.notifications.actions import by_hand, sending, turning
from services.notifications.actions.sending import Delivery
from services.notifications.domain import turns
from services.notifications.domain.message import Message, State
from services.notifications.domain.turns import Turn
from services.notifications.routes.pressing import pressed
from services.notifications.store import SCHEMA
from services.notifications.store.messages import Overtaken
from shared.contracts.words import Channel, Purpose
from shared.plumbing.database import Session
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.notifications.builders import CORA, FAY, NOW, SAM, session_cancelled, session_scheduled
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.office import Office, PromptCourier

ALONE = {"facilitator_ids": ()}
BLOCKED = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
async def on_postgresql(postgres_store: Store, world: FixedWorld, courier: PromptCourier) -> Office:
    """Only PostgreSQL has two writers at once."""
    return Office(await postgres_store(SCHEMA, world=world), world, courier)


async def test_a_turn_is_kept_only_by_whoever_saw_the_turn_before(office: Office) -> None:
    await office.hear(session_scheduled(**ALONE))
    message = await office.message(Purpose.MEETING_BOOKED)
    async with office.database.transaction() as session:
        await turning.take(session, turns.nobody_answered(message, NOW))

    with pytest.raises(Overtaken):
        async with office.database.transaction() as session:
            await turning.take(session, turns.begin(message, Channel.EMAIL, NOW))

    now = await office.message(Purpose.MEETING_BOOKED)
    assert (now.state, now.version) == (State.WAITING, message.version + 1)


async def test_a_recall_stored_between_the_last_look_and_the_store_of_sending_wins(
    on_postgresql: Office, courier: PromptCourier, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, look = [], sending.not_to_be_sent

    async def looked(session: Session, message: Message) -> Turn | None:
        against = await look(session, message)
        looks.append(against)
        if len(looks) == 2:  # the second is the one inside the transaction
            await on_postgresql.hear(session_cancelled(**ALONE))
        return against

    monkeypatch.setattr(sending, "not_to_be_sent", looked)
    await on_postgresql.hear(session_scheduled(**ALONE))

    await on_postgresql.send_all()

    assert looks == [None, None]
    assert await on_postgresql.written_to(SAM) == [(Purpose.MEETING_BOOKED, State.RECALLED)]
    assert courier.handed == []


async def test_a_recall_waits_for_a_sender_that_was_first_and_then_tells_that_it_is_off(
    on_postgresql: Office, courier: PromptCourier, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, cancelling = turning.take, []

    async def take_slowly(session: Session, turn: Turn) -> None:
        await take(session, turn)
        if turn.message.state is State.SENDING and not cancelling:
            hearing = on_postgresql.hear(session_cancelled(**ALONE))
            cancelling.append(asyncio.ensure_future(hearing))
            while not await session.scalar(BLOCKED):  # noqa: ASYNC110 - a lock sets no event
                await asyncio.sleep(0.01)

    monkeypatch.setattr("services.notifications.actions.sending.turning.take", take_slowly)
    await on_postgresql.hear(session_scheduled(**ALONE))

    await on_postgresql.sender.send_due()
    await asyncio.gather(*cancelling)
    await on_postgresql.send_all()

    assert len(courier.handed) == 2
    assert await on_postgresql.written_to(SAM) == [
        (Purpose.MEETING_BOOKED, State.SENT),
        (Purpose.MEETING_CANCELLED, State.SENT),
    ]


@pytest.mark.parametrize(("times", "end"), [(2, State.SENT), (3, State.UNCERTAIN)])
async def test_what_the_mail_server_said_is_stored_as_soon_as_the_store_can_be_reached(
    office: Office, monkeypatch: pytest.MonkeyPatch, times: int, end: State
) -> None:
    """Only the sender knows it: it keeps trying, and says so when it has to give up."""
    settle, failures = sending.settle, []

    async def broken(session: Session, sent: Message, delivery: Delivery) -> State | None:
        if len(failures) < times:
            failures.append(sent)
            raise OSError("the store is gone")
        return await settle(session, sent, delivery)

    moment = timedelta(milliseconds=1)
    monkeypatch.setattr("services.notifications.channels.sender.SETTLE_AGAIN", (moment, moment))
    monkeypatch.setattr(sending, "settle", broken)
    await office.hear(session_scheduled(**ALONE))

    await office.sender.send_due()
    await office.sender.send_due()

    assert await office.written_to(SAM) == [(Purpose.MEETING_BOOKED, end)]


async def test_two_people_saying_at_once_that_they_told_somebody_said_it_once(
    on_postgresql: Office,
) -> None:
    office = on_postgresql
    office.referral.will_say(SAM, by_hand_permit())
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    task = await office.message(Purpose.MEETING_BOOKED)

    async with office.database.transaction() as session:
        assert await by_hand.note_reached(session, task.id, CORA)
        late = asyncio.create_task(
            pressed(
                office.database.transaction, lambda other: by_hand.note_reached(other, task.id, FAY)
            )
        )
        while not await session.scalar(BLOCKED):  # noqa: ASYNC110 - a lock sets no event
            await asyncio.sleep(0.01)

    assert not await late
    assert [name for name, _, _ in await office.told()] == ["message_sent"]
