"""Python, the packages, and the room that is left on the disk."""

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from deploy.upkeep.finding import Finding, look, well

OLDEST_PYTHON = (3, 11)
LEAST_ROOM_BYTES = 1024**3
LOCK = Path(__file__).parents[2] / "requirements.lock"

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def examine(kept_in: Path | None, lock: Path = LOCK) -> Iterator[Finding]:
    """`kept_in` is the folder in which the embedded run keeps everything."""
    yield _python()
    yield _packages(lock)
    if kept_in is not None:
        yield _room(kept_in)


def _python() -> Finding:
    found = sys.version_info[:2]
    said = f"Python {found[0]}.{found[1]}"
    if found >= OLDEST_PYTHON:
        return well(f"{said}.")
    return look(f"{said} is too old: install Python 3.11 or newer, delete .venv, and start again.")


def _packages(lock: Path) -> Finding:
    if not lock.exists():
        return well("There is no requirements.lock here to compare the packages with.")
    older = sorted(_older(lock.read_text()))
    if not older:
        return well("All packages are at least as new as in requirements.lock.")
    return look(
        f"Older than in requirements.lock: {', '.join(older)}. Delete .venv and start again."
    )


def _older(locked: str) -> Iterator[str]:
    for name, wanted in _LOCKED.findall(locked):
        try:
            found = version(name)
        except PackageNotFoundError:
            continue  # another service's, or another system's
        if _numbers(found) < _numbers(wanted):
            yield f"{name} {found}"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _room(folder: Path) -> Finding:
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(existing).free
    said = f"{free / 1024**3:.1f} GB are free for {folder}"
    if free >= LEAST_ROOM_BYTES:
        return well(f"{said}.")
    return look(f"Only {said}: make room, or nothing can be taken in soon.")
