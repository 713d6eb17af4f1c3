from email.message import EmailMessage
from uuid import UUID

import aiosmtplib
import pytest

from deploy import mailbox
from deploy.mail_store import MailStore
from tests.fixtures.signed_in import SignedIn
from tests.fixtures.web import visitor

CANARY = "<script>alert('Zebedee')</script>"


def a_mail(**changes):
    usual = {
        "From": "office@example.org",
        "To": "someone@example.org",
        "Subject": "About your request",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
    }
    mail = EmailMessage()
    for name, value in {**usual, **changes}.items():
        mail[name] = value
    mail.set_content("We have your message. " + CANARY)
    mail.add_alternative(f"<p>We have your <b>message</b>. {CANARY}</p>", subtype="html")
    return mail


@pytest.fixture
def mails(tmp_path):
    return MailStore(tmp_path / "mailbox")


@pytest.fixture
async def browser(mails):
    async with visitor(mailbox.create(mails, SignedIn())) as client:
        yield client


async def send(mail, port, recipients=None):
    await aiosmtplib.send(
        mail, hostname="127.0.0.1", port=port, recipients=recipients, start_tls=False
    )


async def test_what_is_sent_over_smtp_can_be_read_newest_first(mails, browser):
    async with mailbox.serve_smtp(mails) as port:
        await send(a_mail(Subject="The first"), port)
        await send(a_mail(Subject="The second"), port)

    page = (await browser.get("/mailbox")).text
    assert page.index("The second") < page.index("The first")
    assert "someone@example.org" in page


async def test_a_message_is_kept_as_it_was_sent_and_for_whom_it_really_was(mails, browser):
    async with mailbox.serve_smtp(mails) as port:
        await send(a_mail(To="undisclosed@example.org"), port, ["hidden@example.org"])

    (mail,) = mails.newest(10)
    assert mail.to == "hidden@example.org"
    kept = mails.find(UUID(mail.id))
    assert kept["To"] == "undisclosed@example.org"
    assert kept.get_body(("plain",)).get_content().startswith("We have your message.")


async def test_one_message_shows_its_text_its_html_and_its_headers(mails, browser):
    async with mailbox.serve_smtp(mails) as port:
        await send(a_mail(), port)
    (mail,) = mails.newest(10)

    page = await browser.get(f"/mailbox/{mail.id}")

    assert page.status_code == 200
    assert "We have your message." in page.text
    assert "&lt;p&gt;We have your &lt;b&gt;message&lt;/b&gt;" in page.text
    assert "office@example.org" in page.text
    assert "<script>alert" not in page.text


async def test_html_as_the_reader_sees_it_can_do_nothing(mails, browser):
    async with mailbox.serve_smtp(mails) as port:
        await send(a_mail(), port)
    (mail,) = mails.newest(10)

    page = await browser.get(f"/mailbox/{mail.id}/html")

    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "allow-scripts" not in policy


async def test_mail_outlives_the_run(mails, tmp_path):
    async with mailbox.serve_smtp(mails) as port:
        await send(a_mail(), port)

    assert len(MailStore(tmp_path / "mailbox").newest(10)) == 1


async def test_a_mailbox_on_a_full_disk_asks_to_try_again_later(mails):
    mails.folder.rmdir()
    mails.folder.write_text("a file where the folder was")

    async with mailbox.serve_smtp(mails) as port:
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(a_mail(), port)

    assert refused.value.code == 451


async def test_nobody_who_is_not_signed_in_can_read_the_mail(mails):
    async with visitor(mailbox.create(mails, SignedIn()), staff=None) as browser:
        page = await browser.get("/mailbox")

    assert page.status_code == 303
    assert page.headers["location"] == "/referral/sign-in?next=%2Fmailbox"


async def test_an_empty_mailbox_says_so(browser):
    assert "No message has been sent yet." in (await browser.get("/mailbox")).text


@pytest.mark.parametrize("wrong", ["0198c0de-0000-7000-8000-0000000000aa", "../../keys/secret"])
async def test_a_message_that_is_not_there_is_not_found(browser, wrong):
    assert (await browser.get(f"/mailbox/{wrong}")).status_code == 404


async def test_a_malformed_message_is_shown_all_the_same(mails, browser):
    mails.keep(
        UUID("0198c0de-0000-7000-8000-0000000000aa"),
        "",
        ["a@example.org"],
        b"Date: yesterday\r\nSubject: =?utf-8?b?broken\r\nContent-Type: text/plain; charset=no\r\n"
        b"\r\n\xff\xfe",
    )

    assert (await browser.get("/mailbox")).status_code == 200
    assert (await browser.get("/mailbox/0198c0de-0000-7000-8000-0000000000aa")).status_code == 200
