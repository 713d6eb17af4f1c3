"""Every column of every store says whether it is about a person."""

import pytest
from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from shared.contracts.catalogue import SERVICES
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes
from shared.plumbing.database import Schema, new_registry
from tests.architecture.stores import schema_of
from tests.fixtures import backends


def unmarked(schema: Schema) -> list[str]:
    """The columns that say neither that they are personal nor that they are not."""
    return [
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if not is_marked(column)
    ]


def is_marked(column: Column) -> bool:
    return column.info in (PERSONAL["info"], NOT_PERSONAL["info"])


@pytest.mark.parametrize("service", SERVICES)
def test_every_column_says_whether_it_is_about_a_person(service):
    schema = schema_of(service)
    if schema is None:
        backends.could_not_run(f"the columns of {service}", "it has no store yet")
        pytest.skip(f"{service} has no store yet")

    assert unmarked(schema) == []


def test_a_column_without_a_mark_is_found():
    class Base(SQLModel, registry=new_registry()):
        pass

    class PersonRow(Base, table=True):
        __tablename__ = "person"

        id: int = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
        name: str

    assert unmarked(Schema("guard", Base)) == ["person.name"]


def in_plain(schema: Schema) -> list[str]:
    """The personal columns whose type would store what is not sealed."""
    return [
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.info == PERSONAL["info"] and not isinstance(column.type, SealedBytes)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_personal_column_is_sealed(service):
    schema = schema_of(service)
    if schema is None:
        pytest.skip(f"{service} has no store yet")

    assert in_plain(schema) == []
    assert "parked_event.body" in sealed(schema)


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_sealed_is_marked_personal(service):
    schema = schema_of(service)
    if schema is None:
        pytest.skip(f"{service} has no store yet")
    columns = {
        f"{table.name}.{column.name}": column
        for table in schema.metadata.sorted_tables
        for column in table.columns
    }

    assert all(columns[name].info == PERSONAL["info"] for name in sealed(schema))


def sealed(schema: Schema) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedBytes)
    ]


def test_a_personal_column_that_is_not_sealed_is_found():
    class Base(SQLModel, registry=new_registry()):
        pass

    class PersonRow(Base, table=True):
        __tablename__ = "person"

        id: int = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
        name: str = Field(sa_column_kwargs=PERSONAL)

    assert in_plain(Schema("guard", Base)) == ["person.name"]
