"""What the outbox needs of its stream: to tell into it, and to read back what it holds."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as the stream holds it: not checked, whoever wrote it."""

    seq: int
    subject: str
    headers: Mapping[str, str]
    body: bytes
    stored_at: datetime

    @property
    def event_id(self) -> UUID | None:
        """None when it has no id an event of ours could have."""
        try:
            return UUID(self.headers.get("ce-id", ""))
        except ValueError:
            return None

    @property
    def day(self) -> date:
        """The day, in UTC, it was recorded on; where it does not say so, the day it was stored."""
        recorded_at = self.headers.get("ce-time", "")
        if recorded_at.endswith("Z"):  # as we write it
            try:
                return date.fromisoformat(recorded_at[:10])
            except ValueError:
                pass
        return self.stored_at.astimezone(UTC).date()


class Counting(Protocol):
    """Knows how far a stream has come."""

    async def last_seq(self) -> int:
        """The place of the last event in the stream; raises when that cannot be known."""


class Stream(Counting, Protocol):
    """A service's own stream, to be read back."""

    async def extent(self) -> tuple[int, int]:
        """The first and the last place there is; an empty stream's last is before its first."""

    def read(self, first: int, last: int) -> AsyncIterator[Stored]:
        """Everything held from one place to another, in order. Raises when it cannot be read."""

    async def get(self, seq: int) -> Stored | None:
        """What is held in this place, if anything. Raises when that cannot be known."""


class Publisher(Stream, Protocol):
    """How the relay reaches the broker."""

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> int:
        """Publish one event and return its place in the stream; raise unless it is stored."""
