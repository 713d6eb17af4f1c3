"""A stream in memory, the port the relay publishes to, and relays running beside a test."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from shared.plumbing.outbox import Stored


class Stream:
    """Takes events as a stream would, unless it is told to refuse them."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.refuses: set[str] = set()
        self.is_down = False
        self.takes = 0.0
        """Seconds between being asked and acknowledging."""
        self.at_once = 0
        self.most_at_once = 0

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> int:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.takes)
            if self.is_down:
                raise ConnectionError("the broker is not there")
            if headers["Nats-Msg-Id"] in self.refuses:
                raise ValueError("a body of Zebedee Canary")
        finally:
            self.at_once -= 1
        self.ids.append(headers["Nats-Msg-Id"])
        self.headers.append(headers)
        return len(self.ids)

    async def last_seq(self) -> int:
        return len(self.ids)

    async def extent(self) -> tuple[int, int]:
        return 1, len(self.ids)

    async def read(self, first: int, last: int):
        for seq in range(first, last + 1):
            yield await self.get(seq)

    async def get(self, seq: int) -> Stored:
        headers = self.headers[seq - 1]
        return Stored(seq, headers["ce-type"], headers, b"{}", datetime.now(UTC))


@asynccontextmanager
async def running(*relays):
    tasks = [asyncio.create_task(each.run()) for each in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
