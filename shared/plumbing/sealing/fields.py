"""One sealed column: what its values are bound to, and how they are padded."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column

from shared.plumbing.columns import Blob
from shared.plumbing.sealing import cipher
from shared.plumbing.sealing.keyring import SubjectKey

SHORT: Final = 32
"""The bucket for names, numbers and dates, in bytes."""

LONG: Final = 256
"""The bucket for notes and whatever else has no usual length."""


@dataclass(frozen=True)
class Field:
    """A sealed column. A value opens in its own row and column, for its own subject, or nowhere."""

    place: str
    """`service|table|column`"""
    bucket: int
    version: int = 1
    """Of the form in which the value is written; another version does not open."""

    @classmethod
    def of(cls, service: str, column: Column[Any], bucket: int) -> "Field":
        return cls(f"{service}|{column.table.name}|{column.name}", bucket)

    def seal(self, key: SubjectKey, row: UUID, plain: bytes | str) -> Blob:
        """Seal one value of the row with this id."""
        if isinstance(plain, str):
            plain = plain.encode()
        return cipher.seal(key.key, cipher.padded(plain, self.bucket), self._about(key, row))

    def open(self, key: SubjectKey | None, row: UUID, blob: Blob) -> bytes | None:
        """What was sealed; None when its key was destroyed. Raises Damaged."""
        if key is None:
            return None
        return cipher.unpadded(cipher.open_(key.key, blob, self._about(key, row)))

    def text(self, key: SubjectKey | None, row: UUID, blob: Blob) -> str | None:
        """What was sealed, when it was text; None when its key was destroyed. Raises Damaged."""
        plain = self.open(key, row, blob)
        return None if plain is None else plain.decode()

    def _about(self, key: SubjectKey, row: UUID) -> bytes:
        return f"{self.place}|{row}|{key.subject}|{self.version}".encode()
