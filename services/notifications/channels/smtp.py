"""Speaks SMTP, step by step, so that it knows exactly how far a letter got.

Until the last line of a letter has been handed over it was surely not accepted; after that only
the server's answer can say. Nothing the server says is kept but its three digits: its words tend
to repeat the address.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog
from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from services.notifications.actions.sending import Delivered, Delivery

log = structlog.get_logger()

CONNECTING = timedelta(seconds=10)
SPEAKING = timedelta(seconds=20)
"""How long the server may take over each step before the letter is handed over."""
ACCEPTING = timedelta(seconds=120)
"""How long it may take over accepting the letter: giving up here leaves the message uncertain."""

GO_AHEAD = 354
ACCEPTED = 250

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_DOT_AT_LINE_START = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed in."""

    host: str
    port: int
    tls: bool
    """Encrypted from the first byte; otherwise by STARTTLS, or in the clear on this machine."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_here(self) -> bool:
        return self.host in LOOPBACK

    @classmethod
    def at(cls, url: str) -> "MailServer":
        """Read `smtp://user:password@host:port` or `smtps://…`. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("PARLEY_SMTP_URL must look like smtp://host:port or smtps://host:port")
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587),
            tls=tls,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True)
class Patience:
    """How long each part may take; shorter in tests."""

    connecting: timedelta = CONNECTING
    speaking: timedelta = SPEAKING
    accepting: timedelta = ACCEPTING


class Courier:
    """Hands letters to one mail server, one connection for each."""

    def __init__(self, server: MailServer, patience: Patience | None = None) -> None:
        self._server = server
        self._patience = patience or Patience()

    async def deliver(
        self, envelope: EmailMessage, sender: str, address: str, allowed: Callable[[], bool]
    ) -> Delivery:
        """Hand over one letter and say what came of it; never raises for what a server does.

        `allowed` is asked a last time when only the letter itself is left to hand over: a slow
        server must not carry it past the end of its permit.
        """
        client = self._client()
        try:
            refused = await self._until_data(client, sender, address)
            if refused is None and not allowed():
                refused = Delivery(Delivered.BUSY)
            return refused or await self._hand_over(client, envelope)
        finally:
            client.close()

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            # An address is personal: off this machine it is not sent in the clear.
            start_tls=not (server.tls or server.is_here),
            local_hostname="localhost",
            timeout=self._patience.speaking.total_seconds(),
        )

    async def _until_data(self, client: SMTP, sender: str, address: str) -> Delivery | None:
        """Everything before the letter itself. None when the server waits for it."""
        try:
            await client.connect(timeout=self._patience.connecting.total_seconds())
            await client.mail(sender)
            await client.rcpt(address)
            answer = await client.execute_command(b"DATA")
        except SMTPRecipientRefused as refusal:
            return _refusal(refusal.code, Delivered.ADDRESS_REFUSED)
        except SMTPSenderRefused as refusal:
            return _refusal(refusal.code, Delivered.REFUSED)
        except (SMTPException, OSError, ValueError) as trouble:
            # Whatever it is, down to a wrong password, it is about us and not about this person:
            # worth trying again, and to be put right by whoever runs this.
            code = trouble.code if isinstance(trouble, SMTPResponseException) else None
            log.warning("mail_server_trouble", error_type=type(trouble).__name__, code=code)
            return Delivery(Delivered.BUSY, code)
        return None if answer.code == GO_AHEAD else _refusal(answer.code, Delivered.REFUSED)

    async def _hand_over(self, client: SMTP, envelope: EmailMessage) -> Delivery:
        """The letter and the dot after it. From the write on, only an answer tells us anything."""
        protocol = client.protocol
        letter = _DOT_AT_LINE_START.sub(b"..", envelope.as_bytes()) + b".\r\n"
        try:
            if protocol is None:
                return Delivery(Delivered.BUSY)
            protocol.write(letter)
        except (SMTPException, OSError):
            return Delivery(Delivered.BUSY)  # the connection was gone before the first byte
        try:
            patience = self._patience.accepting.total_seconds()
            answer = await protocol.read_response(timeout=patience)
        except (SMTPException, OSError) as trouble:
            log.warning("mail_server_silent_after_letter", error_type=type(trouble).__name__)
            return Delivery(Delivered.UNKNOWN)
        if answer.code == ACCEPTED:
            with suppress(SMTPException):  # a polite goodbye; the letter is taken either way
                protocol.write(b"QUIT\r\n")
            return Delivery(Delivered.ACCEPTED, answer.code)
        if 400 <= answer.code < 600:
            return _refusal(answer.code, Delivered.REFUSED)
        return Delivery(Delivered.UNKNOWN, answer.code)


def _refusal(code: int, for_good: Delivered) -> Delivery:
    """4xx: not now. 5xx: never. Anything else is no refusal we know: try again."""
    return Delivery(for_good if 500 <= code < 600 else Delivered.BUSY, code)
