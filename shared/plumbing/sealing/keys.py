"""The table of wrapped keys: made with what they seal, read with it, and destroyed for good."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Table, Update, bindparam, select, update

from shared.plumbing.database.conflicts import insert_first
from shared.plumbing.sealing.keyring import SERVICE_ID, Kind, SubjectKey
from shared.plumbing.sealing.trouble import KeysAway, WasErased

if TYPE_CHECKING:
    from shared.plumbing.database import Schema, Session

ASKED_AT_ONCE = 500

DESTROYED = b""
"""In place of a wrapped key that is gone: its row stays, so that erased is not taken for lost."""


async def new(session: "Session", subject: UUID, kind: Kind) -> SubjectKey:
    """Make and store a key, in the transaction of what it will seal. Raises KeysAway."""
    made = session.database.keyring.new(subject, kind)
    row = _row(session, subject, kind, made.kid, made.wrapped)
    await session.change(_insert(session.schema.tables.sealed_key), row)
    session.keys[subject] = made.ready
    return made.ready


async def of(session: "Session", subject: UUID) -> SubjectKey:
    """The key to seal with. Raises KeysAway, and WasErased when it was destroyed."""
    known = session.keys.get(subject)
    if known is None:
        known = (await of_all(session, [subject]))[subject]
    if known is None:
        raise WasErased
    return known


async def of_or_new(session: "Session", subject: UUID, kind: Kind) -> SubjectKey:
    """The key to seal with, made when it is first needed. Raises KeysAway and WasErased.

    Two that make it at once keep the first.
    """
    table = session.schema.tables.sealed_key
    if (await session.execute(_of_all(table), {"wanted": [subject]})).first() is None:
        made = session.database.keyring.new(subject, kind)
        row = _row(session, subject, kind, made.kid, made.wrapped)
        await session.execute(insert_first(table, session.database.dialect), row)
    return await of(session, subject)


async def of_all(session: "Session", subjects: Iterable[UUID]) -> dict[UUID, SubjectKey | None]:
    """The keys of all these, in one statement; None for one that was destroyed.

    Raises KeysAway when one was never there.
    """
    wanted = set(subjects)
    table = session.schema.tables.sealed_key
    rows = await session.execute(_of_all(table), {"wanted": list(wanted)})
    found = {row.subject_id: row for row in rows}
    return {one: in_row(session, one, found.get(one)) for one in wanted}


async def of_service(session: "Session") -> SubjectKey:
    """The key for what belongs to nobody alone; made when it is first needed.

    Two processes that make it at once keep the first.
    """
    known = session.keys.get(SERVICE_ID)
    if known is not None:
        return known
    table = session.schema.tables.sealed_key
    found = (await session.execute(_of_all(table), {"wanted": [SERVICE_ID]})).first()
    if found is None:
        made = session.database.keyring.new(SERVICE_ID, Kind.SERVICE)
        row = _row(session, SERVICE_ID, Kind.SERVICE, made.kid, made.wrapped)
        await session.execute(insert_first(table, session.database.dialect), row)
        found = (await session.execute(_of_all(table), {"wanted": [SERVICE_ID]})).first()
    key = in_row(session, SERVICE_ID, found)
    assert key is not None  # noqa: S101 - nobody destroys the service's own key
    return key


def joined(statement: Select[Any], schema: "Schema", subject: ColumnElement[UUID]) -> Select[Any]:
    """The statement, with each row's wrapped key in it: `in_row` unwraps it."""
    table = schema.tables.sealed_key
    beside = statement.outerjoin(table, table.c.subject_id == subject)
    return beside.add_columns(table.c.kind.label("key_kind"), table.c.wrapped.label("key_wrapped"))


def in_row(session: "Session", subject: UUID, row: Row[Any] | None) -> SubjectKey | None:
    """The key that was read with a row; None when it was destroyed.

    Raises KeysAway when there is none, or none that can be unwrapped, and Damaged.
    """
    if row is None or row.key_wrapped is None:
        raise KeysAway(
            "keys_missing",
            "its key is not in the store.",
            "Keys are missing from the table sealed_key: was the store put back without them?",
        )
    if row.key_wrapped == DESTROYED:
        return None
    key = session.database.keyring.unwrap(subject, Kind(row.key_kind), row.key_wrapped)
    session.keys[subject] = key
    return key


async def destroy(session: "Session", subject: UUID) -> None:
    """Destroy a key for good: nothing it sealed can ever be read again. A repeat changes nothing.

    Other processes stop at the commit, as they read the key anew with every row.
    """
    await session.execute(_destroy(session.schema.tables.sealed_key), {"gone": subject})
    session.keys.pop(subject, None)
    session.database.keyring.forget(subject)


async def destroyed_of(session: "Session", subjects: Iterable[UUID]) -> set[UUID]:
    """Those of these whose key was destroyed."""
    table = session.schema.tables.sealed_key
    found: set[UUID] = set()
    wanted = sorted(subjects)
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        some = table.c.subject_id.in_(wanted[start : start + ASKED_AT_ONCE])
        gone = select(table.c.subject_id).where(some, table.c.wrapped == DESTROYED)
        found |= set(await session.scalars(gone))
    return found


async def bury(session: "Session", subject: UUID) -> None:
    """Destroy a key, whether it is there or not: none can be made for this subject any more.

    For somebody whose data must not come back, not even with an older copy of the store.
    """
    table = session.schema.tables.sealed_key
    grave = _row(session, subject, Kind.PERSON, DESTROYED, DESTROYED)
    await session.execute(insert_first(table, session.database.dialect), grave)
    await destroy(session, subject)


def _row(
    session: "Session", subject: UUID, kind: Kind, kid: bytes, wrapped: bytes
) -> dict[str, Any]:
    return {
        "subject_id": subject,
        "kind": kind.value,
        "kid": kid,
        "wrapped": wrapped,
        "made_at": session.now(),
    }


# Each is made once: making a statement costs more than saying it.
@cache
def _insert(table: Table) -> Any:  # noqa: ANN401 - SQLAlchemy's own
    return table.insert()


@cache
def _of_all(table: Table) -> Select[Any]:
    columns = (
        table.c.subject_id,
        table.c.kind.label("key_kind"),
        table.c.wrapped.label("key_wrapped"),
    )
    return select(*columns).where(table.c.subject_id.in_(bindparam("wanted", expanding=True)))


@cache
def _destroy(table: Table) -> Update:
    this = table.c.subject_id == bindparam("gone")
    return update(table).where(this).values(kid=DESTROYED, wrapped=DESTROYED)
