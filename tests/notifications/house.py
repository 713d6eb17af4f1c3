"""A running notifications service between a real broker and a real mail server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI

from services.notifications.domain.message import Message, State
from services.notifications.store import SCHEMA
from services.notifications.store.waking import bell
from shared.contracts.fact import Fact
from shared.plumbing import outbox
from shared.plumbing.database import Database
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.web import running
from tests.notifications.builders import (
    granted,
)
from tests.notifications.desk import NewApp, Referral
from tests.notifications.office import Office, PromptCourier


@dataclass
class House:
    """A running notifications service, and the referral service it listens to."""

    app: FastAPI
    referral: Referral
    office: Office
    """Only to look into the store."""
    world: FixedWorld
    told: int = 0

    async def tell(self, *facts: Fact) -> None:
        """Referral records facts and its relay publishes them, as it does in real life."""
        assert self.referral.bus is not None
        database = self.referral.bus._database
        async with database.transaction() as session:
            for fact in facts:
                self.told += 1
                await outbox.record(session, fact, version=self.told)
        await outbox.Relay(database, self.referral.bus.publisher).publish_waiting()

    async def in_state(self, state: State, count: int = 1) -> list[Message]:
        """Wait until so many messages are in this state."""
        async with asyncio.timeout(15):
            while True:
                found = [one for one in await self.office.messages() if one.state is state]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.02)

    async def asked_in_vain(self) -> None:
        """Wait until somebody was asked for a permit and did not answer."""
        async with asyncio.timeout(15):
            while True:
                if any(one.silences for one in await self.office.messages()):
                    return
                await asyncio.sleep(0.02)

    async def minutes_go_by(self, until: Callable[[], object]) -> None:
        """Let the sender see one minute after the other go by; its clock does not go by itself."""
        async with asyncio.timeout(15):
            while not until():
                self.world.advance(timedelta(minutes=1))
                bell(self.app.state.service.database).set()
                await asyncio.sleep(0.05)


@pytest.fixture
def open_house(new_app: NewApp, world: FixedWorld) -> object:
    @asynccontextmanager
    async def opened(database: Database, **settings: object) -> AsyncIterator[House]:
        office = Office(database, world, PromptCourier(world))
        settings = {"guest_list": ("@example.org",), **settings}
        async with new_app(database, sends=True, **settings) as (app, referral), running(app):
            await app.state.service.bus.listening()
            yield House(app, referral, office, world)

    return opened


@pytest.fixture
async def house(open_house, sqlite_store: Store, world: FixedWorld) -> AsyncIterator[House]:
    async with open_house(await sqlite_store(SCHEMA, world=world)) as one:
        one.referral.permit = lambda _: granted("sam@example.org", at=world.now())
        yield one
