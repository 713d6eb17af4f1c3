"""What was decided about pieces of text that are about more than one person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, UniqueConstraint, bindparam, delete, select
from sqlmodel import Field

from services.referral.domain.pieces import Decision, Ground, Ruling, Source
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.database import Session
from shared.plumbing.sealing import fields, keys


class RulingRow(Base, table=True):
    """One decision, for the copy of one person, and sealed under that person's key."""

    __tablename__ = "piece_ruling"
    __table_args__ = (UniqueConstraint("person_id", "source", "piece_id"),)

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL)
    source: str = Field(sa_column_kwargs=NOT_PERSONAL)
    piece_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    size: int = Field(sa_column_kwargs=NOT_PERSONAL)
    decision: str = Field(sa_column_kwargs=NOT_PERSONAL)
    ground: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    given: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    reason: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    decided_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    decided_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


RULING = SCHEMA.metadata.tables["piece_ruling"]

_GIVEN = fields.Field.of(SCHEMA.name, RULING.c.given, fields.LONG)
_REASON = fields.Field.of(SCHEMA.name, RULING.c.reason, fields.LONG)
_OF = (
    keys.joined(select(RULING), SCHEMA, RULING.c.person_id)
    .where(RULING.c.person_id == bindparam("person"))
    .order_by(RULING.c.decided_at, RULING.c.id)
)
_DROP = delete(RULING).where(
    RULING.c.person_id == bindparam("person"),
    RULING.c.source == bindparam("from"),
    RULING.c.piece_id == bindparam("piece"),
)


async def save(session: Session, person_id: UUID, ruling: Ruling, by: UUID) -> None:
    """Keep a decision in place of an earlier one about the same piece. Raises WasErased."""
    key = await keys.of(session, person_id)
    which = {"person": person_id, "from": ruling.source.value, "piece": ruling.piece_id}
    await session.execute(_DROP, which)
    given = ruling.given
    await session.insert(
        RulingRow,
        {
            "id": ruling.id,
            "person_id": person_id,
            "source": ruling.source.value,
            "piece_id": ruling.piece_id,
            "size": ruling.size,
            "decision": ruling.decision.value,
            "ground": ruling.ground.value if ruling.ground else None,
            "given": None if given is None else _GIVEN.seal(key, ruling.id, given),
            "reason": _REASON.seal(key, ruling.id, ruling.reason),
            "decided_by": by,
            "decided_at": session.now(),
        },
    )


async def drop(session: Session, person_id: UUID, ruling_id: UUID) -> None:
    """Let a piece wait again."""
    mine = (RULING.c.person_id == person_id, RULING.c.id == ruling_id)
    await session.execute(delete(RULING).where(*mine))


async def rulings_for(session: Session, person_id: UUID) -> list[Ruling]:
    """What was decided for one person's copy and can still be read."""
    rows = await session.execute(_OF, {"person": person_id})
    found = (_ruling(session, row) for row in rows)
    return [one for one in found if one is not None]


def _ruling(session: Session, row: Row[Any]) -> Ruling | None:
    key = keys.in_row(session, row.person_id, row)
    reason = _REASON.text(key, row.id, row.reason)
    if reason is None:
        return None  # they were erased
    return Ruling(
        id=row.id,
        source=Source(row.source),
        piece_id=row.piece_id,
        size=row.size,
        decision=Decision(row.decision),
        ground=Ground(row.ground) if row.ground else None,
        given=None if row.given is None else _GIVEN.text(key, row.id, row.given),
        reason=reason,
    )
