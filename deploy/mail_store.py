"""Mail kept as files: one message a file, named by when it came, exactly as it was sent."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from uuid import UUID

SUFFIX = ".eml"


@dataclass(frozen=True)
class Mail:
    """One message as the mailbox shows it."""

    id: str
    to: str
    subject: str
    sent: datetime | None


class MailStore:
    """The messages in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, mail_id: UUID, sender: str, recipients: Sequence[str], content: bytes) -> None:
        """Keep a message for good; it is on the disk when this returns.

        The envelope goes in front, as mail servers do: who it was really for is not in the rest.
        """
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {one}" for one in recipients)]
        partial = self.folder / f"{mail_id}.part"
        with partial.open("wb") as file:
            file.write("\r\n".join([*envelope, ""]).encode() + content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._path(str(mail_id)))
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def newest(self, most: int) -> list[Mail]:
        """The newest messages first. Ids are UUIDv7, so their order is the order they came in."""
        paths = sorted(self.folder.glob(f"*{SUFFIX}"), reverse=True)[:most]
        return [self._summary(path) for path in paths]

    def find(self, mail_id: UUID) -> EmailMessage | None:
        """The whole message; None when there is none."""
        path = self._path(str(mail_id))
        if not path.exists():
            return None
        return message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)

    def _path(self, mail_id: str) -> Path:
        return self.folder / f"{mail_id}{SUFFIX}"

    def _summary(self, path: Path) -> Mail:
        with path.open("rb") as file:
            headers = BytesHeaderParser(EmailMessage, policy=policy.default).parse(file)
        return Mail(path.stem, recipients_of(headers), subject_of(headers), sent_at(headers))


def recipients_of(message: EmailMessage) -> str:
    """Who it was really delivered to."""
    return ", ".join(str(one) for one in message.get_all("Delivered-To", []))


def subject_of(message: EmailMessage) -> str:
    return str(message.get("Subject", "")).strip() or "(no subject)"


def part_of(message: EmailMessage, kind: str) -> str | None:
    """The text of its `plain` or `html` part; None when it has none."""
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # in a character set there is no such
        raw = part.get_payload(decode=True)
        return raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else str(raw)


def sent_at(message: EmailMessage) -> datetime | None:
    """What its Date header says; None when that is not a moment in time."""
    date = getattr(message["Date"], "datetime", None)
    return date if isinstance(date, datetime) and date.tzinfo is not None else None
