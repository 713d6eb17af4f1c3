"""What is counted, for Prometheus: one registry a service, so that four can share a process.

Labels are types, outcomes and route templates: never the id of a person or of a case.
"""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper bounds of the duration buckets."""


class Metrics:
    """Everything one service counts; the attributes are the vocabulary."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.registry = CollectorRegistry()
        self._own: dict[str, Gauge] = {}

        self.events = self._counter(
            "parley_events_heard",
            "Events taken from a stream; outcome is handled, repeated, failed or parked.",
            ["type", "outcome"],
        )
        self.handling = self._histogram(
            "parley_event_handling_seconds",
            "From the start of a handler's transaction to its commit.",
            ["type"],
        )
        self.published = self._counter(
            "parley_events_published",
            "Events the relay tried to publish; outcome is stored or failed.",
            ["type", "outcome"],
        )
        self.asks = self._histogram(
            "parley_ask_seconds",
            "Questions; part is asked or answered, outcome is answered, silent or failed.",
            ["subject", "part", "outcome"],
        )
        self.requests = self._histogram(
            "parley_request_seconds", "Requests by route template.", ["method", "route", "status"]
        )
        self.loop_failures = self._counter(
            "parley_loop_failures",
            "Times a background loop fell over and was started again.",
            ["loop"],
        )
        self._how_it_stands()

    def _how_it_stands(self) -> None:
        self.outbox_waiting = self._gauge("parley_outbox_waiting", "Events not yet in the stream.")
        self.outbox_age = self._gauge(
            "parley_outbox_oldest_seconds",
            "How long the oldest event has waited to reach the stream.",
        )
        self.parked = self._gauge("parley_parked_events", "Events waiting for a person.")
        self.audit_faults = self._gauge(
            "parley_audit_faults", "Signs that the audit was tampered with; 0 when it is whole."
        )
        self.alarms = self._counter("parley_alarms", "Alarms raised for people.", ["kind"])
        self.glass_opened = self._gauge(
            "parley_break_glass_this_month", "Cases opened in an emergency since the month began."
        )
        self.glass_late = self._gauge(
            "parley_break_glass_reviews_late", "Of all of them, those nobody reviewed in time."
        )
        self.ready = self._gauge("parley_ready", "1 when nothing ails the service.")

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: list[str]) -> Histogram:
        return Histogram(name, text, labels, buckets=SECONDS, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def gauge(self, name: str, text: str) -> Gauge:
        """A figure of one service's own practice; asked for again, it is the same."""
        if name not in self._own:
            self._own[name] = self._gauge(name, text)
        return self._own[name]

    def text(self) -> bytes:
        """Everything in Prometheus' own format."""
        return generate_latest(self.registry)


@cache
def of(service: str) -> Metrics:
    """The one set of counters this process keeps for a service."""
    return Metrics(service)
