"""Puts a letter into an envelope: what a mail server, and whoever looks at the screen, gets."""

from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from services.notifications.wording import Letter


def message_id(intent_id: UUID, sender: str) -> str:
    """The same for every attempt at one message: a reader's own mailbox may drop the copy."""
    return f"<{intent_id}@{sender.rpartition('@')[2]}>"


def mail(letter: Letter, address: str, intent_id: UUID, now: datetime) -> EmailMessage:
    """One letter to exactly one address, in plain text and HTML.

    Nothing names the program that made it; robots are asked not to answer it.
    """
    envelope = EmailMessage(policy=policy.SMTP)
    envelope["From"] = Address(addr_spec=letter.sender)
    envelope["To"] = Address(addr_spec=address)
    envelope["Subject"] = letter.subject
    envelope["Date"] = format_datetime(now)
    envelope["Message-ID"] = message_id(intent_id, letter.sender)
    envelope["Auto-Submitted"] = "auto-generated"
    envelope["X-Auto-Response-Suppress"] = "All"
    envelope.set_content(letter.text, cte="quoted-printable")
    envelope.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    envelope["Content-Language"] = "en-GB"  # last: adding a half moves such lines into the other
    return envelope
