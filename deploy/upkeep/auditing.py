"""Verifying each service's audit, with the anchors outside its store where they can be read."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from shared.plumbing.audit import anchors, keys
from shared.plumbing.audit.anchors import Anchor
from shared.plumbing.audit.report import Fault, Report
from shared.plumbing.audit.verifying import verify
from shared.plumbing.settings import CannotStart

Anchors = Callable[[], AsyncIterator[Anchor]]


async def verify_all(where: Where, services: Sequence[str]) -> AsyncIterator[Report]:
    """One report for each of these services, or for all.

    Without a NATS server the chains and their signatures are verified, and the anchors are not.
    Raises CannotStart when a store cannot be read.
    """
    wanted = _named(services)
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(where.nats())
        except CannotStart:
            client = None
        for name in wanted:
            yield await _one(where, name, partial(anchors.read, client, name) if client else None)


def make_keys(where: Where, services: Sequence[str]) -> list[str]:
    """Make the keys that are missing, and say for whom. Raises CannotStart."""
    wanted, folder = _named(services), where.keys
    missing = [name for name in wanted if not (folder / f"{name}.audit.key").exists()]
    for name in wanted:
        keys.signing_key(folder, name, make=True)
    return missing


async def _one(where: Where, name: str, held: Anchors | None) -> Report:
    try:
        publics = keys.public_keys(where.keys, name)
    except (OSError, ValueError):
        raise CannotStart(f"The public keys of {name} in {where.keys} are none.") from None
    async with where.store(blueprints()[name]) as store:
        try:
            return await verify(store, publics, held() if held else None)
        except Exception as error:
            if held is None:
                raise CannotStart(_unreadable(name, error)) from None
            why = error
        try:
            report = await verify(store, publics)
        except Exception as error:
            raise CannotStart(_unreadable(name, error)) from None
    report.add(Fault.UNPROVEN, f"The anchors could not be read ({type(why).__name__}).")
    return report


def _unreadable(name: str, error: Exception) -> str:
    return f"The audit of {name} cannot be read ({type(error).__name__}): see `parley doctor`."


def _named(services: Sequence[str]) -> list[str]:
    parts = blueprints()
    if unknown := [name for name in services if name not in parts]:
        raise CannotStart(f"There is no service {unknown[0]}: choose of {', '.join(parts)}.")
    return list(services or parts)
