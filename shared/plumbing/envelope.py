"""The envelope as it travels: CloudEvents 1.0 in binary mode, in NATS headers.

It is written out here, and read back with suspicion. The body is the fact alone. What is wrong
with a message is told by an error code that names the place and never quotes a value: a message
that was not understood may hold anything.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import TypeVar

from pydantic import ValidationError

from shared.contracts.fact import Envelope, Fact
from shared.plumbing import strict_json

F = TypeVar("F", bound=Fact)

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

ENVELOPE_HEADERS = {
    "id": "ce-id",
    "source": "ce-source",
    "type": "ce-type",
    "subject": "ce-subject",
    "sequence": "ce-sequence",
    "time": "ce-time",
    "correlation": "ce-correlationid",
    "causation": "ce-causationid",
    "traceparent": "traceparent",
}
"""Which header carries which part of the envelope."""

_OPTIONAL = frozenset({"causation", "traceparent"})
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_FROM_ONE = re.compile(r"^[1-9][0-9]{0,17}$", re.ASCII)

_LONGEST_CODE = 200


class NotUnderstood(Exception):
    """A message nobody can act on, now or ever; parked at once."""

    def __init__(self, pointer: str = "") -> None:
        super().__init__(pointer)
        self.pointer = pointer
        """JSON pointer, or header name, of the first thing that is wrong."""


class HeaderMissing(NotUnderstood):
    """A header every event has is not there."""


class HeaderInvalid(NotUnderstood):
    """A header does not hold what it must."""


class WrongSource(NotUnderstood):
    """The event claims another teller, or another type, than the subject it was told on."""


class UnknownFact(NotUnderstood):
    """A type or a version this reader does not know, or knows no longer."""


class BodyNotJson(NotUnderstood):
    """The body is not JSON, or JSON that two readers could understand differently."""


class FactInvalid(NotUnderstood):
    """The body is JSON, but not this fact."""


def error_code(error: BaseException) -> str:
    """The class of the error and the place it points to; never a value, so fit to store and log."""
    code = type(error).__name__
    if isinstance(error, NotUnderstood) and error.pointer:
        code = f"{code}:{error.pointer}"
    elif isinstance(error, ValidationError):
        code = f"{code}:{_pointer(error)}"
    return code[:_LONGEST_CODE]


def to_headers(envelope: Envelope) -> dict[str, str]:
    """The headers of one event. `Nats-Msg-Id` lets JetStream drop a copy sent soon after."""
    headers = {
        "Nats-Msg-Id": str(envelope.id),
        "content-type": CONTENT_TYPE,
        "ce-specversion": SPEC_VERSION,
        "ce-id": str(envelope.id),
        "ce-source": envelope.source,
        "ce-type": envelope.type,
        "ce-subject": str(envelope.subject),
        "ce-sequence": str(envelope.sequence),
        "ce-time": envelope.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce-correlationid": str(envelope.correlation),
    }
    if envelope.causation is not None:
        headers["ce-causationid"] = str(envelope.causation)
    if envelope.traceparent is not None:
        headers["traceparent"] = envelope.traceparent
    return headers


def read_envelope(subject: str, headers: Mapping[str, str]) -> Envelope:
    """The envelope of an event that came in on `subject`. Raises NotUnderstood."""
    for name, wanted in (("ce-specversion", SPEC_VERSION), ("content-type", CONTENT_TYPE)):
        if name not in headers:
            raise HeaderMissing(f"/{name}")
        if headers[name] != wanted:
            raise HeaderInvalid(f"/{name}")
    parts = {part: headers[name] for part, name in ENVELOPE_HEADERS.items() if name in headers}
    for part, name in ENVELOPE_HEADERS.items():
        if part not in parts and part not in _OPTIONAL:
            raise HeaderMissing(f"/{name}")
    if parts["source"] != subject.partition(".")[0]:
        raise WrongSource("/ce-source")
    if parts["type"] != subject:
        raise WrongSource("/ce-type")
    if not _FROM_ONE.match(parts["sequence"]):
        raise HeaderInvalid("/ce-sequence")
    if not _TRACEPARENT.match(parts.get("traceparent", "")):
        parts.pop("traceparent", None)  # a broken trace is begun anew, it breaks nothing else
    return _checked(parts)


def _checked(parts: Mapping[str, str]) -> Envelope:
    try:
        envelope = Envelope.model_validate(parts)
        if not envelope.time.utcoffset():
            return envelope
        return envelope.model_copy(update={"time": envelope.time.astimezone(UTC)})
    except ValidationError as error:
        part = str(error.errors(include_input=False)[0]["loc"][0])
        raise HeaderInvalid(f"/{ENVELOPE_HEADERS[part]}") from None
    except OverflowError:  # a time that UTC pushes out of the calendar
        raise HeaderInvalid("/ce-time") from None


def read_fact(kind: type[F], body: bytes, envelope: Envelope) -> F:
    """The fact in `body`, told about what the envelope says. Raises NotUnderstood."""
    try:
        strict_json.load(body)
    except strict_json.NotStrictJson:
        raise BodyNotJson from None
    try:
        # Strict: "3" is not a number and 0 is not a time, whoever wrote them.
        fact = kind.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise FactInvalid(_pointer(error)) from None
    if fact.aggregate_id != envelope.subject:
        raise FactInvalid(f"/{kind.about}")
    return fact


def _pointer(error: ValidationError) -> str:
    """Where the first error is. Facts have no free keys, so a place never is a value."""
    place = error.errors(include_input=False, include_url=False)[0]["loc"]
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in place)
