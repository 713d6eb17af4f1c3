"""An event as a stream handed it over, before anybody has understood it."""

from collections.abc import Mapping
from dataclasses import dataclass

from nats.aio.msg import Msg

from shared.plumbing import parked


@dataclass(frozen=True)
class Arrival:
    """An event as it came in, not understood yet."""

    consumer: str
    stream: str
    stream_seq: int
    deliveries: int
    """How often the server has handed it over, this time included; 1 for nearly all."""
    subject: str
    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, message: Msg) -> "Arrival":
        met = message.metadata
        return cls(
            consumer=met.consumer,
            stream=met.stream,
            stream_seq=met.sequence.stream,
            deliveries=met.num_delivered,
            subject=message.subject,
            body=message.data,
            headers=message.headers or {},
        )

    @property
    def key(self) -> str:
        return parked.event_key(self.headers, self.body, self.stream_seq)
