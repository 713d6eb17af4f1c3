"""What one service keeps about one person, asked for on their behalf: their right of access.

Only referral may ask, and only after somebody has shown again that it is they. What comes back is
about that person alone: never another party's data, and never the name of a colleague.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.ask import Answer, Ask
from shared.contracts.frozen import Frozen

Told = StrEnum | datetime | date | str | int | bool | None
"""What may stand in a record; None is left out."""


class RecordLine(Frozen):
    """One thing that is known: `State`, `sent`."""

    label: str
    """What it is that is known."""
    text: str = ""
    """What is known of it."""
    at: AwareDatetime | None = None
    """Instead of text where it is a moment, so that a page can show it in local time."""


class RecordSection(Frozen):
    """Things of one kind."""

    title: str
    """What they are."""
    note: str = ""
    """What has to be said about all of them."""
    entries: tuple[tuple[RecordLine, ...], ...] = ()


class PersonRecord(Answer):
    """All that one service keeps about one person."""

    sections: tuple[RecordSection, ...] = ()


class RecordWanted(Frozen):
    """About whom, and for whom."""

    person_id: UUID
    referral_ids: tuple[UUID, ...] = Field(default=(), max_length=200)
    """Their own referrals: how a service finds them that knows no person."""
    asked_by: UUID
    roles: str
    """What whoever asks is here for, as the audit has it."""


class SchedulingRecordWanted(RecordWanted, Ask):
    """Which meetings was this person asked to?"""

    subject: ClassVar[str] = "ask.scheduling.person_record.v1"
    answered_by: ClassVar[type[Answer]] = PersonRecord


class NotificationsRecordWanted(RecordWanted, Ask):
    """What was sent to this person, or told them by hand?"""

    subject: ClassVar[str] = "ask.notifications.person_record.v1"
    answered_by: ClassVar[type[Answer]] = PersonRecord


class ReportingRecordWanted(RecordWanted, Ask):
    """How are this person's referrals counted?"""

    subject: ClassVar[str] = "ask.reporting.person_record.v1"
    answered_by: ClassVar[type[Answer]] = PersonRecord


def entry(*told: tuple[str, Told]) -> tuple[RecordLine, ...]:
    """One entry of a record, without what is not known. A code is written as words."""
    return tuple(_line(label, value) for label, value in told if value not in (None, ""))


def _line(label: str, value: Told) -> RecordLine:
    match value:
        case datetime():
            return RecordLine(label=label, at=value)
        case bool():
            return RecordLine(label=label, text="Yes" if value else "No")
        case StrEnum():
            return RecordLine(label=label, text=in_words(value.value))
        case _:
            return RecordLine(label=label, text=str(value))


def in_words(code: str) -> str:
    """`asked_not_to_be_contacted` → `Asked not to be contacted`."""
    return code.replace("_", " ").capitalize()
