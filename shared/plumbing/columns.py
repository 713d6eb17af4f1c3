"""What a column of a store is made of: times that keep their zone, and whether it is personal.

started_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

PERSONAL: Final[dict[str, Any]] = {"info": {"personal": True}}
"""The column says something about a living person, or may: free text always does. It is sealed:
its type is `SealedBytes`, and only `sealing` can fill or read it."""

NOT_PERSONAL: Final[dict[str, Any]] = {"info": {"personal": False}}
"""The column holds ids, codes, times or counts that name nobody outside the referral store."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time. SQLite forgets zones; this type does not, on either database.

    Raises ValueError when given a time without a zone: it could mean two different moments.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("A stored time needs its zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Blob(bytes):
    """Bytes that were sealed; `sealing.cipher` makes them and nothing else does."""


class SealedBytes(TypeDecorator[Blob]):
    """A value nobody can read without its key. Raises TypeError for what was not sealed.

    This is the last fence: whatever code forgets to seal is refused here, and never stored.
    """

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[Blob]:
        return Blob

    def process_bind_param(self, value: Blob | None, dialect: Dialect) -> bytes | None:
        if value is not None and not isinstance(value, Blob):
            raise TypeError("A personal value is sealed before it is stored.")
        return value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Blob | None:
        return None if value is None else Blob(value)


class BlindIndex(TypeDecorator[bytes]):
    """Sixteen bytes by which an exact value can be found and nothing can be read: `blind.py`."""

    impl = LargeBinary(16)
    cache_ok = True

    @property
    def python_type(self) -> type[bytes]:
        return bytes
