import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.contracts.fact import Envelope
from shared.plumbing import tracing
from tests.fixtures.clock import FixedWorld


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    tracing.configure("diary", "", exporter)
    yield exporter
    tracing.stop("diary")


def an_envelope(traceparent):
    world = FixedWorld()
    return Envelope(
        id=world.new_id(),
        source="diary",
        type="diary.entry_written.v1",
        subject=world.new_id(),
        sequence=1,
        time=world.now(),
        correlation=world.new_id(),
        traceparent=traceparent,
    )


def spans_of(exporter):
    tracing.flush("diary")
    return exporter.get_finished_spans()


def test_while_tracing_is_off_nothing_is_stored_beside_a_fact():
    tracing.configure("diary", "")

    with tracing.requesting("diary", "POST"):
        assert tracing.current_traceparent() is None


def test_a_handler_is_a_child_of_the_request_that_recorded_its_event(spans):
    with tracing.requesting("diary", "POST"):
        stored = tracing.current_traceparent()
    with tracing.handling("diary", an_envelope(stored), "reader-diary"):
        told_on = tracing.current_traceparent()
    with tracing.handling("diary", an_envelope(told_on), "third-reader"):
        pass

    first, second, third = sorted(spans_of(spans), key=lambda span: span.start_time)
    assert first.parent is None
    assert second.parent.span_id == first.context.span_id
    assert third.parent.span_id == second.context.span_id
    assert len({span.context.trace_id for span in (first, second, third)}) == 1


def test_a_malformed_traceparent_begins_a_trace_of_its_own(spans):
    with tracing.handling("diary", an_envelope("00-zz-oops-01"), "reader-diary"):
        pass

    (span,) = spans_of(spans)
    assert span.parent is None


def test_a_handler_without_a_stored_trace_does_not_join_another(spans):
    with (
        tracing.requesting("diary", "POST"),
        tracing.handling("diary", an_envelope(None), "reader-diary"),
    ):
        pass

    inner, outer = spans_of(spans)
    assert inner.context.trace_id != outer.context.trace_id


def test_an_error_is_not_written_into_a_span(spans):
    with (
        pytest.raises(ValueError, match="Zebedee"),
        tracing.requesting("diary", "POST"),
        tracing.handling("diary", an_envelope(None), "reader-diary"),
    ):
        raise ValueError("Zebedee Canary")

    assert all("Zebedee" not in span.to_json() for span in spans_of(spans))
    assert len(spans_of(spans)) == 2
