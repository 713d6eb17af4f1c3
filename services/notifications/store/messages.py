"""Messages: found, kept, listed. A change is kept only by whoever saw the version before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Uuid,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from services.notifications.domain.meetings import Told
from services.notifications.domain.message import (
    REASONS,
    CallOutcome,
    Message,
    Reason,
    State,
    Subject,
)
from services.notifications.domain.purposes import (
    ABOUT_A_MEETING,
    ANNOUNCES_A_MEETING,
    TO_STAFF,
)
from services.notifications.domain.turns import Happened
from services.notifications.store.matters import with_matter
from services.notifications.store.tables import HISTORY, MESSAGE, OPEN_TASK, TAKEN_BACK
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel, Purpose
from shared.plumbing.columns import UtcDateTime
from shared.plumbing.database import Session, insert_first

C = MESSAGE.c

UNSENT = or_(C.state == State.WAITING, OPEN_TASK)

# Made once: these are said for each message, and whenever the sender wakes.
_DUE = (
    select(MESSAGE)
    .where(C.due_at.is_not(None), C.due_at <= bindparam("now"))
    .order_by(C.due_at, C.id)
    .limit(bindparam("at_most", type_=Integer))
)
_NEXT_DUE = select(C.due_at).where(C.due_at.is_not(None)).order_by(C.due_at).limit(1)
_SAVE = update(MESSAGE).where(C.id == bindparam("seen_id"), C.version == bindparam("seen_version"))


class Overtaken(Refusal):
    """Somebody else changed the message first; nothing was stored."""

    status = 409


async def add(session: Session, message: Message) -> bool:
    """Keep a new message; False when this event has started it before."""
    statement = insert_first(MESSAGE, session.database.dialect)
    return await session.change(statement, _values(message)) == 1


async def save(session: Session, message: Message) -> None:
    """Keep a message that took one turn. Raises Overtaken if another turn came first."""
    seen = {"seen_id": message.id, "seen_version": message.version - 1}
    if await session.change(_SAVE, _values(message) | seen) != 1:
        raise Overtaken("Somebody changed this at the same moment. Please look at it again.")


async def find(session: Session, message_id: UUID) -> Message | None:
    return await _one(session, _messages().where(C.id == message_id))


async def due(session: Session, now: datetime, at_most: int) -> list[Message]:
    """What waits and may be tried now, the longest due first."""
    rows = await session.execute(_DUE, {"now": now, "at_most": at_most})
    return [_read(row) for row in rows]


async def next_due_at(session: Session) -> datetime | None:
    """When the first of those that wait is due; it may have passed."""
    found: datetime | None = (await session.execute(_NEXT_DUE)).scalar()
    return found


async def in_state(session: Session, state: State) -> list[Message]:
    return await _all(session, _messages().where(C.state == state))


async def unsent_announcements(session: Session, session_id: UUID) -> list[Message]:
    """What announces a meeting and can be taken back, held until this transaction ends."""
    statement = _messages().where(
        UNSENT,
        C.session_id == session_id,
        C.purpose.in_(sorted(ANNOUNCES_A_MEETING)),
    )
    return await _all(session, statement.with_for_update())


async def unsent_about_referral(
    session: Session, referral_id: UUID, purposes: Collection[Purpose]
) -> list[Message]:
    statement = _messages().where(
        UNSENT,
        C.referral_id == referral_id,
        C.purpose.in_(sorted(purposes)),
    )
    return await _all(session, statement.with_for_update())


async def unsent_to(session: Session, person_id: UUID) -> list[Message]:
    statement = _messages().where(UNSENT, C.person_id == person_id)
    return await _all(session, statement.with_for_update())


async def unsent_to_staff(
    session: Session, person_id: UUID, about: Collection[UUID]
) -> list[Message]:
    """What somebody who works here has not been told yet about any of these."""
    statement = _messages().where(
        UNSENT, C.person_id == person_id, C.part_of_id.is_(None), C.about_id.in_(about)
    )
    return await _all(session, statement.with_for_update())


async def told_about(
    session: Session, session_ids: Collection[UUID], but_for: UUID | None = None
) -> list[Told]:
    """What anybody was told, or is being told this moment, about any of these meetings.

    Leaves out what one message told: the one `but_for`.
    """
    statement = select(
        C.person_id,
        C.purpose,
        C.session_id,
        C.told_at,
    ).where(
        C.session_id.in_(session_ids),
        C.purpose.in_(sorted(ABOUT_A_MEETING)),
        or_(C.told_at.is_not(None), C.state == State.SENDING),
    )
    if but_for is not None:
        statement = statement.where(C.id != but_for)
    return [
        Told(person_id, Purpose(purpose), session_id, told_at)
        for person_id, purpose, session_id, told_at in await session.execute(statement)
        if session_id is not None
    ]


async def overdue_tasks(session: Session, now: datetime, at_most: int) -> list[Message]:
    """Open tasks about a meeting that has begun."""
    statement = (
        _messages()
        .where(
            OPEN_TASK,
            C.session_id.is_not(None),
            C.matters_until <= now,
        )
        .limit(at_most)
    )
    return await _all(session, statement)


@dataclass(frozen=True)
class Page:
    """Some messages, newest first, and where the next page begins."""

    messages: Sequence[Message]
    older_than: UUID | None
    """The message after which to go on; none on the last page."""


async def newest(
    session: Session,
    visible: ColumnElement[bool],
    state: State | None,
    after: UUID | None,
    length: int,
    *,
    few: bool = False,
) -> Page:
    """A page of the messages that are visible, newest first, beginning after the message `after`.

    By place in the list, never by number of page: the hundredth page costs what the first does.
    With `few` visible out of very many they are looked up from their matters.
    """
    seen = with_matter(_messages()).where(visible)
    statement = seen.order_by(C.created_at.desc(), C.id.desc())
    if state is not None:
        # SQLite would otherwise go down the whole list of that state, in search of those few.
        in_state = func.coalesce(C.state, "") if few else C.state
        statement = statement.where(in_state == state)
    if after is not None and (last := await _one(session, seen.where(C.id == after))) is not None:
        place = tuple_(C.created_at, C.id)
        statement = statement.where(
            place < tuple_(literal(last.created_at, UtcDateTime), literal(last.id, Uuid))
        )
    found = await _all(session, statement.limit(length + 1))
    more = len(found) > length
    return Page(found[:length], found[length - 1].id if more else None)


async def open_tasks(
    session: Session, visible: ColumnElement[bool], at_most: int, skip: int = 0
) -> list[Message]:
    """What somebody has to do by hand, of what is visible, the most pressing first."""
    statement = with_matter(_messages()).where(visible, OPEN_TASK).order_by(C.matters_until, C.id)
    return await _all(session, statement.offset(skip).limit(at_most))


async def taken_back_after_a_look(
    session: Session, visible: ColumnElement[bool], now: datetime, at_most: int, skip: int = 0
) -> list[Message]:
    """Tasks recalled after somebody was shown them, who may have told the person before that."""
    looked = exists().where(HISTORY.c.message_id == C.id, HISTORY.c.happened == Happened.SHOWN)
    statement = with_matter(_messages()).where(visible, TAKEN_BACK, C.matters_until > now, looked)
    in_order = statement.order_by(C.matters_until, C.id)
    return await _all(session, in_order.offset(skip).limit(at_most))


def _messages() -> Select[Any]:
    return select(MESSAGE)


async def _all(session: Session, statement: Select[Any]) -> list[Message]:
    return [_read(row) for row in await session.execute(statement)]


async def _one(session: Session, statement: Select[Any]) -> Message | None:
    row = (await session.execute(statement)).first()
    return None if row is None else _read(row)


def _values(message: Message) -> dict[str, Any]:
    same = (
        "id event_id person_id purpose created_at matters_until changed_at due_at version facts "
        "state reason attempts round_began_at silences channel told_at repeats outcome"
    )
    values = {name: getattr(message, name) for name in same.split()}
    return values | {
        "referral_id": message.subject.referral_id,
        "case_id": message.subject.case_id,
        "session_id": message.subject.session_id,
        "about_id": message.subject.referral_id or message.subject.case_id,
        "part_of_id": None if message.purpose in TO_STAFF else message.person_id,
    }


def _read(row: Row[Any]) -> Message:
    state = State(row.state)
    return Message(
        id=row.id,
        event_id=row.event_id,
        person_id=row.person_id,
        purpose=Purpose(row.purpose),
        subject=Subject(row.referral_id, row.case_id, row.session_id),
        created_at=row.created_at,
        matters_until=row.matters_until,
        changed_at=row.changed_at,
        due_at=row.due_at,
        version=row.version,
        facts=row.facts,
        state=state,
        reason=_reason(state, row.reason),
        attempts=row.attempts,
        round_began_at=row.round_began_at,
        silences=row.silences,
        channel=Channel(row.channel) if row.channel else None,
        told_at=row.told_at,
        repeats=row.repeats,
        outcome=CallOutcome(row.outcome) if row.outcome else None,
    )


def _reason(state: State, code: str | None) -> Reason | None:
    kind = REASONS[state]
    return None if kind is None or code is None else kind(code)
