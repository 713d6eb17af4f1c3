"""All that Parley keeps about one person, for that person: read from every store, put in a folder.

What is read is noted in each store, and that is committed before anything is written down.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from services.notifications.actions import record as messages
from services.referral.actions import pieces
from services.referral.actions import record as person
from services.referral.routes.person_file import (
    PAGES,
    PersonFile,
    as_html,
    as_json,
    controller_of,
)
from services.reporting import actions as figures
from services.scheduling.actions import record as meetings
from shared.contracts.person_record import PersonRecord
from shared.contracts.refusal import Refusal
from shared.plumbing import audit
from shared.plumbing.audit import telling
from shared.plumbing.database import Session
from shared.plumbing.sealing.trouble import Sealed
from shared.plumbing.settings import CannotStart
from shared.plumbing.world import REAL
from shared.ui.pages import Pages

OPERATOR = audit.Asker(None, "operator")
"""Whoever may use the key files: who that is, Parley cannot know."""

ONLY_ME, ONLY_I_MAY_READ = 0o700, 0o600


@dataclass(frozen=True)
class Exported:
    """What came of it."""

    files: tuple[Path, ...]
    waiting: int
    """Pieces about several people that nobody has decided about."""


async def export(where: Where, person_id: str, folder: Path) -> Exported:
    """Write the copy. Raises CannotStart, in one sentence; then nothing was written."""
    wanted = _read_id(person_id)
    _refuse_unless_new(folder)
    try:
        copy, waiting = await _gather(where, wanted)
    except (Refusal, Sealed) as why:
        raise CannotStart(str(why)) from None
    environment = Pages("referral", PAGES).environment
    contents = {"copy.html": as_html(environment, copy), "copy.json": as_json(copy)}
    return Exported(_write(folder, contents), waiting)


async def _gather(where: Where, person_id: UUID) -> tuple[PersonFile, int]:
    """What each store keeps, and a note of it in each."""
    async with _store(where, "referral") as session:
        parts = {"referral": await person.person_record(session, person_id)}
        waiting = len(await pieces.waiting(session, person_id))
        own = await person.own_referrals(session, person_id)
        await telling.note_disclosure(session, person_id, OPERATOR)
    async with _store(where, "scheduling") as session:
        parts["scheduling"] = await _noted(
            session, person_id, await meetings.person_record(session, person_id)
        )
    async with _store(where, "notifications") as session:
        parts["notifications"] = await _noted(
            session, person_id, await messages.person_record(session, person_id)
        )
    async with _store(where, "reporting") as session:
        parts["reporting"] = await _noted(
            session, person_id, await figures.person_record(session, person_id, own)
        )
    return PersonFile(person_id, REAL.now(), controller_of(where.settings), parts), waiting


async def _noted(session: Session, person_id: UUID, record: PersonRecord) -> PersonRecord:
    await telling.note_disclosure(session, person_id, OPERATOR)
    return record


@asynccontextmanager
async def _store(where: Where, service: str) -> AsyncIterator[Session]:
    """One transaction on a store. Raises CannotStart where it cannot be read: a copy without its
    part would be a false one."""
    async with where.store(blueprints()[service]) as database, database.transaction() as session:
        yield session


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CannotStart(
            "That is no id: it stands in the address of the page where they are given a copy."
        ) from None


def _refuse_unless_new(folder: Path) -> None:
    """Raise CannotStart where something lies already: it would be given out with the copy."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CannotStart(f"{folder} is no folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise CannotStart(f"There is something in {folder}: give a new folder.")


def _write(folder: Path, contents: Mapping[str, str]) -> tuple[Path, ...]:
    try:
        folder.mkdir(mode=ONLY_ME, parents=True, exist_ok=True)
        folder.chmod(ONLY_ME)
        return tuple(_written(folder / name, text) for name, text in contents.items())
    except OSError as why:
        raise CannotStart(f"The copy could not be written to {folder}: {why.strerror}.") from None


def _written(path: Path, text: str) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_I_MAY_READ)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
