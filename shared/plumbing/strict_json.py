"""JSON read so that two readers can never understand the same bytes differently.

Used for request bodies (`armour.py` sees to it before any route runs, so a route takes its model
as a plain FastAPI body parameter) and for events.
"""

import json
from typing import NoReturn

MOST_BYTES = 64 * 1024
DEEPEST = 32


class NotStrictJson(ValueError):
    """Why these bytes are not taken as JSON; never quotes them."""


def load(raw: bytes) -> object:
    """The value in `raw`. Raises NotStrictJson with a plain reason."""
    if len(raw) > MOST_BYTES:
        raise NotStrictJson(f"it is longer than {MOST_BYTES // 1024} KiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStrictJson("it is not valid UTF-8") from None
    # Each level takes a bracket: with so few of them nobody has to follow the text through.
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise NotStrictJson(f"it is nested deeper than {DEEPEST} levels")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotStrictJson(f"it is not JSON at character {error.pos + 1}") from None
    if "\\u" in text:  # UTF-8 has no half characters: only an escape can smuggle one in
        _refuse_lone_surrogates(value)
    return value


def _depth(text: str) -> int:
    """How deep brackets are nested outside strings; counted first, as the parser recurses."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotStrictJson("a field is there twice")
    return result


def _constant(name: str) -> NoReturn:
    raise NotStrictJson("it holds a number that is not finite")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NotStrictJson("it holds a number that is not finite")
    return value


def _whole_number(text: str) -> int:
    if len(text) > 20:
        raise NotStrictJson("it holds a number that is too long")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_float=_number,
    parse_int=_whole_number,
)


def _refuse_lone_surrogates(value: object) -> None:
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise NotStrictJson("it holds half a character")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_lone_surrogates(key)
            _refuse_lone_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_lone_surrogates(inner)
