"""JetStream as far as Parley rests on it: streams, durable consumers, redelivery, duplicates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

from shared.plumbing.delivery import ACK_WAIT
from shared.plumbing.hearing import Hearing, durable_name
from shared.plumbing.topology.wanted import DUPLICATE_WINDOW


@dataclass(frozen=True)
class Stored:
    """One event in a stream."""

    seq: int
    subject: str
    body: bytes
    headers: Mapping[str, str]
    at: datetime

    @property
    def event_id(self) -> str:
        return self.headers["ce-id"]

    @property
    def about(self) -> str:
        """The one thing it is about: order is kept within that, whatever goes wrong."""
        return self.headers["ce-subject"]


@dataclass
class Stream:
    """Events in the order they were stored, and the ids that are remembered for a while."""

    name: str
    events: list[Stored] = field(default_factory=list)
    remembered: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        return len(self.events)

    def store(
        self, subject: str, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> tuple[int, bool]:
        """The event's place, and whether it was there already."""
        message_id = headers["Nats-Msg-Id"]
        seq, at = self.remembered.get(message_id, (0, now))
        if seq and now - at < DUPLICATE_WINDOW:
            return seq, True
        seq = self.last_seq + 1
        self.events.append(Stored(seq, subject, body, dict(headers), now))
        self.remembered[message_id] = (seq, now)
        return seq, False

    def at(self, seq: int) -> Stored | None:
        return self.events[seq - 1] if 0 < seq <= self.last_seq else None

    def cut_to(self, last_seq: int, *, remembers: bool = False) -> None:
        """Lose everything after this place; ids of the last minutes may be remembered all the
        same, as JetStream remembers them.
        """
        del self.events[last_seq:]
        if remembers:
            return
        self.remembered = {one.headers["Nats-Msg-Id"]: (one.seq, one.at) for one in self.events}


@dataclass
class Pending:
    """The one event that was handed over and is not settled yet."""

    seq: int
    deliveries: int
    again_at: datetime


@dataclass
class Consumer:
    """A reader's place in a stream: one event at a time."""

    reader: str
    stream: Stream
    subjects: frozenset[str]
    floor: int = 0
    """Everything up to here is settled."""
    settled: set[int] = field(default_factory=set)
    """Settled out of turn."""
    again: list[int] = field(default_factory=list)
    """Settled before, and handed over once more all the same."""
    pending: Pending | None = None

    @property
    def name(self) -> str:
        return durable_name(self.reader, self.stream.name)

    @property
    def ack_floor(self) -> SimpleNamespace:
        return SimpleNamespace(stream_seq=self.floor)

    @property
    def num_pending(self) -> int:
        return len(self.waiting())

    @property
    def num_ack_pending(self) -> int:
        return int(self.pending is not None)

    def waiting(self) -> list[Stored]:
        """What has not been settled yet, in order."""
        return [
            event
            for event in self.stream.events[self.floor :]
            if event.seq not in self.settled and event.subject in self.subjects
        ]

    def next(self, now: datetime, *, skip: int = 0) -> tuple[Stored, int] | None:
        """The event to hand over, and how often it has been by then; none when none is due.

        `skip` lets an event overtake that many others that are about other things.
        """
        if self.pending is not None:
            if now < self.pending.again_at:
                return None
            self.pending.deliveries += 1
            event = self.stream.events[self.pending.seq - 1]
        else:
            chosen = self._choose(skip)
            if chosen is None:
                return None
            event = chosen
            self.pending = Pending(event.seq, 1, now)
        self.pending.again_at = now + ACK_WAIT
        return event, self.pending.deliveries

    def _choose(self, skip: int) -> Stored | None:
        if self.again:
            return self.stream.events[self.again.pop() - 1]
        waiting = self.waiting()
        if not waiting:
            return None
        overtaken = waiting[:skip]
        first_of_its_kind = [
            event for event in waiting if event.about not in {one.about for one in overtaken}
        ]
        behind = [event for event in first_of_its_kind if event not in overtaken]
        return behind[0] if behind else waiting[0]

    def settle(self, seq: int, payload: bytes, now: datetime) -> None:
        """Take a word about the event that was handed over; a word about another is too late."""
        if self.pending is None or self.pending.seq != seq:
            return
        if payload.startswith(b"-NAK"):
            delay = json.loads(payload[4:] or b"{}").get("delay", 0)
            self.pending.again_at = now + timedelta(microseconds=delay / 1000)
        elif payload.startswith(b"+WPI"):
            self.pending.again_at = now + ACK_WAIT
        else:  # acknowledged, or ended for good
            self.settled.add(seq)
            self.pending = None
            self._raise_floor()

    def _raise_floor(self) -> None:
        while self.floor < self.stream.last_seq:
            event = self.stream.events[self.floor]
            if event.subject in self.subjects and event.seq not in self.settled:
                return
            self.settled.discard(event.seq)
            self.floor += 1

    def fall_back(self, last_seq: int) -> None:
        """The stream ends earlier now: what was settled after that is unknown again."""
        self.floor = min(self.floor, last_seq)
        self.settled = {seq for seq in self.settled if seq <= last_seq}
        self.again = [seq for seq in self.again if seq <= last_seq]
        if self.pending is not None and self.pending.seq > last_seq:
            self.pending = None


class Broker:
    """Every stream and consumer there is."""

    def __init__(self, hearings: Mapping[str, Hearing]) -> None:
        self.streams = {name: Stream(name) for name in hearings}
        self.consumers: dict[str, Consumer] = {}
        for reader, hearing in hearings.items():
            for teller, kinds in hearing.heard.items():
                subjects = frozenset(kind.subject for kind in kinds)
                consumer = Consumer(reader, self.streams[teller], subjects)
                self.consumers[consumer.name] = consumer
        self._copies: dict[str, tuple[list[Stored], dict[str, int]]] = {}

    def begin_with(self, told: Mapping[str, list[Stored]]) -> None:
        """Hold these events, all of which everybody has acted on."""
        for name, events in told.items():
            self.streams[name].events = list(events)
            self.streams[name].cut_to(len(events))
            for consumer in self.readers_of(name):
                consumer.floor = len(events)

    def readers_of(self, stream: str) -> list[Consumer]:
        return [one for one in self.consumers.values() if one.stream.name == stream]

    def cut_off(self, stream: str, lost: int, *, remembers: bool) -> None:
        """The last events are gone, as when a disk lied about having written them."""
        last_seq = max(0, self.streams[stream].last_seq - lost)
        self.streams[stream].cut_to(last_seq, remembers=remembers)
        for consumer in self.readers_of(stream):
            consumer.fall_back(last_seq)

    def wipe(self, stream: str) -> None:
        """The stream is made anew, and empty; its consumers with it."""
        self.streams[stream].cut_to(0)
        for consumer in self.readers_of(stream):
            self.make_anew(consumer.name)

    def make_anew(self, name: str) -> None:
        """A consumer that is gone is made again from the first event."""
        old = self.consumers[name]
        self.consumers[name] = Consumer(old.reader, old.stream, old.subjects)

    def copy(self, stream: str) -> None:
        """Keep a copy, to be restored later."""
        floors = {one.name: one.floor for one in self.readers_of(stream)}
        self._copies[stream] = (list(self.streams[stream].events), floors)

    def restore(self, stream: str) -> bool:
        """Go back to the last copy, consumers and all; False when there is none."""
        events, floors = self._copies.pop(stream, ([], {}))
        if not floors:
            return False
        self.streams[stream].events = events
        self.streams[stream].cut_to(len(events))
        for name, floor in floors.items():
            self.make_anew(name)
            self.consumers[name].floor = floor
        return True
