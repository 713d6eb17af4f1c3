"""An insert that can say what becomes of a row that is there already."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

ConflictInsert = sqlite.Insert | postgresql.Insert


def conflict_insert(table: Table, dialect: str) -> ConflictInsert:
    """The insert of this database that has `on_conflict_do_…`: SQLAlchemy's own has none."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
