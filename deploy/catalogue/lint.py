"""Nobody is in a fact: only coded words, whole numbers, yes or no, dates, times and opaque ids.

A string that anybody can fill will one day hold a name. So a fact has none, with one exception:
the `label` of a fact called `…_named`, which is public wording chosen by the operator.
"""

from collections.abc import Iterator

from deploy.catalogue.schema import Json, schema_of
from shared.contracts.fact import Fact

CLOSED_FORMATS = {"uuid", "date", "date-time"}
"""The strings that can hold nothing but what their format says."""

WORDS_ABOUT = {"title", "description", "default", "$defs", "x-about"}
"""Keywords that say nothing about what is allowed."""

ALLOWED_BESIDE = {
    "boolean": set[str](),
    "null": set[str](),
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "string": {"format", "minLength", "maxLength"},
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required"},
}
"""The kinds a fact is made of, and the keywords that may stand beside each."""


def lint(fact: type[Fact]) -> list[str]:
    """Everything in `fact` through which somebody could slip; empty when there is nothing."""
    schema = schema_of(fact)
    problems = [f"{fact.__name__}{path}: {problem}" for path, problem in _walk(schema, schema, "")]
    about = schema.get("properties", {}).get(fact.about, {})
    if about.get("format") != "uuid" or fact.about not in schema.get("required", []):
        problems.append(f"{fact.__name__}.{fact.about}: what a fact is about is a required uuid")
    if _may_have_label(fact):
        label = schema["properties"].get("label", {})
        problems = [text for text in problems if not text.startswith(f"{fact.__name__}.label:")]
        if label.get("type") != "string" or "maxLength" not in label:
            problems.append(f"{fact.__name__}.label: a public label is a string with a max_length")
    return problems


def _may_have_label(fact: type[Fact]) -> bool:
    return fact.subject.split(".")[1].endswith("_named")


def _walk(node: Json, root: Json, path: str) -> Iterator[tuple[str, str]]:
    if "$ref" in node:
        yield from _walk(root["$defs"][node["$ref"].rpartition("/")[2]], root, path)
    elif "anyOf" in node:
        for branch in node["anyOf"]:
            yield from _walk(branch, root, path)
    elif "enum" in node or "const" in node:
        pass  # a coded word is one of a list, whoever fills it in
    elif node.get("type") not in ALLOWED_BESIDE:
        yield path, f"{node.get('type', 'anything at all')!s} is not a kind that facts are made of"
    else:
        yield from _kind(node, root, path)


def _kind(node: Json, root: Json, path: str) -> Iterator[tuple[str, str]]:
    kind = node["type"]
    strange = set(node) - {"type"} - WORDS_ABOUT - ALLOWED_BESIDE[kind]
    if strange:
        yield path, f"{', '.join(sorted(strange))} is not allowed beside {kind}"
    if kind == "string" and node.get("format") not in CLOSED_FORMATS:
        yield path, "a free string: use an enum, a Literal, an id, a date or a time"
    if kind == "array":
        if "items" not in node:
            yield path, "an open array: say what is in it"
        else:
            yield from _walk(node["items"], root, f"{path}[]")
    if kind == "object":
        if not node.get("properties"):
            yield path, "an open object: name every field"
        for name, part in node.get("properties", {}).items():
            yield from _walk(part, root, f"{path}.{name}")
