"""The whole service between a real broker and a real mail server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import String, Text, select

from services.notifications.domain.message import Message, State
from services.notifications.store import SCHEMA
from services.notifications.store.tables import CODE, Base
from services.notifications.store.waking import bell
from shared.contracts.fact import Fact
from shared.contracts.words import Purpose
from shared.plumbing import outbox
from shared.plumbing.database import Database
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.mail import MailSink
from tests.fixtures.patience import until
from tests.fixtures.web import running, visitor
from tests.notifications.builders import (
    CORA,
    OPEN,
    SAM,
    by_hand,
    granted,
    referral_received,
    session_scheduled,
    staff_joined,
)
from tests.notifications.desk import NewApp, Referral
from tests.notifications.office import Office, PromptCourier

CANARIES = ("canary.bird@example.org", "Canary Bird", "07400 990099", "canaryword")


@dataclass
class House:
    """A running notifications service, and the referral service it listens to."""

    app: FastAPI
    referral: Referral
    office: Office
    """Only to look into the store."""
    world: FixedWorld
    told: int = 0

    async def tell(self, *facts: Fact) -> None:
        """Referral records facts and its relay publishes them, as it does in real life."""
        assert self.referral.bus is not None
        database = self.referral.bus._database
        async with database.transaction() as session:
            for fact in facts:
                self.told += 1
                await outbox.record(session, fact, version=self.told)
        await outbox.Relay(database, self.referral.bus.publisher).publish_waiting()

    async def in_state(self, state: State, count: int = 1) -> list[Message]:
        """Wait until so many messages are in this state."""
        async with asyncio.timeout(15):
            while True:
                found = [one for one in await self.office.messages() if one.state is state]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.02)

    async def asked_in_vain(self) -> None:
        """Wait until somebody was asked for a permit and did not answer."""
        async with asyncio.timeout(15):
            while True:
                if any(one.silences for one in await self.office.messages()):
                    return
                await asyncio.sleep(0.02)

    async def minutes_go_by(self, until: Callable[[], object]) -> None:
        """Let the sender see one minute after the other go by; its clock does not go by itself."""
        async with asyncio.timeout(15):
            while not until():
                self.world.advance(timedelta(minutes=1))
                bell(self.app.state.service.database).set()
                await asyncio.sleep(0.05)


@pytest.fixture
def open_house(new_app: NewApp, world: FixedWorld) -> object:
    @asynccontextmanager
    async def opened(database: Database, **settings: object) -> AsyncIterator[House]:
        office = Office(database, world, PromptCourier(world))
        settings = {"guest_list": ("@example.org",), **settings}
        async with new_app(database, sends=True, **settings) as (app, referral), running(app):
            await app.state.service.bus.listening()
            yield House(app, referral, office, world)

    return opened


@pytest.fixture
async def house(open_house, sqlite_store: Store, world: FixedWorld) -> AsyncIterator[House]:
    async with open_house(await sqlite_store(SCHEMA, world=world)) as one:
        one.referral.permit = lambda _: granted("sam@example.org", at=world.now())
        yield one


async def test_a_fact_becomes_a_letter_without_anybody_waiting_for_a_poll(
    house: House, mail_sink: MailSink
) -> None:
    await house.tell(staff_joined(CORA), referral_received())

    await until(lambda: len(mail_sink.letters) == 2, within=4)

    subjects = {letter.message["Subject"] for letter in mail_sink.letters}
    assert subjects == {"A message for you", "Something new is waiting for you"}
    await house.in_state(State.SENT, 2)


async def test_on_postgresql_the_sender_leads_and_is_woken_too(
    open_house, postgres_store: Store, world: FixedWorld, mail_sink: MailSink
) -> None:
    database = await postgres_store(SCHEMA, world=world)
    async with open_house(database) as house:
        house.referral.permit = lambda _: granted("sam@example.org", at=world.now())
        await house.tell(referral_received())
        await until(lambda: mail_sink.letters, within=4)
        await house.in_state(State.SENT)

        # A commit made by another process, which only PostgreSQL can tell this one of.
        await house.office.hear(session_scheduled(facilitator_ids=()))
        await until(lambda: len(mail_sink.letters) == 2, within=4)


async def test_without_a_guest_list_nothing_is_written_to_anybody(
    open_house, sqlite_store: Store, world: FixedWorld, mail_sink: MailSink
) -> None:
    database = await sqlite_store(SCHEMA, world=world)
    async with open_house(database, guest_list=()) as house:
        house.referral.permit = lambda _: granted("sam@example.org", at=world.now())
        await house.tell(referral_received())

        await house.in_state(State.SUPPRESSED)

    assert mail_sink.spoken_to == 0


@pytest.mark.parametrize(("stays_here", "sent"), [(True, True), (False, False)])
async def test_a_star_opens_the_list_only_when_the_mailbox_is_our_own(
    open_house,
    sqlite_store: Store,
    world: FixedWorld,
    mail_sink: MailSink,
    stays_here: bool,
    sent: bool,
) -> None:
    database = await sqlite_store(SCHEMA, world=world)
    async with open_house(database, guest_list=("*",), smtp_stays_here=stays_here) as house:
        house.referral.permit = lambda _: granted("sam@example.org", at=world.now())
        await house.tell(referral_received())
        await house.in_state(State.SENT if sent else State.SUPPRESSED)

    assert len(mail_sink.letters) == sent


async def test_a_message_left_half_sent_is_uncertain_after_the_next_start(
    open_house, sqlite_store: Store, world: FixedWorld, mail_sink: MailSink
) -> None:
    database = await sqlite_store(SCHEMA, world=world)
    office = Office(database, world, PromptCourier(world))

    class Died(BaseException):
        pass

    async def never_comes_back() -> None:
        raise Died

    office.sender._courier.meanwhile = never_comes_back  # type: ignore[attr-defined]
    await office.hear(referral_received())
    with pytest.raises(Died):
        await office.sender.send_due()

    async with open_house(database) as house:
        [message] = await house.in_state(State.UNCERTAIN)

    assert message.purpose is Purpose.REFERRAL_RECEIVED
    assert mail_sink.spoken_to == 0


async def test_referral_down_then_back_sends_what_waited(house: House, mail_sink: MailSink) -> None:
    await house.referral.goes_down()
    await house.office.hear(referral_received())
    bell(house.app.state.service.database).set()
    await house.asked_in_vain()
    assert mail_sink.letters == []

    assert house.referral.bus is not None
    await house.referral.bus.start()
    await house.minutes_go_by(until=lambda: mail_sink.letters)


# Nobody is in it


def test_every_column_is_marked_and_none_can_hold_a_person() -> None:
    for table in Base.metadata.tables.values():
        ours = table.name in {
            mapper.local_table.name
            for mapper in Base._sa_registry.mappers  # type: ignore[union-attr]
        }
        for column in table.columns:
            assert "personal" in column.info, f"{table.name}.{column.name} is not marked"
            if not ours:
                continue
            assert column.info["personal"] is False, f"{table.name}.{column.name}"
            assert not isinstance(column.type, Text), f"{table.name}.{column.name}"
            if isinstance(column.type, String):
                assert column.type.length is not None
                assert column.type.length <= CODE


async def test_no_address_name_number_or_word_is_stored_logged_or_told(
    house: House,
    mail_sink: MailSink,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, name, number, word = CANARIES
    words = OPEN.model_copy(update={"avoid": (word,)})
    now = house.world.now
    house.referral.names = {SAM: name}

    house.referral.permit = lambda _: granted(address, at=now(), words=words)
    mail_sink.will("refuse_at_rcpt", "busy_after_letter", "take_and_cut_after_letter", "accept")
    await house.tell(*(referral_received(referral_id=house.world.new_id()) for _ in range(4)))
    await until(lambda: mail_sink.spoken_to == 4)
    await house.in_state(State.SENT)
    house.referral.permit = lambda ask: by_hand(
        address=number if ask.shown_to else None, words=words
    )
    await house.tell(referral_received(referral_id=house.world.new_id()))
    [task] = await house.in_state(State.NEEDS_A_CALL)
    async with visitor(house.app) as browser:
        page = await browser.post(f"/notifications/calls/{task.id}/reach")
        assert all(canary in page.text for canary in (name, number, word)), "they really came by"
        assert name in (await browser.get("/notifications/")).text

    assert any(address == letter.to for letter in mail_sink.letters)
    captured = capsys.readouterr()
    logged = captured.out + captured.err
    assert "message_settled" in logged
    for canary in CANARIES:
        assert canary not in logged
        for table, stored in (await everything_in(house.office.database)).items():
            assert canary not in stored, table


async def everything_in(database: Database) -> dict[str, str]:
    """All that the store holds, plumbing's tables too, as text."""
    found = {}
    async with database.reading() as session:
        for table in database.schema.metadata.sorted_tables:
            rows = await session.execute(select(table))
            found[table.name] = "\n".join(
                " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row
                )
                for row in rows
            )
    return found
