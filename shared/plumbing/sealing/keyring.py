"""The keys one service has in hand: new ones, unwrapped ones, and those of its blind indexes."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.engine import URL

from shared.plumbing.sealing import cipher, keyfile
from shared.plumbing.sealing.trouble import KeysAway
from shared.plumbing.sealing.wrapping import FileWrapper, KeyWrapper, NoWrapper, wrong_keys
from shared.plumbing.settings import Settings

KEPT_SECONDS = 300.0
"""How long an unwrapped key stays in memory."""

MOST_KEPT = 4096

SERVICE_ID = UUID(int=0)
"""The subject of what belongs to nobody alone: the service itself."""


class Kind(StrEnum):
    """Whose a key is."""

    PERSON = "person"
    CASE = "case"
    COMPLAINT = "complaint"
    """Of somebody we do not know."""
    SERVICE = "service"


@dataclass(frozen=True)
class SubjectKey:
    """The key of one person, case or service, ready for use."""

    subject: UUID
    key: cipher.Key


@dataclass(frozen=True)
class NewKey:
    """A key that was just made, and how it is kept."""

    ready: SubjectKey
    kid: bytes
    wrapped: bytes


class Keyring:
    """What seals and opens for one service. Nothing here touches the store.

    An unwrapped key is found again by its wrapped form, which is read with every row: a key that
    was destroyed, by whichever process, is therefore never used once more.
    """

    def __init__(
        self, service: str, wrapper: KeyWrapper, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.service = service
        self.wrapper = wrapper
        self._now = now
        self._kept: OrderedDict[bytes, tuple[SubjectKey, float]] = OrderedDict()
        self._mistrusted: tuple[bytes, ...] | None = None
        self._index_keys: dict[tuple[bytes, str], bytes] = {}

    def new(self, subject: UUID, kind: Kind) -> NewKey:
        """Make a key for somebody. Raises KeysAway."""
        self._refuse_mistrusted()
        secret = cipher.new_secret()
        wrapped = self.wrapper.wrap(secret, self.about(subject, kind))
        ready = SubjectKey(subject, cipher.Key.of(secret))
        self._keep(wrapped, ready)
        return NewKey(ready, cipher.kid_in(wrapped), wrapped)

    def unwrap(self, subject: UUID, kind: Kind, wrapped: bytes) -> SubjectKey:
        """A key that is kept in the store. Raises KeysAway or Damaged."""
        kept = self._kept.get(wrapped)
        if kept is not None and kept[0].subject == subject and kept[1] > self._now():
            return kept[0]
        try:
            secret = self.wrapper.unwrap(wrapped, self.about(subject, kind))
        except KeysAway as away:
            if away.code == "keys_wrong":
                self.mistrust()
            raise
        ready = SubjectKey(subject, cipher.Key.of(secret))
        self._keep(wrapped, ready)
        return ready

    def forget(self, subject: UUID) -> None:
        """Drop whatever is in memory of this subject's keys."""
        for wrapped in [one for one, (kept, _) in self._kept.items() if kept.subject == subject]:
            del self._kept[wrapped]

    def index_key(self, field: str) -> bytes:
        """The key of one blind index. Raises KeysAway."""
        self._refuse_mistrusted()
        secret = self.wrapper.index_secret()
        known = self._index_keys.get((secret, field))
        if known is None:
            info = f"parley|blind index|{self.service}|{field}".encode()
            known = HKDF(SHA256(), length=cipher.KEY_BYTES, salt=None, info=info).derive(secret)
            self._index_keys[secret, field] = known
        return known

    def mistrust(self) -> None:
        """Seal nothing with these keys: the store was sealed with others.

        What was sealed with the wrong ones would be lost when the right ones are put back. Holds
        until the keys change, or `trust` is called.
        """
        self._mistrusted = self.wrapper.kids()

    def trust(self) -> None:
        """The keys fit the store after all."""
        self._mistrusted = None

    def _refuse_mistrusted(self) -> None:
        if self._mistrusted is not None and self._mistrusted == self.wrapper.kids():
            raise wrong_keys()

    def about(self, subject: UUID, kind: Kind) -> bytes:
        """What a wrapped key is bound to."""
        return f"dek|{self.service}|{kind.value}|{subject}|1".encode()

    def trouble(self) -> KeysAway | None:
        """Why nothing can be sealed or opened now, if so."""
        try:
            self.wrapper.kids()
        except KeysAway as away:
            return away
        return None

    def _keep(self, wrapped: bytes, ready: SubjectKey) -> None:
        now = self._now()
        self._kept[bytes(wrapped)] = (ready, now + KEPT_SECONDS)
        self._kept.move_to_end(wrapped)
        while self._kept and (
            len(self._kept) > MOST_KEPT or next(iter(self._kept.values()))[1] <= now
        ):
            self._kept.popitem(last=False)


def no_keys(service: str) -> Keyring:
    """A keyring without a key: what is personal is refused, and all else goes on."""
    return Keyring(service, NoWrapper())


def keyring_of(settings: Settings, service: str, store: URL) -> Keyring:
    """The keyring the settings say; a file that is not there yet is looked for again later."""
    if settings.keys is None:
        return no_keys(service)
    data = None
    if not settings.is_development and store.get_backend_name() == "sqlite" and store.database:
        data = Path(store.database).absolute().parent
    return Keyring(service, FileWrapper(keyfile.path_of(settings.keys, service), service, data))
