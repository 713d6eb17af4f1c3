"""Working the figures out again from the streams, while the service goes on running."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from services.reporting.rebuild import CannotRebuild, rebuild
from shared.contracts.fact import Envelope, Fact
from shared.plumbing.hearing import Hearing
from shared.plumbing.replay import ReplayBroke, extent, replay
from shared.plumbing.settings import CannotStart

Progress = Callable[[int, int], None]
"""How many events have been read, and how many there are."""


async def rebuild_figures(where: Where, progress: Progress) -> int:
    """Count everything again; how many events were read for it. Raises CannotStart."""
    blueprint, hearing = blueprints()["reporting"], Hearing()
    blueprint.listen(hearing)
    streams, kinds = list(hearing.heard), list(hearing.facts)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(where.store(blueprint))
        client = await stack.enter_async_context(where.nats())
        jetstream = client.jetstream()
        total = await extent(jetstream, streams, kinds)

        def told() -> AsyncIterator[tuple[Envelope, Fact]]:
            return replay(jetstream, streams, kinds)

        try:
            return await rebuild(store, told, progress=lambda read: progress(read, total))
        except CannotRebuild as why:
            raise CannotStart(str(why)) from None
        except ReplayBroke:
            raise CannotStart(
                "The NATS server stopped in the middle; the figures are as they were. Try again."
            ) from None
