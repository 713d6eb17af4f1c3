"""The whole service between a real broker and a real mail server."""

import asyncio

import pytest
from pydantic import ValidationError

from services.notifications.domain.message import State
from services.notifications.store import SCHEMA
from services.notifications.store.waking import bell
from shared.contracts.words import Purpose
from shared.plumbing.settings import Settings
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.mail import MailSink
from tests.fixtures.patience import until
from tests.fixtures.web import visitor
from tests.notifications.builders import (
    CORA,
    granted,
    referral_received,
    session_scheduled,
    staff_joined,
)
from tests.notifications.house import House
from tests.notifications.office import Office, PromptCourier


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
        async with visitor(house.app) as browser:
            page = await browser.get("/notifications/")
            assert ("All mail stays in the mailbox of this machine" in page.text) == stays_here

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


async def test_a_stop_lets_the_letter_on_its_way_arrive(
    open_house, sqlite_store: Store, world: FixedWorld, mail_sink: MailSink
) -> None:
    mail_sink.will("slow_after_letter")
    database = await sqlite_store(SCHEMA, world=world)
    async with open_house(database) as house:
        house.referral.permit = lambda _: granted("sam@example.org", at=world.now())
        await house.tell(referral_received())
        await until(lambda: mail_sink.letters)
        assert (await house.office.messages())[0].state is State.SENDING
        asyncio.get_running_loop().call_later(0.3, mail_sink.hurry.set)

    assert (await house.office.messages())[0].state is State.SENT


async def test_referral_down_then_back_sends_what_waited(house: House, mail_sink: MailSink) -> None:
    await house.referral.goes_down()
    await house.office.hear(referral_received())
    bell(house.app.state.service.database).set()
    await house.asked_in_vain()
    assert mail_sink.letters == []

    assert house.referral.bus is not None
    await house.referral.bus.start()
    await house.minutes_go_by(until=lambda: mail_sink.letters)


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": "mail.example.org"},
        {"smtp_url": "smtp://"},
        {"smtp_url": "https://user:canary@mail.example.org"},
        {"mail_from": "us"},
        {"mail_from": "a@b.example, canary@x.example"},
    ],
)
def test_a_mail_server_or_sender_that_cannot_be_meant_is_refused_at_the_start(
    wrong: dict[str, str],
) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**wrong)

    assert "canary" not in str(refused.value)
