"""Old and new must read each other: every revision of a fact, told or heard, by today's class.

Streams keep every event for ever and services are replaced one at a time, so at any moment today's
reader meets the oldest event, and the oldest reader still running meets today's. One question
answers both: can this reader read whatever that writer writes? It is asked twice for each
released revision, with the parts exchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.catalogue.schema import Json

ADVICE = (
    "A released fact only ever gains optional fields. "
    "Make a new class whose subject ends in {next}, and tell it beside the old one "
    "until every reader has moved."
)

MEANINGLESS = {"title", "description", "$schema", "$id", "$defs", "x-about"}
"""Keywords that say nothing about what a value may be."""

AT_LEAST = {"minimum", "exclusiveMinimum", "minLength", "minItems"}
AT_MOST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems"}
UNDERSTOOD = {
    *AT_LEAST,
    *AT_MOST,
    *("type", "format", "enum", "const", "anyOf", "items", "properties", "required", "default"),
}


class NotUnderstood(Exception):
    """A schema says something this gate cannot compare: it must not be let through."""


@dataclass(frozen=True)
class Break:
    """One reason why one side cannot read the other."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


def shape(schema: Json) -> Json:
    """What a schema allows, without its words: two schemas with equal shapes allow the same."""
    return _shape(schema, schema)


def breaks(subject: str, released: Json, revision: int, today: Json) -> list[str]:
    """Why `today` may not follow a released revision of the same subject, and what to do."""
    old, new = shape(released), shape(today)
    found = [
        *(f"{at}: events told as r{revision} could not be read" for at in unreadable(old, new)),
        *(f"{at}: readers that know r{revision} could not read it" for at in unreadable(new, old)),
        *(f"{at}: readers that know r{revision} rest on it" for at in lost(old, new)),
    ]
    if released.get("x-about") != today.get("x-about"):
        found.append("(about): what the fact is about changed: its order would be lost")
    name, _, version = subject.rpartition(".v")
    advice = ADVICE.format(next=f"{name}.v{int(version) + 1}")
    return [f"{subject}{problem}. {advice}" for problem in found]


def unreadable(writer: Json, reader: Json, path: str = "") -> Iterator[Break]:
    """Everything that `writer` may write and `reader` cannot read; nothing when it reads all."""
    readable = _branches(reader)
    for kind, written in _branches(writer).items():
        if kind in readable:
            yield from _one_kind(written, readable[kind], path)
        else:
            yield Break(path, f"{kind} where {' or '.join(readable)} is known")


def _one_kind(writer: Json, reader: Json, path: str) -> Iterator[Break]:
    for value in writer.get("enum", []):
        if value not in reader["enum"]:
            yield Break(path, f"{value!r} is not known there")
    yield from _limits(writer, reader, path)
    if "items" in reader:
        yield from unreadable(writer["items"], reader["items"], f"{path}[]")
    for name, field in reader.get("properties", {}).items():
        if name in writer["properties"]:
            yield from unreadable(writer["properties"][name], field, f"{path}.{name}")
        if name in reader["required"] and name not in writer["required"]:
            yield Break(f"{path}.{name}", "may be missing and is required")


def _limits(writer: Json, reader: Json, path: str) -> Iterator[Break]:
    for limit in sorted((AT_LEAST | AT_MOST) & set(reader)):
        written, read = writer.get(limit), reader[limit]
        if written is None or (written < read if limit in AT_LEAST else written > read):
            shown = "not set" if written is None else written
            yield Break(path, f"{limit} is {shown} where {read} is known")


def lost(old: Json, new: Json, path: str = "") -> Iterator[Break]:
    """What changes the meaning of an event although it can still be read."""
    today = _branches(new)
    for kind, branch in _branches(old).items():
        if kind not in today:
            continue
        if "items" in branch:
            yield from lost(branch["items"], today[kind]["items"], f"{path}[]")
        for name, field in branch.get("properties", {}).items():
            if name not in today[kind]["properties"]:
                yield Break(f"{path}.{name}", "was removed")
            else:
                yield from lost(field, today[kind]["properties"][name], f"{path}.{name}")
    if old.get("default") != new.get("default"):
        yield Break(path, "means something else when it is left out")


def _branches(node: Json) -> dict[str, Json]:
    """The ways a value may look, by kind: one, unless the field may also be null."""
    return {_kind(branch): branch for branch in node.get("anyOf", [node])}


def _kind(node: Json) -> str:
    if "enum" in node:
        return "one of a list"
    return " ".join(filter(None, (node.get("format"), node.get("type", "anything"))))


def _shape(node: Json, root: Json) -> Json:
    if "$ref" in node:
        target = _shape(root["$defs"][node["$ref"].rpartition("/")[2]], root)
        return target | {key: node[key] for key in ("default",) if key in node}
    said = {key: value for key, value in node.items() if key not in MEANINGLESS}
    if strange := set(said) - UNDERSTOOD:
        raise NotUnderstood(f"cannot compare {', '.join(sorted(strange))}")
    if "const" in said:
        said["enum"] = [said.pop("const")]
    if "enum" in said:
        said = {key: said[key] for key in ("enum", "default") if key in said}
        said["enum"] = sorted(said["enum"], key=str)
    if "anyOf" in said:
        said["anyOf"] = sorted((_shape(branch, root) for branch in said["anyOf"]), key=str)
        if len(_branches(said)) < len(said["anyOf"]):
            raise NotUnderstood("cannot compare two ways to look that are of one kind")
    if "items" in said:
        said["items"] = _shape(said["items"], root)
    if said.get("type") == "object":
        said["required"] = sorted(said.get("required", []))
        said["properties"] = {
            name: _shape(field, root) for name, field in said.get("properties", {}).items()
        }
    return said
