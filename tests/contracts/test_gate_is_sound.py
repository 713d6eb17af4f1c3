"""The gate before another judge: what it lets through, a JSON Schema validator takes too."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deploy.catalogue.compatibility import shape, unreadable

Schemas = st.SearchStrategy[dict[str, Any]]

WORDS: Schemas = st.sets(st.sampled_from("abc"), min_size=1).map(lambda a: {"enum": sorted(a)})
NUMBERS: Schemas = st.fixed_dictionaries(
    {"type": st.just("integer")},
    optional={"minimum": st.integers(-2, 0), "maximum": st.integers(0, 2)},
)
OTHERS: Schemas = st.sampled_from([{"type": "boolean"}, {"type": "string", "format": "uuid"}])
SCALARS = WORDS | NUMBERS | OTHERS


def an_object(properties: dict[str, Any]) -> Schemas:
    required = st.sets(st.sampled_from(sorted(properties))) if properties else st.just(set())
    return required.map(
        lambda names: {"type": "object", "properties": properties, "required": sorted(names)}
    )


def a_list(items: Schemas) -> Schemas:
    return st.builds(
        lambda item, most: {"type": "array", "items": item, "maxItems": most},
        items,
        st.integers(1, 2),
    )


def maybe_null(kind: Schemas) -> Schemas:
    return kind | kind.map(lambda inner: {"anyOf": [inner, {"type": "null"}]})


def with_fields(fields: Schemas) -> Schemas:
    return st.dictionaries(st.sampled_from("xyz"), fields, max_size=3).flatmap(an_object)


SCHEMAS = with_fields(
    st.recursive(
        maybe_null(SCALARS), lambda inner: with_fields(inner) | a_list(inner), max_leaves=4
    )
)


def near(node: dict[str, Any]) -> Schemas:
    """The same schema, or one that differs from it here and there."""
    if "anyOf" in node:
        return maybe_null(near(node["anyOf"][0]))
    if "enum" in node:
        return WORDS
    if node["type"] == "object":
        parts = {name: near(part) for name, part in node["properties"].items()}
        some = {name: parts[name] for name in sorted(parts)[1:]}
        return st.fixed_dictionaries({}, optional=parts).flatmap(an_object) | st.fixed_dictionaries(
            some
        ).flatmap(an_object)
    if node["type"] == "array":
        return a_list(near(node["items"]))
    return NUMBERS if node["type"] == "integer" else st.just(node)


def events(node: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a writer with this schema may write."""
    if "anyOf" in node:
        return st.one_of([events(branch) for branch in node["anyOf"]])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if node["type"] == "object":
        parts = {name: events(part) for name, part in node["properties"].items()}
        needed = {name: part for name, part in parts.items() if name in node["required"]}
        return st.fixed_dictionaries(
            needed, optional={name: part for name, part in parts.items() if name not in needed}
        )
    if node["type"] == "array":
        return st.lists(events(node["items"]), max_size=node["maxItems"])
    return {
        "boolean": st.booleans(),
        "null": st.none(),
        "string": st.just("0198c0de-0000-7000-8000-000000000001"),
        "integer": st.integers(node.get("minimum", -3), node.get("maximum", 3)),
    }[node["type"]]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_reader_that_passed_takes_whatever_the_writer_may_write(data):
    writer = data.draw(SCHEMAS, label="writer")
    reader = data.draw(near(writer), label="reader")
    event = data.draw(events(writer), label="event")

    if not list(unreadable(shape(writer), shape(reader))):
        Draft202012Validator(reader).validate(event)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_reader_always_reads_itself(data):
    schema = shape(data.draw(SCHEMAS))

    assert list(unreadable(schema, schema)) == []
