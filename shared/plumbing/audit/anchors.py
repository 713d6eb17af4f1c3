"""Heads that lie outside the store: whoever changes the store cannot change these with it.

They are told into one stream, from which nothing can be deleted. A service may tell its own there
and read nothing; the deploy user reads.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import api
from sqlalchemy import func, insert, select

from shared.plumbing.audit.chain import Head
from shared.plumbing.audit.stream import STREAM, subject_of
from shared.plumbing.database import Database

PATIENCE_SECONDS = 5.0
READ_AHEAD = 1000
AT_ONCE = 100
"""How many heads are told in one go: after an outage there may be many."""


class AnchorsCutShort(Exception):
    """The stream stopped in the middle: what was read so far is not the whole."""


@dataclass(frozen=True)
class Anchor:
    """A head as the stream holds it; `head` is None where that cannot be read."""

    stream_seq: int
    head: Head | None


def body_of(head: Head) -> bytes:
    """A head as it is told."""
    told = {
        "n": head.n,
        "hash": head.hash.hex(),
        "at": head.at.isoformat(),
        "key_id": head.key_id,
        "signature": base64.b64encode(head.signature).decode(),
    }
    return json.dumps(told).encode()


def read_body(body: bytes) -> Head | None:
    """The head that was told; None for anything else."""
    try:
        told = json.loads(body)
        return Head(
            int(told["n"]),
            bytes.fromhex(told["hash"]),
            datetime.fromisoformat(told["at"]),
            str(told["key_id"]),
            base64.b64decode(told["signature"]),
        )
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None


async def tell_heads(database: Database, client: Client) -> int:
    """Tell every head that is not known to lie outside yet, oldest first; how many went.

    A crash before the note tells a head twice, which does no harm. Raises what nats-py raises.
    """
    tables, service = database.schema.tables.audit, database.schema.name
    told_up_to = select(func.coalesce(func.max(tables.anchor.c.n), 0)).scalar_subquery()
    wanted = select(tables.head).where(tables.head.c.n > told_up_to).order_by(tables.head.c.n)
    async with database.reading() as session:
        rows = (await session.execute(wanted.limit(AT_ONCE))).all()
    jetstream = client.jetstream(timeout=PATIENCE_SECONDS)
    for row in rows:
        head = Head(**row._mapping)
        ack = await jetstream.publish(
            subject_of(service),
            body_of(head),
            stream=STREAM,
            headers={"Nats-Msg-Id": f"{service}:{head.n}:{head.hash.hex()}"},
        )
        async with database.transaction() as session:
            told = {"n": head.n, "stream_seq": ack.seq, "at": session.now()}
            await session.execute(insert(tables.anchor), told)
    return len(rows)


async def read(client: Client, service: str) -> AsyncIterator[Anchor]:
    """Every anchor of a service that there is now, in order. Only for the deploy user.

    Raises AnchorsCutShort, and what nats-py raises when the stream is not there.
    """
    jetstream = client.jetstream(timeout=PATIENCE_SECONDS)
    subject = subject_of(service)
    info = await jetstream.stream_info(STREAM, subjects_filter=subject)
    waiting = (info.state.subjects or {}).get(subject, 0)
    if not waiting:
        return
    arrived: asyncio.Queue[Msg] = asyncio.Queue(READ_AHEAD)
    subscription = await jetstream.subscribe(
        "",
        stream=STREAM,
        cb=arrived.put,
        ordered_consumer=True,
        config=api.ConsumerConfig(filter_subjects=[subject]),
    )
    try:
        for _ in range(waiting):
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    message = await arrived.get()
            except TimeoutError:
                raise AnchorsCutShort(service) from None
            yield Anchor(message.metadata.sequence.stream, read_body(message.data))
    finally:
        await subscription.unsubscribe()
