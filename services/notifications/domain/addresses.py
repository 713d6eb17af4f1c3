"""What may stand in the one line of an envelope that decides who reads a letter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

ONE_ADDRESS = re.compile(
    r"(?P<local>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)",
    re.ASCII,
)
"""One plain address: no comma, no quotes, no angle brackets, nothing that could make it two.

Python's own mail classes turn `a@b.c, evil@x` into two recipients.
"""

LONGEST_ADDRESS = 254


def is_one_address(address: str) -> bool:
    """Whether this names exactly one mailbox, in a form every mail server reads alike."""
    return len(address) <= LONGEST_ADDRESS and ONE_ADDRESS.fullmatch(address) is not None


@dataclass(frozen=True)
class GuestList:
    """Who may be written to at all. Outside production that is only these, and never by default."""

    trial: bool
    everyone: bool = False
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def allows(self, address: str) -> bool:
        """Whether this address may be written to; every address may when it is no trial."""
        if not self.trial or self.everyone:
            return True
        written = address.strip().casefold()
        return written in self.addresses or written.rpartition("@")[2] in self.domains


def guest_list(entries: Iterable[str], *, trial: bool, mail_stays_here: bool) -> GuestList:
    """Read entries such as `someone@example.org`, `@example.org` or `*`.

    `*` counts only when `mail_stays_here`: nothing leaves the built-in mailbox of this machine,
    so a copied setting cannot open a trial to the world. Anything unreadable allows nobody.
    """
    written = [entry.strip().casefold() for entry in entries]
    return GuestList(
        trial=trial,
        everyone=mail_stays_here and "*" in written,
        addresses=frozenset(entry for entry in written if is_one_address(entry)),
        domains=frozenset(
            entry[1:] for entry in written if entry[:1] == "@" and is_one_address("x" + entry)
        ),
    )
