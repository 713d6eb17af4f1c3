"""Making what is missing, repairing what drifted, and skipping no event in doing so."""

from contextlib import suppress
from dataclasses import dataclass, replace

import structlog
from nats.aio.client import Client
from nats.js import api
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, BadRequestError, NotFoundError, ServerError

from shared.plumbing.hearing import durable_name
from shared.plumbing.topology.drift import (
    CONSUMER_FIELDS,
    FIXED_CONSUMER_FIELDS,
    STREAM_FIELDS,
    Drift,
    differing,
    filters,
    strangers,
)
from shared.plumbing.topology.wanted import Services, consumers, stream_config, stream_names

log = structlog.get_logger()


@dataclass(frozen=True)
class Change:
    """One thing that was made, repaired or removed."""

    what: str
    how: str


class CannotRepair(Exception):
    """Some of what drifted cannot be put right in place; everything else has been."""

    def __init__(self, drifts: list[Drift]) -> None:
        super().__init__(" ".join(drift.sentence for drift in drifts))
        self.drifts = drifts


async def ensure(client: Client, services: Services, *, replicas: int = 1) -> list[Change]:
    """Make everything as the code says and return what had to change; again, and nothing does.

    A consumer that is gone is made again from the first event, and the reader's inbox absorbs the
    repeats: the furthest event it acted on is no proof that it acted on all before, as one that
    newly listens to a kind of fact has gone back. Raises CannotRepair, after all else has been
    repaired.
    """
    jetstream = client.jetstream()
    changes: list[Change] = []
    stuck: list[Drift] = []
    for name in stream_names(services):
        try:
            changes += await _stream(jetstream, name, services, replicas)
        except (BadRequestError, ServerError) as error:
            stuck.append(_stuck(f"stream {name}", error))
    for _reader, teller, wanted in consumers(services, replicas):
        try:
            found = await _consumer_info(jetstream, teller, str(wanted.name))
            if found is None:
                await jetstream.add_consumer(teller, wanted)
                changes.append(Change(f"consumer {wanted.name}", "made, from the first event"))
            else:
                changes += await _repaired(jetstream, teller, found, wanted)
        except Exception as error:  # one reader's trouble must not leave the others unrepaired
            stuck.append(_stuck(f"consumer {wanted.name}", error))
    for change in changes:
        log.info("topology_changed", what=change.what, state=change.how)
    if stuck:
        raise CannotRepair(stuck)
    return changes


async def from_the_first(
    client: Client, services: Services, reader: str, *, replicas: int = 1
) -> list[Change]:
    """Make all consumers of one service anew, from the first event; it may be reading meanwhile."""
    jetstream = client.jetstream()
    changes: list[Change] = []
    for teller in services[reader].heard:
        durable = durable_name(reader, teller)
        with suppress(NotFoundError):
            await jetstream.delete_consumer(teller, durable)
        changes.append(Change(f"consumer {durable}", "made, from the first event"))
    await ensure(client, services, replicas=replicas)
    return changes


def _stuck(what: str, error: Exception) -> Drift:
    why = error.description if isinstance(error, APIError) else type(error).__name__
    return Drift(
        what,
        f"The {what} cannot be made as the code says ({why}): compare it with the code by hand.",
    )


async def _stream(
    jetstream: JetStreamContext, service: str, services: Services, replicas: int
) -> list[Change]:
    what, wanted = f"stream {service}", stream_config(service, replicas)
    try:
        info = await jetstream.stream_info(service)
    except NotFoundError:
        await jetstream.add_stream(wanted)
        return [Change(what, "made")]
    changes = []
    fields = differing(info.config, wanted, STREAM_FIELDS)
    if fields:
        put_right = {name: getattr(wanted, name) for name in fields}
        await jetstream.update_stream(info.config.evolve(**put_right))
        changes.append(Change(what, f"repaired: {', '.join(fields)}"))
    names = {consumer.name for consumer in await jetstream.consumers_info(service)}
    for name in sorted(strangers(names, service, services)):
        await jetstream.delete_consumer(service, name)
        changes.append(Change(f"consumer {name}", "removed: nobody listens any more"))
    return changes


async def _consumer_info(
    jetstream: JetStreamContext, teller: str, durable: str
) -> api.ConsumerInfo | None:
    try:
        found: api.ConsumerInfo = await jetstream.consumer_info(teller, durable)
    except NotFoundError:
        return None
    return found


async def _repaired(
    jetstream: JetStreamContext, teller: str, found: api.ConsumerInfo, wanted: api.ConsumerConfig
) -> list[Change]:
    what, is_ = f"consumer {wanted.name}", found.config
    fields = differing(is_, wanted, CONSUMER_FIELDS)
    fixed = differing(is_, wanted, FIXED_CONSUMER_FIELDS)
    newly_heard = filters(wanted) - filters(is_)
    if filters(is_) != filters(wanted):
        fields.append("filter_subjects")
    if not fields and not fixed:
        return []
    at = found.ack_floor.stream_seq + 1 if found.ack_floor else 1
    # What was told before it was first listened to is heard too: the inbox absorbs the rest.
    start = min([at, *[await _first(jetstream, teller, subject, at) for subject in newly_heard]])
    if fixed or start < at:
        await jetstream.delete_consumer(teller, str(wanted.name))
        await _add_from(jetstream, teller, wanted, start)
        return [Change(what, f"made anew, from event {start}: {', '.join(fields + fixed)}")]
    kept = {name: getattr(is_, name) for name in ("deliver_policy", "opt_start_seq")}
    await jetstream.add_consumer(teller, replace(wanted, **kept))
    return [Change(what, f"repaired: {', '.join(fields)}")]


async def _first(jetstream: JetStreamContext, teller: str, subject: str, otherwise: int) -> int:
    """The place of the first event told on `subject`."""
    try:
        message = await jetstream.get_msg(teller, seq=1, subject=subject, next=True)
    except NotFoundError:
        return otherwise
    return message.seq or otherwise


async def _add_from(
    jetstream: JetStreamContext, teller: str, wanted: api.ConsumerConfig, start: int
) -> None:
    policy = api.DeliverPolicy.BY_START_SEQUENCE
    await jetstream.add_consumer(
        teller, replace(wanted, deliver_policy=policy, opt_start_seq=start)
    )
