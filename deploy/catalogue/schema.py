"""The JSON Schema and the sample of a contract, both made from its class."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.fact import Fact
from shared.contracts.frozen import Frozen
from shared.contracts.glossary import MEANINGS

Json = dict[str, Any]

FIRST_TIME = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""The first time in every sample; each further one is an hour later."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(contract: type[Frozen]) -> Json:
    """The schema of what is told, with the meaning of every field in it."""
    schema = contract.model_json_schema()
    for shape in (schema, *schema.get("$defs", {}).values()):
        for name, field in shape.get("properties", {}).items():
            field.pop("title", None)
            if "description" not in field and "$ref" not in field and name in MEANINGS:
                field["description"] = MEANINGS[name]
    return schema


def released_schema(fact: type[Fact], revision: int) -> Json:
    """What is released of a fact: its schema, its name, and which field names its aggregate."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:parley:fact:{fact.subject}:r{revision}",
        "x-about": fact.about,
        **schema_of(fact),
    }


def sample_of(fact: type[Fact]) -> Json:
    """One fact with every optional field filled: the same one each time it is made."""
    hours = iter(range(1000))
    sample = _value(schema_of(fact), fact.model_json_schema().get("$defs", {}), "", hours)
    return fact.model_validate(sample).model_dump(mode="json")


def sample_id(name: str) -> UUID:
    """An id as they are minted (version 7) that depends on nothing but `name`."""
    chance = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10], "big")
    milliseconds = int(FIRST_TIME.timestamp() * 1000)
    high = milliseconds << 16 | 0x7000 | chance >> 68
    low = 0b10 << 62 | chance & ((1 << 62) - 1)
    return UUID(int=high << 64 | low)


def _value(node: Json, definitions: Json, name: str, hours: Iterator[int]) -> object:
    if "$ref" in node:
        return _value(definitions[node["$ref"].rpartition("/")[2]], definitions, name, hours)
    if "anyOf" in node:
        return _value(node["anyOf"][0], definitions, name, hours)
    if "enum" in node or "const" in node:
        return node["enum"][0] if "enum" in node else node["const"]
    if node["type"] == "object":
        within = f"{name}." if name else ""
        return {
            field: _value(part, definitions, within + field, hours)
            for field, part in node["properties"].items()
        }
    if node["type"] == "array":
        return [_value(node["items"], definitions, f"{name}.{n}", hours) for n in (1, 2)]
    return _scalar(node, name, hours)


def _scalar(node: Json, name: str, hours: Iterator[int]) -> object:
    if node["type"] == "boolean":
        return True
    if node["type"] == "integer":
        return node.get("minimum", 1)
    if node.get("format") == "uuid":
        return str(sample_id(name))
    if node.get("format") == "date-time":
        return (FIRST_TIME + timedelta(hours=next(hours))).isoformat().replace("+00:00", "Z")
    if node.get("format") == "date":
        return FIRST_TIME.date().isoformat()
    return "Riverside"
