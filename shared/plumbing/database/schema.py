"""What one service's store is made of: its own tables and plumbing's, apart from all others."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.plumbing.tables import Tables, add_to

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name we know: a later migration must be able to say which it changes."""


def new_registry() -> registry:
    """A registry for one service's tables, so that services in one process do not collide."""
    return registry(metadata=MetaData(naming_convention=NAMES))


class Schema:
    """One service's tables, with plumbing's added to them. Make exactly one for each service.

    class Base(SQLModel, registry=new_registry()):
        '''What every table of this service is made from.'''

    SCHEMA = Schema("referral", Base)
    """

    def __init__(self, name: str, base: type[SQLModel]) -> None:
        self.name = name
        self.metadata: MetaData = base.metadata
        self.tables: Tables = add_to(self.metadata)

    def __repr__(self) -> str:
        return f"Schema({self.name!r})"


def new_base() -> type[SQLModel]:
    """A base for one service's tables, where a type checker is not looking (tests, mostly).

    mypy cannot follow a base class that is made by a call: product code writes the class out,
    as `Schema` shows.
    """

    class Base(SQLModel, registry=new_registry()):
        pass

    return Base
