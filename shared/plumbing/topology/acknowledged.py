"""How far a reader has said that it has come."""

from nats.aio.client import Client

from shared.plumbing.hearing import durable_name
from shared.plumbing.outbox import Stored
from shared.plumbing.own_stream import OwnStream


async def last_acknowledged(client: Client, reader: str, teller: str) -> Stored | None:
    """The event up to which everything is acknowledged.

    None when there is none yet, and when the stream has lost it: comparing says that.
    """
    info = await client.jetstream().consumer_info(teller, durable_name(reader, teller))
    if not info.ack_floor or not info.ack_floor.stream_seq:
        return None
    return await OwnStream(teller, client).get(info.ack_floor.stream_seq)
