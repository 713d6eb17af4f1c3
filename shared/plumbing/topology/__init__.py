"""Every stream and consumer there is, made and kept as the code says, by the deployment alone.

A stream for each service, with its name; a durable consumer for each reader of it. Nothing in a
stream is aged out or may be deleted: facts hold nobody, and readers can be rebuilt from them.
"""

from shared.plumbing.topology.acknowledged import last_acknowledged
from shared.plumbing.topology.drift import Drift, check
from shared.plumbing.topology.keeper import keep
from shared.plumbing.topology.repair import CannotRepair, Change, ensure, from_the_first
from shared.plumbing.topology.wanted import Services, consumer_config, stream_config

__all__ = [
    "CannotRepair",
    "Change",
    "Drift",
    "Services",
    "check",
    "consumer_config",
    "ensure",
    "from_the_first",
    "keep",
    "last_acknowledged",
    "stream_config",
]
