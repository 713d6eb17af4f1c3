"""Keeps what is told, so that repeats and any order change nothing."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, exists, select

from services.scheduling.store.tables import ERASED
from shared.plumbing.database import ConflictInsert, Session, conflict_insert, insert_first


async def keep_latest(session: Session, table: Table, told: Mapping[str, Any]) -> None:
    """Keep the row, unless one of a later version is there or its person was erased."""
    await session.change(_keep_latest(table, session.database.dialect), told)


async def keep_first(session: Session, table: Table, told: Mapping[str, Any]) -> None:
    """Keep the row, unless there is one with its key: that one stays as it is."""
    await session.change(insert_first(table, session.database.dialect), told)


# Made once: for one fact at a time, making a statement is most of the work.
@cache
def _keep_latest(table: Table, dialect: str) -> ConflictInsert:
    values = {column.name: bindparam(column.name, type_=column.type) for column in table.c}
    was_erased = exists().where(ERASED.c.person_id == values["person_id"])
    statement = conflict_insert(table, dialect).from_select(
        list(values), select(*values.values()).where(~was_erased)
    )
    key = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in values if name not in key}
    return statement.on_conflict_do_update(
        index_elements=key, set_=changed, where=statement.excluded.version > table.c.version
    )
