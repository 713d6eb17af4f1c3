"""Whether everything personal there is was planted: found in the tables, the forms and the pages.

Nothing here is a list of what is personal: that is read from the marks of the columns, from the
model of every form and from every page that was shown. Whoever adds a column or a field has to
plant it (`asking.py`, `meeting.py`, `doors.py`), or the suite fails with its name.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import get_args
from uuid import UUID

from sqlalchemy import Column, Table, select

import services
import shared.plumbing
from services.referral.routes.api_shapes import Shape
from shared.plumbing.columns import PERSONAL
from shared.plumbing.database import Database
from shared.plumbing.sealing.fields import SHORT, Field
from shared.plumbing.sealing.keyfile import path_of
from shared.plumbing.sealing.keyring import Keyring, Kind, SubjectKey
from shared.plumbing.sealing.trouble import Sealed
from shared.plumbing.sealing.wrapping import FileWrapper
from shared.ui.forms import Form
from tests.architecture.stores import all_schemas
from tests.canaries.house import House
from tests.canaries.nonsense import routes

COLUMNS = {
    f"{service}: {table.name}.{column.name}": (service, table, column)
    for service, schema in all_schemas().items()
    if schema is not None
    for table in schema.metadata.sorted_tables
    for column in table.columns
    if column.info == PERSONAL["info"]
}
"""Every column that is marked, by a name for people."""


async def opened(house: House, service: str, table: Table, column: Column) -> list[bytes]:
    """What is sealed in a column, opened with the system's own keys; none of it is kept."""
    database = _store(house, service)
    try:
        async with database.reading() as session:
            every = await _keys(session)
            field = Field.of(service, column, SHORT)
            rows = list(await session.execute(select(table)))
            return [
                _open(field, every, row) for row in rows if row._mapping[column.name] is not None
            ]
    finally:
        await database.close()


def _store(house: House, service: str) -> Database:
    schema = all_schemas()[service]
    assert schema is not None
    wrapper = FileWrapper(path_of(house.home.sealing, service), service)
    return Database(house.home.store_url(service), schema, keyring=Keyring(service, wrapper))


async def _keys(session) -> list[SubjectKey]:
    rows = await session.execute(select(session.schema.tables.sealed_key))
    unwrap = session.database.keyring.unwrap
    return [unwrap(one.subject_id, Kind(one.kind), one.wrapped) for one in rows if one.wrapped]


def _open(field: Field, every: list[SubjectKey], row) -> bytes:
    """Whose key it is differs from table to table, so each is tried; one of them fits, or none."""
    ids = [value for value in row if isinstance(value, UUID)]
    blob = row._mapping[field.place.rpartition("|")[2]]
    for key in every:
        for row_id in ids:
            with suppress(Sealed):
                plain = field.open(key, row_id, blob)
                if plain is not None:
                    return plain
    return b""


def text_fields() -> dict[str, str]:
    """Every field of every form and of the JSON that takes text: by a name for people, its own."""
    found = {}
    for room in (services, shared.plumbing):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    for kind in _all(Form) | _all(Shape):
        if kind.__module__.startswith(("services.", "shared.plumbing.")):
            for name, field in kind.model_fields.items():
                if _takes_text(field.annotation):
                    found[f"{kind.__name__}.{name}"] = field.alias or name
    return found


def _all(kind: type) -> set[type]:
    return {kind}.union(*(_all(one) for one in kind.__subclasses__()))


def _takes_text(annotation: object) -> bool:
    return annotation is str or any(_takes_text(one) for one in get_args(annotation))


def not_walked(house: House) -> Iterator[str]:
    """Routes that nobody called in any journey."""
    walked = house.recorder.walked
    for method, template in routes():
        pattern = re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template)))
        if not any(verb == method and pattern.fullmatch(path) for verb, path in walked):
            yield f"{method} {template}"
