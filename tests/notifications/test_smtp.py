"""How far a letter got: what the courier can know, and what it must not pretend to know."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notifications.actions.sending import Delivered, Delivery
from services.notifications.channels.mail import mail
from services.notifications.channels.smtp import Courier, MailServer, Patience
from services.notifications.wording import Letter
from tests.fixtures.mail import Behaviour, MailSink

SENDER = "office@example.org"
SAM = "sam@example.org"
INTENT = UUID("0198c0de-0000-5000-8000-00000000aaaa")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LETTER = Letter(SENDER, "A message for you", ("Hello,", ".A line that begins with a dot."))

QUICK = Patience(*[timedelta(seconds=0.5)] * 3)


def courier_for(sink: MailSink, patience: Patience = QUICK) -> Courier:
    return Courier(MailServer.at(sink.url), patience)


async def deliver(sink: MailSink, *, allowed: bool = True) -> Delivery:
    envelope = mail(LETTER, SAM, INTENT, NOW)
    return await courier_for(sink).deliver(envelope, SENDER, SAM, lambda: allowed)


async def test_a_letter_arrives_whole_in_text_and_html(mail_sink: MailSink) -> None:
    delivery = await deliver(mail_sink)

    assert delivery == Delivery(Delivered.ACCEPTED, 250)
    [letter] = mail_sink.letters
    assert (letter.sender, letter.to) == (SENDER, SAM)
    assert letter.text == "Hello,\n\n.A line that begins with a dot.\n"
    assert "<p>.A line that begins with a dot.</p>" in letter.html
    assert letter.message["Subject"] == "A message for you"
    assert letter.message["Message-ID"] == f"<{INTENT}@example.org>"
    assert letter.message["Auto-Submitted"] == "auto-generated"


async def test_a_letter_names_neither_the_program_nor_more_than_one_reader(
    mail_sink: MailSink,
) -> None:
    await deliver(mail_sink)

    names = {name.lower() for name in mail_sink.letters[0].message}
    assert names == {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "content-language",
        "auto-submitted",
        "x-auto-response-suppress",
        "mime-version",
        "content-type",
    }
    assert mail_sink.letters[0].message["To"] == SAM


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("busy_at_greeting", Delivery(Delivered.BUSY, 421)),
        ("busy_at_rcpt", Delivery(Delivered.BUSY, 451)),
        ("refuse_at_mail", Delivery(Delivered.REFUSED, 550)),
        ("refuse_at_rcpt", Delivery(Delivered.ADDRESS_REFUSED, 550)),
        ("cut_at_rcpt", Delivery(Delivered.BUSY)),
        ("busy_at_data", Delivery(Delivered.BUSY, 452)),
        ("refuse_at_data", Delivery(Delivered.REFUSED, 554)),
        ("cut_at_data", Delivery(Delivered.BUSY)),
        ("busy_after_letter", Delivery(Delivered.BUSY, 451)),
        ("refuse_after_letter", Delivery(Delivered.REFUSED, 554)),
    ],
)
async def test_what_the_server_surely_did_not_take(
    mail_sink: MailSink, behaviour: Behaviour, expected: Delivery
) -> None:
    mail_sink.will(behaviour)

    assert await deliver(mail_sink) == expected
    assert mail_sink.letters == []


@pytest.mark.parametrize(
    ("behaviour", "taken"),
    [
        ("cut_after_letter", 0),
        ("take_and_cut_after_letter", 1),
        ("silent_after_letter", 1),
        ("nonsense_after_letter", 1),
    ],
)
async def test_what_nobody_can_know_is_said_to_be_unknown(
    mail_sink: MailSink, behaviour: Behaviour, taken: int
) -> None:
    mail_sink.will(behaviour)

    assert (await deliver(mail_sink)).outcome is Delivered.UNKNOWN
    assert len(mail_sink.letters) == taken


async def test_nobody_at_home_is_worth_another_try(mail_sink: MailSink) -> None:
    await mail_sink.stop()

    assert await deliver(mail_sink) == Delivery(Delivered.BUSY)


async def test_a_server_that_never_greets_is_given_up_before_anything_was_said() -> None:
    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    courier = Courier(MailServer("127.0.0.1", port, tls=False), QUICK)

    delivery = await courier.deliver(mail(LETTER, SAM, INTENT, NOW), SENDER, SAM, lambda: True)

    assert delivery == Delivery(Delivered.BUSY)
    server.close()


async def test_a_permit_that_ran_out_on_the_way_keeps_the_letter_back(mail_sink: MailSink) -> None:
    assert await deliver(mail_sink, allowed=False) == Delivery(Delivered.BUSY)
    assert mail_sink.spoken_to == 1
    assert mail_sink.letters == []


async def test_off_this_machine_nothing_goes_in_the_clear() -> None:
    elsewhere = MailSink("127.0.0.2")  # not one of the names of this machine, and without TLS
    await elsewhere.start()

    assert await deliver(elsewhere) == Delivery(Delivered.BUSY)
    assert (elsewhere.spoken_to, elsewhere.letters) == (1, [])

    await elsewhere.stop()


@pytest.mark.parametrize("url", ["", "http://mail.example.org", "smtp://", "smtp:mail"])
def test_a_mail_server_that_cannot_be_meant_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="PARLEY_SMTP_URL must look like"):
        MailServer.at(url)


def test_a_mail_servers_password_is_never_shown() -> None:
    server = MailServer.at("smtps://post%40office:top%2Fsecret@mail.example.org")

    assert (server.username, server.password, server.port) == ("post@office", "top/secret", 465)
    assert "secret" not in repr(server)
