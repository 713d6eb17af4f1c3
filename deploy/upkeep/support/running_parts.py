"""What the running services and the NATS server say of themselves."""

import asyncio
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from deploy.parts import blueprints, hearings
from deploy.upkeep.support.scrubbing import LEFT_OUT, log_lines, sentence
from deploy.upkeep.where import Where
from shared.contracts.catalogue import SERVICES
from shared.plumbing import strict_json, topology
from shared.plumbing.hearing import durable_name
from shared.plumbing.settings import CannotStart

PATIENCE_SECONDS = 5.0
LARGEST_ANSWER_BYTES = 4 * 1024 * 1024
LARGEST_LOG_BYTES = 16 * 1024 * 1024

OUR_METRICS = ("parley_", "# HELP parley_", "# TYPE parley_")


async def health(where: Where) -> object:
    """Each service's ailments: codes, and what is ill."""
    return {name: await _health(where, name) for name in SERVICES}


async def _health(where: Where, service: str) -> object:
    try:
        said = strict_json.load(await _get(where, f"/{service}/health/ready"))
    except Exception as error:
        return {"not_read": type(error).__name__}
    ailments = said.get("ailments", []) if isinstance(said, dict) else []
    return [{key: sentence(str(one.get(key, ""))) for key in ("code", "about")} for one in ailments]


async def metrics(where: Where) -> object:
    """What each service counts, in Prometheus' own words."""
    lines: list[str] = []
    for name in SERVICES:
        try:
            text = (await _get(where, f"/{name}/metrics")).decode()
        except Exception as error:
            lines.append(f"# {name} was not read: {type(error).__name__}")
            continue
        lines.append(f"# {name}")
        lines += [line for line in text.splitlines() if line.startswith(OUR_METRICS)]
    return "\n".join(lines)


async def _get(where: Where, path: str) -> bytes:
    run = where.run
    address = run.address if run else where.settings.site_url

    def get() -> bytes:
        try:
            with urllib.request.urlopen(address + path, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - our own address
                return bytes(answer.read(LARGEST_ANSWER_BYTES))
        except HTTPError as ill:  # a service that is not ready says so with 503, and why
            if ill.code != 503:
                raise
            return bytes(ill.read(LARGEST_ANSWER_BYTES))

    return await asyncio.to_thread(get)


async def streams(where: Where) -> object:
    """Each stream and reader: how far it is, and what is not as the code says."""
    parts = blueprints()
    heard = hearings(parts)
    async with where.nats() as client:
        drifts = await topology.check(client, heard)
        infos = await client.jetstream().streams_info()
        found = {info.config.name: await _stream(client, info) for info in infos}
    known = set(parts) | {"audit"}
    readers = {durable_name(reader, teller) for reader in parts for teller in parts}
    return {
        "streams": {name: one for name, one in found.items() if name in known},
        "unknown_streams": len(set(found) - known),
        "unknown_readers": sum(len(set(one["readers"]) - readers) for one in found.values()),
        "not_as_the_code_says": [sentence(one.sentence) for one in drifts if _ours(one, known)],
    }


def _ours(drift: topology.Drift, known: set[str]) -> bool:
    return any(name in drift.what for name in known)


async def _stream(client: Any, info: Any) -> dict[str, Any]:  # noqa: ANN401 - nats-py's own
    consumers = await client.jetstream().consumers_info(info.config.name)
    known = {durable_name(reader, info.config.name) for reader in SERVICES}
    return {
        "events": info.state.messages,
        "bytes": info.state.bytes,
        "first": info.state.first_seq,
        "last": info.state.last_seq,
        "readers": {
            one.name if one.name in known else LEFT_OUT: {
                "acknowledged": one.ack_floor.stream_seq if one.ack_floor else 0,
                "handed_over": one.delivered.stream_seq if one.delivered else 0,
                "waiting": one.num_pending,
                "in_hand": one.num_ack_pending,
                "again": one.num_redelivered,
            }
            for one in consumers
        },
    }


def logs(where: Where, given: list[Path], most_lines: int) -> dict[str, bytes]:
    """The last lines of each log that is known or was named, filtered. Raises CannotStart."""
    found = {}
    own = where.home.nats / "server.log"
    if where.is_embedded and own.exists():
        found["logs/nats-server.log"] = _tail(own, most_lines)
    for number, path in enumerate(given, start=1):
        try:
            found[f"logs/{number}.log"] = _tail(path, most_lines)
        except OSError as error:
            raise CannotStart(f"{path} cannot be read ({error.strerror}).") from None
    return found


def _tail(path: Path, most_lines: int) -> bytes:
    return "\n".join(_last(path, most_lines)).encode() + b"\n"


def _last(path: Path, most_lines: int) -> Iterator[str]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LARGEST_LOG_BYTES))
        lines = file.read().decode("utf-8", errors="replace").splitlines()
    yield from log_lines("\n".join(lines[-most_lines:]))
