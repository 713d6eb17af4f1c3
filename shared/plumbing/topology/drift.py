"""Finding what is not as the code says, in words that say what to do."""

from dataclasses import dataclass

from nats.aio.client import Client
from nats.js import api
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from shared.plumbing.hearing import durable_name
from shared.plumbing.topology.wanted import Services, consumers, stream_config, stream_names

STREAM_FIELDS = (
    "subjects",
    "storage",
    "retention",
    "discard",
    "max_age",
    "max_bytes",
    "max_msgs",
    "max_msgs_per_subject",
    "max_msg_size",
    "duplicate_window",
    "deny_delete",
    "deny_purge",
    "num_replicas",
)

CONSUMER_FIELDS = ("ack_wait", "max_deliver", "max_ack_pending", "num_replicas")

FIXED_CONSUMER_FIELDS = ("ack_policy", "replay_policy", "deliver_subject")
"""What cannot be changed in place: such a consumer is made anew where it was."""

REPAIR = "start Parley again, or run the deployment's topology step"


@dataclass(frozen=True)
class Drift:
    """One thing that is not as the code says."""

    what: str
    sentence: str
    """What is wrong, and what to do about it."""


def differing(is_: object, wanted: object, fields: tuple[str, ...]) -> list[str]:
    """The fields in which two configurations differ."""
    return [name for name in fields if getattr(is_, name) != getattr(wanted, name)]


def filters(config: api.ConsumerConfig) -> set[str]:
    """The subjects a consumer hands over; the server has two ways to say it."""
    return set(config.filter_subjects or ([config.filter_subject] if config.filter_subject else []))


def strangers(names: set[str], teller: str, services: Services) -> set[str]:
    """Consumers of our own services on `teller` for which nobody listens any more."""
    ours = {durable_name(reader, teller) for reader in services}
    heard = {
        durable_name(reader, teller)
        for reader, hearing in services.items()
        if teller in hearing.heard
    }
    return (names & ours) - heard


async def check(client: Client, services: Services, *, replicas: int = 1) -> list[Drift]:
    """Everything that is not as the code says; changes nothing."""
    jetstream = client.jetstream()
    found: list[Drift] = []
    for name in stream_names(services):
        found += await _stream(jetstream, name, services, replicas)
    for _, teller, wanted in consumers(services, replicas):
        found += await _consumer(jetstream, teller, wanted)
    for stream in await jetstream.streams_info():
        subjects = stream.config.subjects or []
        if any(subject.split(".")[0] in ("ask", "*", ">") for subject in subjects):
            greedy = stream.config.name
            sentence = (
                f"Stream {greedy} stores questions between services, which may hold personal "
                "data: delete it."
            )
            found.append(Drift(f"stream {greedy}", sentence))
    return found


async def _stream(
    jetstream: JetStreamContext, service: str, services: Services, replicas: int
) -> list[Drift]:
    what = f"stream {service}"
    try:
        info = await jetstream.stream_info(service)
    except NotFoundError:
        return [Drift(what, f"Stream {service} is missing: {REPAIR}.")]
    found = []
    fields = differing(info.config, stream_config(service, replicas), STREAM_FIELDS)
    if fields:
        found.append(Drift(what, f"Stream {service} differs in {', '.join(fields)}: {REPAIR}."))
    names = {consumer.name for consumer in await jetstream.consumers_info(service)}
    for name in sorted(strangers(names, service, services)):
        sentence = f"Nobody reads with consumer {name} any more: {REPAIR}."
        found.append(Drift(f"consumer {name}", sentence))
    return found


async def _consumer(
    jetstream: JetStreamContext, teller: str, wanted: api.ConsumerConfig
) -> list[Drift]:
    what = f"consumer {wanted.name}"
    try:
        info = await jetstream.consumer_info(teller, str(wanted.name))
    except NotFoundError:
        return [Drift(what, f"Consumer {wanted.name} is missing: {REPAIR}.")]
    fields = differing(info.config, wanted, CONSUMER_FIELDS + FIXED_CONSUMER_FIELDS)
    if filters(info.config) != filters(wanted):
        fields.append("filter_subjects")
    if not fields:
        return []
    return [Drift(what, f"Consumer {wanted.name} differs in {', '.join(fields)}: {REPAIR}.")]
