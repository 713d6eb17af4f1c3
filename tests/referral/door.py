"""Somebody at the door: invited, setting up an account, signing in."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx import AsyncClient, Response

from services.referral.actions.accounts import add_account
from services.referral.domain.accounts import InvitedTo
from services.referral.main import BLUEPRINT
from services.referral.routes.secret import sign_in_key
from services.referral.sign_in.passwords import Passwords
from services.referral.sign_in.tokens import name_digest, new_link
from shared.contracts.access import AccessRole
from shared.plumbing import service
from shared.plumbing.database import Database
from shared.plumbing.settings import Settings
from tests.fixtures.web import visitor
from tests.referral.web import the_form

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "heron lantern orchard"
EMAIL = "robin@parley.example"


@dataclass
class Colleague:
    """One who has set up an account, and what they know."""

    id: UUID
    email: str = EMAIL
    password: str = PASSWORD
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)


@dataclass
class Door:
    """The service's app, and somebody in front of it who has not signed in."""

    app: FastAPI
    browser: AsyncClient
    database: Database

    @property
    def now(self):
        return self.database.world.now()

    async def send(self, page: Response, number: int = 0, **answers: object) -> Response:
        form = the_form(page, number)
        return await self.browser.post(form.action, data={**form.values, **answers})

    async def invite(self, email: str = EMAIL, *roles: AccessRole) -> tuple[UUID, str]:
        """Somebody new, and their link."""
        digest = name_digest(sign_in_key(self.app.state.service.settings), email)
        chosen = frozenset(roles or {AccessRole.COORDINATOR})
        async with self.database.transaction() as session:
            person_id = await add_account(
                session, "Robin Example", email, chosen, name_digest=digest
            )
            return person_id, await new_link(session, person_id, InvitedTo.SET_UP)

    async def set_up(self, email: str = EMAIL, *roles: AccessRole) -> Colleague:
        """Somebody who has followed their invitation to its end, and signed out again."""
        person_id, link = await self.invite(email, *roles)
        page = await self.send(await self.browser.get(link), password=PASSWORD, again=PASSWORD)
        who = Colleague(person_id, email, secret=secret_on(page))
        page = await self.send(page, code=self.code(who))
        assert page.status_code == 200, page.text
        who.recovery_codes = re.findall(r"<code[^>]*>([A-Z2-9-]{23})</code>", page.text)
        await self.browser.post("/referral/sign-out")
        return who

    def code(self, who: Colleague, steps: int = 0) -> str:
        return pyotp.TOTP(who.secret).at(self.now, counter_offset=steps)

    async def password(self, email: str, password: str, then: str = "") -> Response:
        page = await self.browser.get("/referral/sign-in", params={"next": then} if then else None)
        return await self.send(page, email=email, password=password)

    async def sign_in(self, who: Colleague, steps: int = 1, then: str = "") -> Response:
        """All the way in, with the code of a step from now."""
        page = await self.password(who.email, who.password, then)
        return await self.send(page, code=self.code(who, steps))


def secret_on(page: Response) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7 ]{32,})</code>", page.text)
    assert found is not None, page.text
    return found[1].replace(" ", "")


@asynccontextmanager
async def at_the_door(
    database: Database, hasher: PasswordHasher = CHEAP, **settings: object
) -> AsyncIterator[Door]:
    url = database.url.render_as_string(hide_password=False)
    app = service.create(BLUEPRINT, Settings(database_url=url, **settings), database.world)
    app.state.passwords = Passwords(hasher)
    async with visitor(app, staff=None) as browser:
        yield Door(app, browser, database)
    await app.state.service.database.close()
