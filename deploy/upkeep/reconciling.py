"""Comparing what services have told with what their streams hold, and mending it."""

from collections.abc import AsyncIterator, Callable, Sequence

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from shared.plumbing.outbox import Reconciler, Report
from shared.plumbing.own_stream import OwnStream
from shared.plumbing.settings import CannotStart

Progress = Callable[[str, int, int], None]
"""Whose stream is read, how far, and how long it is."""


async def reconcile(
    where: Where, services: Sequence[str], *, mend: bool, progress: Progress
) -> AsyncIterator[Report]:
    """One report for each of these services, or for all. Raises CannotStart."""
    parts = blueprints()
    if unknown := [name for name in services if name not in parts]:
        raise CannotStart(f"There is no service {unknown[0]}: choose of {', '.join(parts)}.")
    async with where.nats() as client:
        for name in services or parts:
            async with where.store(parts[name]) as store:
                reconciler = Reconciler(store, OwnStream(name, client))

                def read(done: int, total: int, name: str = name) -> None:
                    progress(name, done, total)

                try:
                    report = await reconciler.reconcile(mend=mend, progress=read)
                except Exception as error:
                    kind = type(error).__name__
                    raise CannotStart(
                        f"The store of {name} and its stream cannot be compared ({kind}): "
                        "`parley doctor` says which of them is ill."
                    ) from None
            yield report
