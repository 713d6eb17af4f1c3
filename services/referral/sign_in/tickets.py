"""What one page of the sign-in hands on to the next: sealed, so that nobody reads or changes it.

Nothing is stored before somebody has shown who they are.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

GOOD_FOR = timedelta(minutes=10)


class TicketOver(Exception):
    """A ticket that is too old, for another page, or not ours."""


def issue(purpose: str, content: Mapping[str, str], key: bytes, now: datetime) -> str:
    """The ticket for the page that serves this purpose."""
    plain = json.dumps([purpose, now.timestamp(), dict(content)]).encode()
    return urlsafe_b64encode(SecretBox(key).encrypt(plain)).decode()


def read(purpose: str, ticket: object, key: bytes, now: datetime) -> dict[str, str]:
    """What is in a ticket. Raises TicketOver."""
    try:
        plain = SecretBox(key).decrypt(urlsafe_b64decode(str(ticket).encode("ascii")))
    except (CryptoError, ValueError) as error:
        raise TicketOver from error
    meant_for, issued, content = json.loads(plain)
    age = now - datetime.fromtimestamp(issued, UTC)
    if meant_for != purpose or not timedelta() <= age < GOOD_FOR:
        raise TicketOver
    return {str(name): str(value) for name, value in content.items()}
