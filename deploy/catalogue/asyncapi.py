"""`docs/asyncapi.json`: the same conversation for machines, as an AsyncAPI 3.0 document."""

from collections.abc import Sequence
from inspect import cleandoc

from deploy.catalogue.released import Released
from deploy.catalogue.schema import Json, schema_of
from deploy.catalogue.services import Party
from shared.contracts.ask import Ask
from shared.contracts.catalogue import ASKS, FACTS
from shared.contracts.fact import Envelope, Fact
from shared.contracts.frozen import Frozen
from shared.plumbing.envelope import CONTENT_TYPE, ENVELOPE_HEADERS, SPEC_VERSION

SCHEMAS = "../shared/contracts/schemas"
"""Where the released schemas lie, seen from `docs/`."""

PATTERNS = {
    "sequence": "^[1-9][0-9]{0,17}$",
    "traceparent": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
}
"""What the envelope's reader demands of a text beyond its format."""

REPLIES = "replies"
"""The channel every answer comes back on: the asker's own inbox, named in the request."""

SERVERS: Json = {
    "embedded": {
        "host": "127.0.0.1:4222",
        "protocol": "nats",
        "description": "The nats-server that `make run` starts; its port is recorded under `var/`.",
    },
    "production": {
        "host": "{nodes}",
        "protocol": "nats",
        "description": "A JetStream cluster of three nodes, over TLS.",
        "variables": {"nodes": {"description": "The addresses of the nodes, set where it runs."}},
    },
}


def asyncapi(parties: Sequence[Party], released: Released, version: str) -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parley",
            "version": version,
            "description": "What the services tell each other (facts, on JetStream) and ask each "
            "other (request and reply, outside every stream). Written from the code.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": SERVERS,
        "channels": _channels(),
        "operations": _operations(parties),
        "components": {
            "schemas": {"EventHeaders": event_headers(), **_ask_schemas()},
            "messages": {
                **{fact.__name__: _fact_message(fact, released) for fact in FACTS},
                **{shape.__name__: _ask_message(shape) for shape in _asked_and_answered()},
            },
        },
    }


def event_headers() -> Json:
    """The schema of the headers every fact travels with: the envelope, and what NATS adds."""
    envelope = Envelope.model_json_schema()
    headers: Json = {
        "Nats-Msg-Id": {
            "type": "string",
            "format": "uuid",
            "description": "Equal to `ce-id`: JetStream drops a copy that comes soon after.",
        },
        "content-type": {"type": "string", "const": CONTENT_TYPE},
        "ce-specversion": {"type": "string", "const": SPEC_VERSION},
    }
    required = list(headers)
    for field, header in ENVELOPE_HEADERS.items():
        headers[header] = _as_header(field, envelope["properties"][field])
        if field in envelope["required"]:
            required.append(header)
    return {"type": "object", "required": required, "properties": headers}


def _as_header(field: str, schema: Json) -> Json:
    """A header is text: a number is written in digits, and what is missing is not sent."""
    inner = next(way for way in schema.get("anyOf", [schema]) if way.get("type") != "null")
    header = {"type": "string", "description": schema["description"]}
    if field in PATTERNS:
        header["pattern"] = PATTERNS[field]
    if "format" in inner:
        header["format"] = inner["format"]
    return header


def _channels() -> Json:
    facts = {
        fact.subject: {
            "address": fact.subject,
            "messages": {fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"}},
            "x-stream": fact.teller(),
        }
        for fact in FACTS
    }
    asks = {
        ask.subject: {
            "address": ask.subject,
            "messages": {ask.__name__: {"$ref": f"#/components/messages/{ask.__name__}"}},
        }
        for ask in ASKS
    }
    answers = {ask.answered_by.__name__ for ask in ASKS}
    replies: Json = {
        "address": None,
        "description": "The inbox of whoever asked; only they may listen there.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(answers)},
    }
    return {**facts, **asks, REPLIES: replies}


def _operations(parties: Sequence[Party]) -> Json:
    operations: Json = {}
    for party in parties:
        for fact in FACTS:
            if fact.teller() == party.name and not fact.reserved:
                operations[f"{party.name}.tells.{fact.__name__}"] = _operation("send", fact)
        for fact in party.hears:
            operations[f"{party.name}.hears.{fact.__name__}"] = _operation("receive", fact) | {
                "x-durable": party.durable(fact.teller())
            }
        for ask in party.asks:
            operations[f"{party.name}.asks.{ask.__name__}"] = _asking("send", ask)
        for ask in party.answers:
            operations[f"{party.name}.answers.{ask.__name__}"] = _asking("receive", ask)
    return operations


def _operation(action: str, contract: type[Fact] | type[Ask]) -> Json:
    channel = f"#/channels/{contract.subject}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{contract.__name__}"}],
    }


def _asking(action: str, ask: type[Ask]) -> Json:
    channel = f"#/channels/{REPLIES}"
    return _operation(action, ask) | {
        "reply": {
            "channel": {"$ref": channel},
            "messages": [{"$ref": f"{channel}/messages/{ask.answered_by.__name__}"}],
        }
    }


def _fact_message(fact: type[Fact], released: Released) -> Json:
    revision = released.revisions(fact.subject)[-1]
    told_by = {"ce-source": {"const": fact.teller()}, "ce-type": {"const": fact.subject}}
    return {
        **_described(fact),
        "headers": {
            "allOf": [{"$ref": "#/components/schemas/EventHeaders"}, {"properties": told_by}]
        },
        "payload": {"$ref": f"{SCHEMAS}/{fact.subject}.r{revision}.json"},
        "examples": [{"payload": released.sample(fact.subject, revision)}],
        "x-about": fact.about,
        "x-reserved": fact.reserved,
    }


def _ask_message(shape: type[Frozen]) -> Json:
    return {
        **_described(shape),
        "payload": {"$ref": f"#/components/schemas/{shape.__name__}"},
    }


def _described(contract: type[Frozen]) -> Json:
    return {"name": contract.__name__, "description": cleandoc(contract.__doc__ or "")}


def _asked_and_answered() -> list[type[Frozen]]:
    return [shape for ask in ASKS for shape in (ask, ask.answered_by)]


def _ask_schemas() -> Json:
    """The shapes of asks and answers, which are never stored and so have no released file."""
    schemas: Json = {}
    for contract in _asked_and_answered():
        schema = schema_of(contract)
        for name, part in schema.pop("$defs", {}).items():
            schemas[name] = _pointed_at_components(part)
        schemas[contract.__name__] = _pointed_at_components(schema)
    return schemas


def _pointed_at_components(node: Json) -> Json:
    moved: Json = {}
    for key, value in node.items():
        if key == "$ref":
            moved[key] = value.replace("#/$defs/", "#/components/schemas/")
        elif isinstance(value, dict):
            moved[key] = _pointed_at_components(value)
        elif isinstance(value, list):
            moved[key] = [_pointed_at_components(v) if isinstance(v, dict) else v for v in value]
        else:
            moved[key] = value
    return moved
