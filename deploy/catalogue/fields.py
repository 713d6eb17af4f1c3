"""The fields of a contract as a reader wants them: name, kind and meaning."""

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.catalogue.schema import Json, schema_of
from shared.contracts.frozen import Frozen

KINDS = {
    "uuid": "id",
    "date-time": "time, with its zone",
    "date": "date",
    "boolean": "yes or no",
    "integer": "whole number",
    "string": "text",
}


@dataclass(frozen=True)
class Field:
    """One line of a table; parts of a list are named `list[].part`."""

    name: str
    kind: str
    meaning: str
    optional: bool


def fields_of(contract: type[Frozen]) -> list[Field]:
    schema = schema_of(contract)
    return list(_fields(schema, schema, ""))


def _fields(shape: Json, root: Json, within: str) -> Iterator[Field]:
    for name, field in shape["properties"].items():
        inner, kind = _open(field, root)
        yield Field(
            name=within + name,
            kind=kind,
            meaning=_meaning(field, inner),
            optional=name not in shape.get("required", []),
        )
        if "properties" in inner:
            yield from _fields(inner, root, f"{within}{name}{'[]' if 'list' in kind else ''}.")


def _open(field: Json, root: Json) -> tuple[Json, str]:
    """What is inside a field, under references, lists and "or nothing", and what to call it."""
    if "$ref" in field:
        return _open(root["$defs"][field["$ref"].rpartition("/")[2]], root)
    if "anyOf" in field:
        return _open(next(way for way in field["anyOf"] if way.get("type") != "null"), root)
    if field.get("type") == "array":
        inner, kind = _open(field["items"], root)
        most = f", {field['maxItems']} at most" if "maxItems" in field else ""
        return inner, f"list of {kind}{most}"
    return field, _kind(field)


def _kind(field: Json) -> str:
    if "enum" in field or "const" in field:
        values = field["enum"] if "enum" in field else [field["const"]]
        return " · ".join(f"`{value}`" for value in values)
    if "properties" in field:
        return "the fields below"
    return KINDS[str(field.get("format", field["type"]))]


def _meaning(field: Json, inner: Json) -> str:
    words: str = field.get("description") or inner.get("description", "")
    return words.strip()
