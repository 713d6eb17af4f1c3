"""A service's store: what it is made of, and transactions on it.

class Base(SQLModel, registry=database.new_registry()):
    '''What every table of this service is made from.'''

class ReferralRow(Base, table=True):
    __tablename__ = "referral"
    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)

SCHEMA = database.Schema("referral", Base)
"""

from shared.plumbing.database.conflicts import (
    ConflictInsert,
    conflict_insert,
    insert_first,
    insert_latest,
)
from shared.plumbing.database.database import Database
from shared.plumbing.database.postgresql import NotDurable
from shared.plumbing.database.schema import Schema, new_base, new_registry
from shared.plumbing.database.session import Session

__all__ = [
    "ConflictInsert",
    "Database",
    "NotDurable",
    "Schema",
    "Session",
    "conflict_insert",
    "insert_first",
    "insert_latest",
    "new_base",
    "new_registry",
]
