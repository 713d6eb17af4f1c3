"""Four stores made by the real migrations, and the nats-server of `make run` with its streams."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from typer.testing import CliRunner

from deploy import nats
from deploy.cli import app
from deploy.home import Home
from deploy.parts import blueprints
from shared.contracts.referral import AreaNamed
from shared.plumbing import outbox
from shared.plumbing.connection import connected
from shared.plumbing.database import Database
from shared.plumbing.outbox import Relay
from shared.plumbing.own_stream import OwnStream
from tests.fixtures import keys

READER = "reporting-referral"


class Deployment:
    """Four stores and a nats-server with their streams, and no service running."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.url = ""

    async def tell(self, *labels: str) -> list[UUID]:
        """Name areas, as referral does, and publish that."""
        areas = [uuid4() for _ in labels]
        async with self.store() as store, self.at("referral") as client:
            async with store.transaction() as session:
                for area, label in zip(areas, labels, strict=True):
                    await outbox.record(session, AreaNamed(area_id=area, label=label), version=1)
            await Relay(store, OwnStream("referral", client)).publish_waiting()
        return areas

    async def relay(self) -> int:
        async with self.store() as store, self.at("referral") as client:
            return await Relay(store, OwnStream("referral", client)).publish_waiting()

    async def lose_the_stream(self) -> None:
        async with self.at("deploy") as client:
            await client.jetstream().delete_stream("referral")
            async with nats.streams(self.url, self.trusted, blueprints()):
                pass

    async def slip_in(self) -> None:
        async with self.at("referral") as client:
            headers = {"ce-id": str(uuid4()), "ce-subject": str(UUID(int=7))}
            await client.jetstream().publish("referral.odd.v1", b"{}", headers=headers)

    def at(self, user: str):
        return connected(user, self.url, self.home.user_creds(user))

    def store(self, service: str = "referral"):
        return _closing(
            Database(
                self.home.store_url(service),
                blueprints()[service].schema,
                keyring=keys.keyring(service),
            )
        )

    async def acknowledge(self, count: int) -> None:
        """As reporting does once it has acted on the next events, but without acting."""
        async with self.at("reporting") as client:
            bound = client.jetstream().pull_subscribe_bind
            reader = await bound(stream="referral", durable=READER)
            for _ in range(count):  # it is given one at a time
                [message] = await reader.fetch(1)
                await message.ack_sync()

    async def command(self, *words: str):
        return await self.parley("reconcile", *words)

    async def parley(self, *words: str):
        return await asyncio.to_thread(CliRunner().invoke, app, words)


@asynccontextmanager
async def _closing(database: Database):
    yield database
    await database.close()
