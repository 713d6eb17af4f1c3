"""Asking for every part; what cannot be had is named, and takes no other part with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from deploy.upkeep.support import machine_parts, running_parts, store_parts
from deploy.upkeep.support.scrubbing import sentence
from deploy.upkeep.where import Where
from shared.plumbing.settings import CannotStart

PART_SECONDS = 120.0
"""How long one part may take: an audit of years is long, a server that is away must not be."""

PARTS: dict[str, Callable[[Where], Awaitable[object]]] = {
    "versions.json": machine_parts.versions,
    "settings.json": machine_parts.settings,
    "machine.json": machine_parts.machine,
    "doctor.json": machine_parts.doctor,
    "health.json": running_parts.health,
    "metrics.txt": running_parts.metrics,
    "streams.json": running_parts.streams,
    "stores.json": store_parts.stores,
    "keys.json": store_parts.keys,
    "audit.json": store_parts.audit,
}

ABOUT = """\
What an engineer needs to know of a Parley that needs help, made {at}.

Nobody is in it: versions, which settings are set, numbers, ids, coded words. No secret, no name, no
address, nothing that anybody wrote. An id says nothing by itself; whoever has the store can look it
up, so send this to people you trust all the same. `left-out.txt` says what could not be had.
"""


@dataclass
class Bundle:
    """The files of a bundle, by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


async def collect(where: Where, now: datetime, logs: list[Path], most_lines: int) -> Bundle:
    """Everything that can be had. Raises CannotStart for a log that was named and is not there."""
    bundle = Bundle({"README.txt": ABOUT.format(at=now.isoformat(timespec="seconds")).encode()})
    bundle.files |= running_parts.logs(where, logs, most_lines)
    for name, part in PARTS.items():
        try:
            async with asyncio.timeout(PART_SECONDS):
                found = await part(where)
        except CannotStart as why:
            bundle.left_out.append(f"{name}: {sentence(str(why))}")
        except Exception as error:
            bundle.left_out.append(f"{name}: {type(error).__name__}")
        else:
            bundle.files[name] = _written(found)
    said = bundle.left_out or ["Nothing: every part could be had."]
    bundle.files["left-out.txt"] = ("\n".join(said) + "\n").encode()
    return bundle


def _written(found: object) -> bytes:
    if isinstance(found, str):
        return found.encode() + b"\n"
    return json.dumps(found, indent=2, sort_keys=True, default=str).encode() + b"\n"
