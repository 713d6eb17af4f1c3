import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.plumbing.strict_json import DEEPEST, MOST_BYTES, NotStrictJson, load


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"side": "harmed", "side": "responsible"}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'{"a": NaN}', "not finite"),
        (b'{"a": -Infinity}', "not finite"),
        (b'{"a": 1e999}', "not finite"),
        (b"1" * 5000, "too long"),
        (b"[" * 100_000, "longer than"),
        (b"[" * 30_000 + b"]" * 30_000, "deeper"),
        (b'"\\ud83d"', "half a character"),
        (b'{"\\udc00": 1}', "half a character"),
        (b'"\xff\xfe"', "UTF-8"),
        (b'"' + b"a" * MOST_BYTES + b'"', "longer than 64 KiB"),
        (b'{"a": 1', "character 8"),
        (b"", "character 1"),
        (b"{'a': 1}", "character 2"),
        (b'{"a": 1} x', "character 10"),
        (b'\xef\xbb\xbf{"a": 1}', "character 1"),
    ],
)
def test_json_that_two_readers_could_understand_differently_is_refused(raw, reason):
    with pytest.raises(NotStrictJson, match=reason):
        load(raw)


def test_the_deepest_nesting_is_still_read_and_one_more_is_not():
    load(b"[" * DEEPEST + b"]" * DEEPEST)

    with pytest.raises(NotStrictJson, match="deeper"):
        load(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_brackets_inside_words_do_not_count_as_nesting():
    words = '[{"\\' * 100

    assert load(json.dumps(words).encode()) == words


def test_a_refusal_never_quotes_what_was_sent():
    with pytest.raises(NotStrictJson) as refused:
        load(b'{"name": "Zebedee Canary", oops}')

    assert "Zebedee" not in str(refused.value)
    assert refused.value.__cause__ is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_ordinary_json_is_read_as_it_is(value):
    assert load(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(raw):
    with suppress(NotStrictJson):
        load(raw)
