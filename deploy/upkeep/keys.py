"""The key files of the services: making them, putting a new key in, taking an old one out."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from shared.plumbing.database import Database
from shared.plumbing.sealing import keyfile, kids
from shared.plumbing.sealing import rewrap as wrapping_anew
from shared.plumbing.sealing.keyfile import KeyFile
from shared.plumbing.sealing.trouble import KeysAway
from shared.plumbing.settings import CannotStart

LONGEST_TRANSACTION = timedelta(minutes=10)
"""How long after a new key came an old one may still be in use by what began before: with room
to spare, as no transaction lasts longer than a minute."""

Progress = Callable[[str, int, int], None]
"""Of which service, how many keys were wrapped anew, and how many there are."""


async def make(where: Where, service: str, now: datetime) -> KeyFile | None:
    """Make a service's key file if there never was one; None when it has one, or had one.

    A store that was sealed before needs the file it was sealed with: a new one would hide that.
    """
    path = keyfile.path_of(where.keys, service)
    if path.exists() or await has_sealed(where, service):
        return None
    with keyfile.alone(where.keys):
        if path.exists():
            return None
        made = keyfile.made(service, now)
        keyfile.save(path, made)
    return made


async def has_sealed(where: Where, service: str) -> bool:
    """Whether something in a service's store was sealed already."""
    if not where.has_store(service):
        return False
    async with where.store(blueprints()[service]) as database:
        try:
            async with database.reading() as session:
                table = session.schema.tables.sealed_key
                return (await session.execute(select(table.c.kid).limit(1))).first() is not None
        except DBAPIError as error:
            if is_not_there(error):
                return False
            raise CannotStart(
                f"The store of {service} cannot be read ({type(error.orig).__name__}): start its "
                "database again."
            ) from None


def is_not_there(error: DBAPIError) -> bool:
    """Whether the table is missing: the store is from before anything was sealed."""
    state = getattr(error.orig, "sqlstate", None)
    return state == "42P01" or "no such table" in str(error.orig)


def read(where: Where, service: str) -> tuple[Path, KeyFile]:
    """A service's key file. Raises CannotStart."""
    path = keyfile.path_of(where.keys, service)
    try:
        return path, keyfile.load(path, service)
    except KeysAway as away:
        raise CannotStart(away.hint) from None


async def rotate(where: Where, service: str, now: datetime) -> bytes | None:
    """Put a new key before the others; None when the last rotation is not finished yet."""
    if await _left(where, service):
        return None
    with keyfile.alone(where.keys):
        path, keys = read(where, service)
        if len(keys.keys) >= keyfile.MOST_KEYS:
            raise CannotStart(f"{path} holds too many keys: `parley keys retire` the old ones.")
        changed = keys.rotated(now)
        keyfile.save(path, changed)
    return changed.keys[0].kid


async def rewrap(where: Where, service: str, progress: Progress) -> wrapping_anew.Step:
    """Wrap every key of a service's store with the newest one. Raises CannotStart."""
    read(where, service)
    done = wrapping_anew.Step(0, 0)
    if not where.has_store(service):
        return done
    async with where.store(blueprints()[service]) as database:
        async for step, total in _steps(database):
            done = wrapping_anew.Step(
                done.wrapped + step.wrapped, done.unreadable + step.unreadable
            )
            progress(service, done.wrapped + done.unreadable, total)
    return done


async def _steps(database: Database) -> AsyncIterator[tuple[wrapping_anew.Step, int]]:
    try:
        total = await wrapping_anew.number_left(database)
        async for step in wrapping_anew.rewrap(database):
            yield step, total
    except KeysAway as away:
        raise CannotStart(away.hint) from None


async def unused(where: Where, service: str) -> list[bytes]:
    """The marks of old keys that nothing in the store is wrapped with any more."""
    _, keys = read(where, service)
    old = [one.kid for one in keys.keys[1:]]
    return [kid for kid in old if not await _in_use(where, service, kid)]


async def retire(where: Where, kid: bytes, now: datetime) -> str:
    """Take an old key out of the file it is in; of which service. Raises CannotStart."""
    for service in blueprints():
        with keyfile.alone(where.keys):
            path, keys = read(where, service)
            if kid not in [one.kid for one in keys.keys]:
                continue
            if kid == keys.keys[0].kid:
                raise CannotStart("This is the newest key: `parley keys rotate` makes another.")
            if now - keys.keys[0].made_at < LONGEST_TRANSACTION:
                raise CannotStart(
                    "The newest key is only minutes old, and work that began before it came may "
                    "still use this one: try again in ten minutes."
                )
            if await _in_use(where, service, kid):
                raise CannotStart("This key is still in use: run `parley keys rewrap` first.")
            keyfile.save(path, keys.without(kid))
            return service
    raise CannotStart("No key file holds a key with this mark.")


async def _left(where: Where, service: str) -> int:
    if not where.has_store(service):
        return 0
    _, keys = read(where, service)
    async with where.store(blueprints()[service]) as database, database.reading() as session:
        return await kids.number_besides(session, [keys.keys[0].kid])


async def _in_use(where: Where, service: str, kid: bytes) -> int:
    if not where.has_store(service):
        return 0
    async with where.store(blueprints()[service]) as database, database.reading() as session:
        return await kids.number(session, kid)
