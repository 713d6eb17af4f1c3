"""Messages that have ended long ago, what a hold keeps of them, and dropping what is over."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, or_, select

from services.notifications.domain.message import State
from services.notifications.store.matters import STANDINGS, known_as
from services.notifications.store.tables import (
    DECLINED,
    HELD,
    HISTORY,
    MATTER,
    MEETING,
    MESSAGE,
)
from shared.plumbing.database import ConflictInsert, Session, conflict_insert

ENDED = or_(
    MESSAGE.c.state.in_([State.SENT, State.FAILED, State.SUPPRESSED, State.RECALLED]),
    and_(MESSAGE.c.state == State.NEEDS_A_CALL, MESSAGE.c.outcome.is_not(None)),
)
"""Nothing more happens to it by itself."""


def ended_messages(before: datetime) -> Select[Any]:
    """Those that had ended by then, and were about something that was over by then: who was told
    of a meeting is still asked when that is called off."""
    is_over = (MESSAGE.c.changed_at <= before, MESSAGE.c.matters_until <= before)
    return select(MESSAGE.c.id).where(ENDED, *is_over)


def keeps_message(message_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition that a hold keeps the matter this message is about."""
    message, held, matter = MESSAGE.alias().c, HELD.alias().c, MATTER.alias().c
    by_case = exists().where(
        matter.told_as == message.about_id, matter.referral_id == held.referral_id
    )
    return exists().where(
        message.id == message_id,
        held.holds,
        or_(held.referral_id == message.about_id, by_case),
    )


async def note_hold(session: Session, referral_id: UUID, version: int, *, holds: bool) -> None:
    """Keep what was told, unless something later is known."""
    row = {"referral_id": referral_id, "holds": holds, "version": version}
    await session.execute(_keep_latest(session.database.dialect), row)


async def find(session: Session, message_id: UUID) -> Row[Any] | None:
    return (await session.execute(select(MESSAGE).where(MESSAGE.c.id == message_id))).first()


async def drop_message(session: Session, message_id: UUID) -> None:
    await session.execute(delete(HISTORY).where(HISTORY.c.message_id == message_id))
    await session.execute(delete(MESSAGE).where(MESSAGE.c.id == message_id))


async def drop_matter(session: Session, referral_id: UUID, case_id: UUID | None) -> None:
    """Take a matter out of every table. A repeat changes nothing."""
    about = {*await known_as(session, referral_id), *([case_id] if case_id else [])}
    told_of = or_(
        MESSAGE.c.referral_id == referral_id,
        MESSAGE.c.about_id.in_(about),
        MESSAGE.c.case_id.in_(about),
    )
    messages = select(MESSAGE.c.id).where(told_of)
    await session.execute(delete(HISTORY).where(HISTORY.c.message_id.in_(messages)))
    await session.execute(delete(MESSAGE).where(told_of))
    if case_id is not None:
        await session.execute(delete(MEETING).where(MEETING.c.case_id == case_id))
    for statement in (
        delete(DECLINED).where(DECLINED.c.referral_id == referral_id),
        delete(MATTER).where(MATTER.c.referral_id == referral_id),
        delete(HELD).where(HELD.c.referral_id == referral_id),
    ):
        await session.execute(statement)
    await STANDINGS.forget_matter(session, *about)


@cache
def _keep_latest(dialect: str) -> ConflictInsert:
    statement = conflict_insert(HELD, dialect)
    changed = {name: statement.excluded[name] for name in ("holds", "version")}
    return statement.on_conflict_do_update(
        index_elements=["referral_id"],
        set_=changed,
        where=statement.excluded.version > HELD.c.version,
    )
