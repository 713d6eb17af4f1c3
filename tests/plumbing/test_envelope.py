"""The envelope written into headers and read back."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from shared.plumbing.envelope import (
    FactInvalid,
    HeaderInvalid,
    NotUnderstood,
    WrongSource,
    error_code,
    read_envelope,
    read_fact,
    to_headers,
)
from tests.plumbing.house import BreadBaked, around, baked

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_what_is_written_is_read_back_the_same():
    envelope = around(baked(), causation=UUID(int=7), traceparent=TRACE, sequence=12)

    assert read_envelope(envelope.type, to_headers(envelope)) == envelope


def test_the_headers_are_cloudevents_in_binary_mode():
    fact = baked()
    envelope = around(fact, time=datetime(2026, 3, 2, 9, 30, tzinfo=UTC))

    assert to_headers(envelope) == {
        "Nats-Msg-Id": str(envelope.id),
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": str(envelope.id),
        "ce-source": "bakery",
        "ce-type": "bakery.bread_baked.v1",
        "ce-subject": str(fact.batch_id),
        "ce-sequence": "1",
        "ce-time": "2026-03-02T09:30:00Z",
        "ce-correlationid": str(envelope.correlation),
    }


def test_every_time_comes_out_in_utc():
    paris = timezone(timedelta(hours=1))
    headers = to_headers(around(baked())) | {"ce-time": "2026-03-02T09:30:00+01:00"}

    read = read_envelope(BreadBaked.subject, headers).time

    assert read == datetime(2026, 3, 2, 9, 30, tzinfo=paris)
    assert read.utcoffset() == timedelta()


def test_a_broken_trace_is_left_behind_and_the_event_is_not():
    headers = to_headers(around(baked())) | {"traceparent": "not a trace"}

    assert read_envelope(BreadBaked.subject, headers).traceparent is None


@pytest.mark.parametrize("sequence", ["", "0", "-1", "1.0", "1e3", " 1", "٣", "9" * 30])
def test_a_version_is_a_plain_whole_number_from_one(sequence):
    headers = to_headers(around(baked())) | {"ce-sequence": sequence}

    with pytest.raises(HeaderInvalid):
        read_envelope(BreadBaked.subject, headers)


def test_a_time_without_a_zone_is_no_time():
    headers = to_headers(around(baked())) | {"ce-time": "2026-03-02T09:30:00"}

    with pytest.raises(HeaderInvalid) as invalid:
        read_envelope(BreadBaked.subject, headers)

    assert error_code(invalid.value) == "HeaderInvalid:/ce-time"


def test_the_subject_decides_who_told():
    with pytest.raises(WrongSource):
        read_envelope("shop.bread_baked.v1", to_headers(around(baked())))


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch_id": "%s", "number": true}',
        b'{"batch_id": "%s", "number": "1"}',
        b'{"batch_id": "%s", "number": 1.5}',
        b'{"batch_id": "%s", "number": null}',
        b'{"batch_id": "%s"}',
        b'["%s", 1]',
    ],
)
def test_a_body_that_is_not_this_fact_is_refused(body):
    fact = baked()

    with pytest.raises(FactInvalid):
        read_fact(BreadBaked, body % str(fact.batch_id).encode(), around(fact))


def test_a_field_the_reader_does_not_know_yet_is_no_trouble():
    fact = baked(3)
    body = fact.model_dump_json().encode().replace(b"{", b'{"flour": "rye", ', 1)

    assert read_fact(BreadBaked, body, around(fact)) == fact


def test_an_error_code_names_the_place_and_never_the_value():
    class Person(BaseModel):
        name: int

    with pytest.raises(ValidationError) as invalid:
        Person.model_validate({"name": "Mrs Example"})

    assert error_code(invalid.value) == "ValidationError:/name"
    assert error_code(RuntimeError("Mrs Example")) == "RuntimeError"
    assert error_code(NotUnderstood()) == "NotUnderstood"
    assert len(error_code(NotUnderstood("/x" * 500))) == 200
