"""An insert that can say what becomes of a row that is there already."""

from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

ConflictInsert = sqlite.Insert | postgresql.Insert


def conflict_insert(table: Table, dialect: str) -> ConflictInsert:
    """The insert of this database that has `on_conflict_do_…`: SQLAlchemy's own has none."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


# Each of these is made once: for one row at a time, making a statement is most of the work.
@cache
def insert_first(table: Table, dialect: str) -> ConflictInsert:
    """An insert that leaves a row with its key as it is; `rowcount` says whether it was new."""
    return conflict_insert(table, dialect).on_conflict_do_nothing()


@cache
def insert_latest(table: Table, dialect: str) -> ConflictInsert:
    """An insert that takes the place of a row with its key."""
    statement = conflict_insert(table, dialect)
    key = [column.name for column in table.primary_key]
    changed = {one.name: statement.excluded[one.name] for one in table.c if one.name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed)
