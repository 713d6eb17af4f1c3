"""Traces that follow one request from the page, through the outbox, into every handler.

Off until `configure` is given a collector. Spans carry types and durable names, never people.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.contracts.fact import Envelope

_PROPAGATOR = TraceContextTextMapPropagator()
_PROVIDERS: dict[str, TracerProvider] = {}


def configure(service: str, endpoint: str, exporter: SpanExporter | None = None) -> None:
    """Trace `service` to an OTLP/HTTP `endpoint`, or to `exporter`; do nothing without either."""
    if exporter is None and endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=endpoint)
    if exporter is None:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _PROVIDERS[service] = provider


def stop(service: str) -> None:
    """Send what is left and trace this service no longer."""
    provider = _PROVIDERS.pop(service, None)
    if provider is not None:
        provider.shutdown()


def flush(service: str) -> None:
    """Send what has been traced so far."""
    provider = _PROVIDERS.get(service)
    if provider is not None:
        provider.force_flush()


def tracer(service: str) -> trace.Tracer:
    """The tracer of a service; one that does nothing while tracing is off."""
    provider = _PROVIDERS.get(service)
    return provider.get_tracer("parley") if provider else trace.NoOpTracer()


def current_traceparent() -> str | None:
    """The W3C trace context of this moment, to be stored beside a fact; None while off."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def requesting(service: str, method: str) -> Iterator[trace.Span]:
    """The span of one request. A caller's own trace is not continued: anybody can call."""
    if service not in _PROVIDERS:
        yield trace.INVALID_SPAN
        return
    with tracer(service).start_as_current_span(
        method,
        context=trace.set_span_in_context(trace.INVALID_SPAN),
        kind=SpanKind.SERVER,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield span


@contextmanager
def handling(service: str, envelope: Envelope, durable: str) -> Iterator[trace.Span]:
    """The span of one handler, a child of the span in which its event was recorded."""
    if service not in _PROVIDERS and envelope.traceparent is None:
        yield trace.INVALID_SPAN
        return
    # Where this service is not traced itself, what follows still belongs to the caller's trace.
    carrier = {"traceparent": envelope.traceparent} if envelope.traceparent else {}
    with tracer(service).start_as_current_span(
        f"hear {envelope.type}",
        context=_PROPAGATOR.extract(carrier),
        kind=SpanKind.CONSUMER,
        attributes={"messaging.system": "nats", "messaging.consumer.group.name": durable},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield span
