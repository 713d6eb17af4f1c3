"""Whether an id is among a few, said so that both databases look the few up by an index."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SelectBase
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


class _Among(FunctionElement[Any]):
    """Whether an id is among the few that a query gives, whatever row is looked at."""

    # Not Boolean: SQLAlchemy then compares it with 1, and SQLite takes no index for that.
    type = NullType()
    inherit_cache = True


def among(matter_id: ColumnElement[UUID], few: SelectBase) -> ColumnElement[bool]:
    return _Among(matter_id, few.scalar_subquery())


@compiles(_Among)
def _usually(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as asked
    matter_id, few = element.clauses
    return f"({compiler.process(matter_id, **more)} IN {compiler.process(few, **more)})"


@compiles(_Among, "postgresql")
def _made_once(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as asked
    """PostgreSQL reckons as if `IN` were worked out anew for each row, and sorts it all instead."""
    matter_id, few = element.clauses
    return f"({compiler.process(matter_id, **more)} = ANY (ARRAY{compiler.process(few, **more)}))"
