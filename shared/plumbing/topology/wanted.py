"""What streams and consumers there have to be, worked out from what each service hears."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from nats.js import api

from shared.contracts.fact import Fact
from shared.plumbing.audit.stream import STREAM as AUDIT
from shared.plumbing.audit.stream import SUBJECTS as AUDIT_SUBJECTS
from shared.plumbing.delivery import ACK_WAIT
from shared.plumbing.hearing import Hearing, durable_name

LARGEST_EVENT_BYTES = 64 * 1024

DUPLICATE_WINDOW = timedelta(minutes=10)
"""How long a stream remembers a `Nats-Msg-Id`; longer than any relay takes to come back."""

Services = Mapping[str, Hearing]
"""What each service hears, by its name."""


def stream_names(services: Services) -> list[str]:
    """Every stream there has to be: one for each service, and the anchors of their audits."""
    return [*services, AUDIT]


def stream_config(name: str, replicas: int = 1) -> api.StreamConfig:
    """What a service tells on, or what all tell the heads of their audits on."""
    return api.StreamConfig(
        name=name,
        subjects=[AUDIT_SUBJECTS if name == AUDIT else f"{name}.>"],
        storage=api.StorageType.FILE,
        retention=api.RetentionPolicy.LIMITS,
        discard=api.DiscardPolicy.NEW,  # when a disk is full: refuse, never forget
        max_age=0,
        max_bytes=-1,
        max_msgs=-1,
        max_msgs_per_subject=-1,
        max_msg_size=LARGEST_EVENT_BYTES,
        duplicate_window=DUPLICATE_WINDOW.total_seconds(),
        deny_delete=True,
        deny_purge=True,
        num_replicas=replicas,
    )


def consumer_config(
    reader: str, teller: str, kinds: list[type[Fact]], replicas: int = 1
) -> api.ConsumerConfig:
    """With what one service reads another's stream."""
    durable = durable_name(reader, teller)
    return api.ConsumerConfig(
        name=durable,
        durable_name=durable,
        filter_subjects=sorted(kind.subject for kind in kinds),
        deliver_policy=api.DeliverPolicy.ALL,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT.total_seconds(),
        max_deliver=-1,  # failures are counted in the reader's store, and it alone gives up
        max_ack_pending=1,  # strict order, over all fact types and all replicas
        replay_policy=api.ReplayPolicy.INSTANT,
        num_replicas=replicas,
    )


def consumers(
    services: Services, replicas: int = 1
) -> Iterator[tuple[str, str, api.ConsumerConfig]]:
    """Every consumer there has to be: its reader, its teller and its settings.

    Raises ValueError when a service hears one that is not among `services`.
    """
    for reader, hearing in services.items():
        for teller, kinds in hearing.heard.items():
            if teller not in services:
                raise ValueError(f"{reader} hears {teller}, which is not deployed")
            yield reader, teller, consumer_config(reader, teller, kinds, replicas)
