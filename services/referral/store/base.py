"""What every table of this service is made from."""

from sqlmodel import SQLModel

from shared.plumbing import database


class Base(SQLModel, registry=database.new_registry()):
    """One service's tables, apart from all others in the same process."""


SCHEMA = database.Schema("referral", Base)
