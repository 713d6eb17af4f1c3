"""What there is once everything has come to rest: read from the stores at both ends, the streams
and the mailbox, never from what the program under test says of itself.
"""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from nats.js import api
from nats.js.client import JetStreamContext

from deploy.home import Home
from shared.contracts.catalogue import SERVICES
from shared.plumbing.connection import connected
from shared.plumbing.trust import DEPLOY_USER
from tests.fixtures.system import System

INTENT = re.compile(rb"^Message-ID:\s*<([0-9a-f-]{36})@", re.IGNORECASE | re.MULTILINE)
STREAM_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Told:
    """One row of an outbox."""

    event: UUID
    subject: str
    about: UUID
    version: int
    is_sent: bool


@dataclass(frozen=True)
class Intent:
    """One message somebody is to get."""

    id: UUID
    event: UUID
    person: UUID
    purpose: str
    state: str
    repeats: int = 0
    referral: UUID | None = None


@dataclass(frozen=True)
class Found:
    """Everything that is compared."""

    referrals: Mapping[UUID, str] = field(default_factory=dict)
    """Where each referral stands."""
    outboxes: Mapping[str, list[Told]] = field(default_factory=dict)
    streams: Mapping[str, list[UUID]] = field(default_factory=dict)
    """The events of each stream, by id, in its order."""
    intents: list[Intent] = field(default_factory=list)
    letters: Mapping[UUID, int] = field(default_factory=dict)
    """How many letters the mail server took for each intent."""
    listed_as_uncertain: frozenset[UUID] = frozenset()
    """What the page shows to whoever has to find out."""
    counted: Mapping[UUID, str] = field(default_factory=dict)
    """What reporting says has become of each referral."""
    planned: list[UUID] = field(default_factory=list)
    """The referral of each case that is to be planned."""
    parked: Mapping[str, int] = field(default_factory=dict)
    ailments: Mapping[str, list[str]] = field(default_factory=dict)

    def in_state(self, state: str) -> list[Intent]:
        return [intent for intent in self.intents if intent.state == state]


def look(system: System) -> Found:
    """Everything, at a moment when nothing moves any more."""
    home = system.home
    return Found(
        referrals={UUID(one): status for one, status in rows(home, "referral", REFERRALS)},
        outboxes={service: outbox(home, service) for service in SERVICES},
        streams=asyncio.run(_streams(home)),
        intents=[intent(*row) for row in rows(home, "notifications", INTENTS)],
        letters=letters(home.mailbox),
        listed_as_uncertain=_listed_as_uncertain(system),
        counted={UUID(one): became for one, became in rows(home, "reporting", COUNTED)},
        planned=[UUID(one) for (one,) in rows(home, "scheduling", PLANNED)],
        parked={service: rows(home, service, PARKED)[0][0] for service in SERVICES},
        ailments=system.ready(),
    )


REFERRALS = "SELECT id, status FROM referral"
OUTBOX = "SELECT event_id, subject, aggregate_id, version, sent_at IS NOT NULL FROM outbox"
INTENTS = "SELECT id, event_id, person_id, purpose, state, repeats, referral_id FROM message"
COUNTED = "SELECT referral_id, coalesce(outcome, 'waiting') FROM referral_counted"
PLANNED = "SELECT referral_id FROM planning_case"
PARKED = "SELECT count(*) FROM parked_event WHERE state IN ('parked', 'retry_asked')"


def rows(home: Home, service: str, query: str) -> list[tuple[Any, ...]]:
    return rows_in(home.stores / f"{service}.db", query)


def rows_in(store: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query).fetchall()


def outbox(home: Home, service: str) -> list[Told]:
    return [
        Told(UUID(event), subject, UUID(about), version, bool(sent))
        for event, subject, about, version, sent in rows(home, service, OUTBOX)
    ]


def letters(mailbox: Path) -> Counter[UUID]:
    """How many letters there are for each intent: every attempt has the same Message-ID."""
    found: Counter[UUID] = Counter()
    for path in mailbox.glob("*.eml"):
        intent = INTENT.search(path.read_bytes())
        assert intent is not None, f"{path} is no letter of ours"
        found[UUID(intent[1].decode())] += 1
    return found


async def _streams(home: Home) -> dict[str, list[UUID]]:
    run = home.run()
    assert run is not None
    async with connected(DEPLOY_USER, run.nats_url, home.user_creds(DEPLOY_USER)) as client:
        jetstream = client.jetstream(timeout=STREAM_PATIENCE_SECONDS)
        return {service: await event_ids(jetstream, service) for service in SERVICES}


async def event_ids(jetstream: JetStreamContext, stream: str) -> list[UUID]:
    """The ids of everything in a stream, in its order."""
    waiting = (await jetstream.stream_info(stream)).state.messages
    subscription = await jetstream.subscribe(
        f"{stream}.>",
        stream=stream,
        ordered_consumer=True,
        config=api.ConsumerConfig(headers_only=True),
    )
    found = []
    for _ in range(waiting):
        message = await subscription.next_msg(timeout=STREAM_PATIENCE_SECONDS)
        found.append(UUID((message.headers or {})["ce-id"]))
    await subscription.unsubscribe()
    return found


def intent(
    id_: str, event: str, person: str, purpose: str, state: str, repeats: int, about: str | None
) -> Intent:
    referral = UUID(about) if about else None
    return Intent(UUID(id_), UUID(event), UUID(person), purpose, state, repeats, referral)


def _listed_as_uncertain(system: System) -> frozenset[UUID]:
    """The messages on the page of those nobody knows of whether they came, page after page."""
    page = system.visitor().open("/notifications/?state=uncertain")
    found: set[UUID] = set()
    while True:
        parts = [link.rpartition("/messages/")[2] for link in page.links() if "/messages/" in link]
        found |= {UUID(part[:36]) for part in parts}
        older = [link for link in page.links() if "after=" in link]
        if not older:
            return frozenset(found)
        page = page.visitor.open(f"/notifications/{older[-1]}")
