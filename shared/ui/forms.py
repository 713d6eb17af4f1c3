"""Reads a submitted form strictly, and says in plain words what has to be put right.

A field's error always belongs to the input whose id is the field's name; the macros see to it.
"""

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST_FORM_BYTES = 64 * 1024
MOST_FIELDS = 100

CSRF_FIELD = "csrf"
"""What `csrf_field()` writes into a form. It was checked before: here it is no answer."""

Values = dict[str, str | list[str]]
"""A form as it came: a field given once is a string, one given more often is a list."""

M = TypeVar("M", bound=BaseModel)


class Form(BaseModel):
    """A convenient base for form models: immutable, and never repeats an answer in a log.

    `words` may hold, by `"field.error_type"` or `"field"`, the sentence to show instead of the
    usual one. Unknown fields are ignored, so that a page opened before an upgrade still works.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one answer; an empty `field` means the form as a whole."""

    field: str
    message: str


class FormErrors(list[FieldError]):
    """All that has to be put right, in the order of the questions; empty means all is well."""

    @classmethod
    def of(cls, message: str, field: str = "") -> "FormErrors":
        """One error: usually a refusal's words, about the form as a whole."""
        return cls([FieldError(field, message)])

    def add(self, field: str, message: str) -> None:
        self.append(FieldError(field, message))

    def for_(self, field: str) -> str | None:
        """The message to show beside this field, if any."""
        return next((error.message for error in self if error.field == field), None)

    @property
    def summary(self) -> list[dict[str, str]]:
        """For the error summary: text, and a link to the input when there is one."""
        return [
            {"text": e.message, "href": f"#{e.field}"} if e.field else {"text": e.message}
            for e in self
        ]


def wrong(field: str, message: str) -> PydanticCustomError:
    """For a model validator that looks at several answers: `raise wrong("ends", "…")`."""
    return PydanticCustomError("about_field", "{words}", {"field": field, "words": message})


async def submitted(request: Request) -> Values:
    """The fields of a form post: urlencoded only, 64 KiB and 100 fields at most, no files.

    Raises HTTPException 400, 413 or 415 with words fit to show; usable with FastAPI's `Depends`.
    """
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Send the form from the page itself. Files cannot be sent.")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in {"", "utf-8"}:
        raise HTTPException(415, "The form must be sent as UTF-8.")
    body = await _limited(request)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise HTTPException(400, "The form holds characters that cannot be read.") from None
    except ValueError:
        raise HTTPException(400, "The form holds more answers than it has questions.") from None
    return _gathered((name, value) for name, value in pairs if name != CSRF_FIELD)


async def _limited(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM_BYTES:
            raise HTTPException(413, "The form is too long. Shorten your answers and try again.")
    return bytes(body)


def _gathered(pairs: Iterable[tuple[str, str]]) -> Values:
    values: Values = {}
    for name, value in pairs:
        earlier = values.get(name)
        if earlier is None:
            values[name] = value
        elif isinstance(earlier, list):
            earlier.append(value)
        else:
            values[name] = [earlier, value]
    return values


def check(model: type[M], values: Mapping[str, str | list[str]]) -> tuple[M | None, FormErrors]:
    """The model, or what has to be put right: at most one message for each field.

    An empty answer is no answer. A field that holds several answers is always given a list; any
    other field that was sent more than once is refused.
    """
    errors = FormErrors()
    given: dict[str, object] = {}
    for name, value in values.items():
        field = model.model_fields.get(name)
        if field is not None and _takes_several(field.annotation):
            answers = [value] if isinstance(value, str) else value
            given[name] = [answer for answer in answers if answer.strip()]
        elif field is not None and isinstance(value, list):
            errors.add(name, "Give one answer only")
        elif not isinstance(value, str) or value.strip():
            given[name] = value
    try:
        return (None, errors) if errors else (model.model_validate(given), errors)
    except ValidationError as invalid:
        return None, _in_words(model, invalid.errors(include_url=False))


def _in_words(model: type[BaseModel], found: Iterable[ErrorDetails]) -> FormErrors:
    messages: dict[str, str] = {}
    for error in found:
        field = str(error.get("ctx", {}).get("field") or (error["loc"] or ("",))[0])
        messages.setdefault(field, _message(model, field, error))
    order = ["", *model.model_fields]
    known = sorted(messages, key=lambda name: order.index(name) if name in order else len(order))
    return FormErrors(FieldError(name, messages[name]) for name in known)


def _message(model: type[BaseModel], field: str, error: ErrorDetails) -> str:
    words: Mapping[str, str] = getattr(model, "words", {})
    kind, about = error["type"], error.get("ctx", {})
    exact = words.get(f"{field}.{kind}")
    if exact is not None:
        return exact
    if kind in {"plain_words", "about_field"}:
        return str(about["words"])
    if kind in {"value_error", "assertion_error"}:
        return str(about["error"])
    return words.get(field) or _usual(kind, about, field, model.model_fields.get(field))


def _usual(kind: str, about: Mapping[str, object], name: str, field: FieldInfo | None) -> str:
    label = (field.title if field and field.title else None) or name.replace("_", " ").strip()
    said = label[:1].upper() + label[1:]
    choosing = field is not None and _is_choice(field.annotation)
    if choosing or kind in {"enum", "literal_error", "bool_parsing", "bool_type"}:
        several = field is not None and _takes_several(field.annotation)
        return "Choose at least one of the answers" if several else "Choose one of the answers"
    patterns = {
        "string_too_long": "Use {max_length} characters or fewer",
        "too_long": "Choose {max_length} at most",
        "greater_than_equal": said + " must be {ge} or more",
        "greater_than": said + " must be more than {gt}",
        "less_than_equal": said + " must be {le} or fewer",
        "less_than": said + " must be less than {lt}",
        "string_unicode": "Delete the hidden character and type that part again",
    }
    if kind in patterns:
        return patterns[kind].format_map(about)
    if kind.startswith(("int_", "decimal_", "float_")):
        return f"{said} must be a number"
    if kind.startswith(("date_", "datetime_", "time_")):
        return f"{said} must be a real date or time"
    return f"Enter {label}" if kind == "missing" else f"Check {label}"


def _takes_several(annotation: object) -> bool:
    return any(get_origin(kind) in {list, tuple, set, frozenset} for kind in _kinds(annotation))


def _is_choice(annotation: object) -> bool:
    for kind in _kinds(annotation):
        if get_origin(kind) in {list, tuple, set, frozenset}:
            return any(_is_choice(inner) for inner in get_args(kind))
        if get_origin(kind) is Literal or kind is bool:
            return True
        if isinstance(kind, type) and issubclass(kind, Enum):
            return True
    return False


def _kinds(annotation: object) -> list[object]:
    """The types a field may hold, looked for inside `Annotated` and `… | None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return [kind for part in get_args(annotation) for kind in _kinds(part)]
    return [annotation]
