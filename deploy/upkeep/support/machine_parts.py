"""What the software is, how it is set, and how much room the machine has."""

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from enum import Enum
from importlib.metadata import distributions
from pathlib import Path
from typing import Literal, get_origin

from deploy.upkeep.doctor import examine
from deploy.upkeep.support.scrubbing import sentence
from deploy.upkeep.where import Where
from shared.plumbing.settings import Settings

OURS = "parley"

_MEMORY = Path("/proc/meminfo")
_OF_INTEREST = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")


async def versions(_where: Where) -> object:
    found = {one.metadata["Name"].lower(): one.version for one in distributions()}
    return {
        "parley": found.get(OURS, "not installed"),
        "python": platform.python_version(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "packages": dict(sorted(found.items())),
    }


async def settings(where: Where) -> object:
    """Whether each is set; its value only where that is one of a few words, a number, yes or no."""
    given = where.settings.model_fields_set
    named = {name for name in os.environ if name.startswith("PARLEY_")}
    known = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
    return {
        "settings": {
            name: _shown(where.settings, name) if name in given else "not set"
            for name in Settings.model_fields
        },
        "names_that_are_no_settings": len(named - known),
        "runs_embedded": where.is_embedded,
    }


def _shown(settings: Settings, name: str) -> object:
    value = getattr(settings, name)
    field = Settings.model_fields[name]
    harmless = isinstance(value, bool | int | float | Enum)
    if harmless or get_origin(field.annotation) is Literal:
        return value
    return "set"


async def machine(where: Where) -> object:
    found: dict[str, object] = {"processors": os.cpu_count(), "load": os.getloadavg()}
    if where.is_embedded:
        root = where.home.root
        existing = next(one for one in (root, *root.parents) if one.exists())
        disk = shutil.disk_usage(existing)
        found["disk_bytes"] = {"total": disk.total, "free": disk.free}
        found["stores_bytes"] = {one.name: one.stat().st_size for one in _stores(where)}
    found["memory"] = dict(_memory())
    found["executable_is_64_bit"] = sys.maxsize > 2**32
    return found


def _stores(where: Where) -> list[Path]:
    return sorted(where.home.stores.glob("*.db*"))


def _memory() -> Mapping[str, str]:
    if not _MEMORY.exists():
        return {}
    lines = (line.partition(":") for line in _MEMORY.read_text().splitlines())
    return {name: value.strip() for name, _, value in lines if name in _OF_INTEREST}


async def doctor(where: Where) -> object:
    return [{"well": one.is_well, "said": sentence(one.said)} for one in await examine(where)]
