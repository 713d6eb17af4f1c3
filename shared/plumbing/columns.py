"""What a column of a store is made of: times that keep their zone, and whether it is personal.

started_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

PERSONAL: Final[dict[str, Any]] = {"info": {"personal": True}}
"""The column says something about a living person, or may: free text always does."""

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
