"""Telling the server that an event is being worked on, so that it gives it to nobody else."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from nats.aio.msg import Msg


class SignsOfLife:
    """Tells the server now and then that the event is being worked on, until it is stopped."""

    def __init__(self, message: Msg, every: timedelta) -> None:
        self._message = message
        self._every = every.total_seconds()
        self._telling: asyncio.Task[None] | None = None
        # Nearly every event is done long before: a timer costs nothing, a task would.
        self._timer = asyncio.get_running_loop().call_later(self._every, self._begin)

    def stop(self) -> None:
        self._timer.cancel()
        if self._telling is not None:
            self._telling.cancel()

    def _begin(self) -> None:
        self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while True:
            with suppress(Exception):
                await self._message.in_progress()
            await asyncio.sleep(self._every)
