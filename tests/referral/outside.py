"""Somebody at the door who comes in with their organisation's account, a step at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import select

from services.referral.sign_in.outside.fetching import Fetch
from services.referral.sign_in.outside.provider import Provider as Known
from services.referral.sign_in.outside.settings import outside
from services.referral.store.accounts import ACCOUNT
from services.referral.store.sessions import SESSION
from shared.contracts.access import AccessRole
from shared.plumbing.database import Database
from tests.fixtures.provider import Provider
from tests.referral.door import Door, at_the_door

OUTSIDE = "/referral/sign-in/outside"
SAM = "sam@example.org"
CASES = "/referral/cases"


@dataclass
class Doorstep:
    """The service, a provider, and somebody between the two."""

    door: Door
    provider: Provider
    app: FastAPI
    browser: AsyncClient
    elsewhere: AsyncClient = field(repr=False)
    """Talks to the provider as their browser would."""

    @property
    def database(self) -> Database:
        return self.door.database

    async def add(self, email: str = SAM, *roles: AccessRole) -> UUID:
        """A colleague of ours, who has not signed in yet."""
        person_id, _ = await self.door.invite(email, *roles)
        return person_id

    async def go(self, **asked: str) -> str:
        """Out to the provider; its address with all that it is asked."""
        answer = await self.browser.get(OUTSIDE, params=asked)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def agree(self, address: str) -> str:
        """Agree there; the address one is sent back to."""
        answer = await self.elsewhere.get(address)
        if answer.status_code == 200:
            answer = await self.elsewhere.post(address, data={"name": self.provider.who})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, **asked: str) -> Response:
        """All the way."""
        return await self.browser.get(await self.agree(await self.go(**asked)))

    async def is_in(self) -> bool:
        return (await self.browser.get(CASES)).status_code == 200

    async def rows(self, table):
        async with self.database.reading() as session:
            return (await session.execute(select(table))).all()

    async def account(self, person_id: UUID):
        (found,) = [row for row in await self.rows(ACCOUNT) if row.person_id == person_id]
        return found

    async def open_sessions(self) -> int:
        return len([row for row in await self.rows(SESSION) if row.revoked_at is None])


@asynccontextmanager
async def on_the_doorstep(
    database: Database, provider: Provider, folder: Path, **settings: object
) -> AsyncIterator[Doorstep]:
    async with (
        at_the_door(database, **provider.settings(folder, **settings)) as door,
        AsyncClient() as elsewhere,
    ):
        yield Doorstep(door, provider, door.app, door.browser, elsewhere)


async def leave(step: Doorstep, token: str) -> Response:
    """The provider's own server says that somebody left; it has no cookies and no form of ours."""
    transport = step.browser._transport
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as it:
        return await it.post(f"{OUTSIDE}/ended", data={"logout_token": token})


def impatient(app: FastAPI, patience: timedelta = timedelta(milliseconds=200)) -> None:
    """Let the service wait for the provider less long than people would."""
    settings = outside(app.state.service.settings)
    assert settings is not None
    app.state.provider = Known(settings, Fetch(settings.origins, patience))
