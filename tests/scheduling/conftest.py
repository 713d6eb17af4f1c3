"""The planning pages as staff meet them: the app, its store, and a referral that answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from services.scheduling.main import BLUEPRINT
from services.scheduling.store.tables import SCHEMA
from shared.contracts.referral import (
    GrantRefusal,
    MeetingGrant,
    MeetingGrantWanted,
    NameCard,
    NameCards,
    NameCardsWanted,
    Reference,
)
from shared.plumbing import service
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database, Schema, Session, new_base
from shared.plumbing.hearing import Hearing
from shared.plumbing.settings import Settings
from tests.fixtures.clock import FixedWorld
from tests.fixtures.patience import until
from tests.fixtures.web import running, visitor
from tests.scheduling.builders import COLLEAGUE, FACILITATOR, FIRST, GRANT, SECOND
from tests.scheduling.builders import REFERRAL as REFERRAL_ID
from tests.scheduling.office import furnish

REFERRAL = Schema("referral", new_base())

NAMES = {FIRST: "Amina Test", SECOND: "Bo Test", FACILITATOR: "Cleo Staff", COLLEAGUE: "Dee Staff"}


@dataclass
class Referral(Hearing):
    """Answers as referral would, in whatever way a test tells it to; it has no rules of its own."""

    refusals: tuple[GrantRefusal, ...] = ()
    names: dict[UUID, str] = field(default_factory=lambda: dict(NAMES))
    references: dict[UUID, str] = field(default_factory=lambda: {REFERRAL_ID: "VZ5-SMGY-3VP"})
    wanted: list[MeetingGrantWanted] = field(default_factory=list)
    bus: Bus | None = None
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """Something that somebody else does in planning's store while referral is being asked."""

    def __post_init__(self) -> None:
        super().__init__()
        self.listen(self)

    def listen(self, hearing: Hearing) -> None:
        hearing.answers(MeetingGrantWanted, self.answer_grant)
        hearing.answers(NameCardsWanted, self.answer_names)

    async def answer_grant(self, ask: MeetingGrantWanted, session: Session) -> MeetingGrant:
        self.wanted.append(ask)
        if self.meanwhile is not None:
            await self.meanwhile()
        return MeetingGrant(grant_id=None if self.refusals else GRANT, refusals=self.refusals)

    async def answer_names(self, ask: NameCardsWanted, session: Session) -> NameCards:
        if self.meanwhile is not None:
            await self.meanwhile()
        cards = [
            NameCard(person_id=one, name=self.names[one])
            for one in ask.person_ids
            if one in self.names
        ]
        references = [
            Reference(referral_id=one, reference=self.references[one])
            for one in ask.referral_ids
            if one in self.references
        ]
        return NameCards(cards=tuple(cards), references=tuple(references))

    async def goes_down(self) -> None:
        assert self.bus is not None
        await self.bus.stop()


@dataclass
class Desk:
    """Where a member of staff sits."""

    browser: AsyncClient
    database: Database
    referral: Referral
    world: FixedWorld

    async def get(self, path: str) -> Response:
        return await self.browser.get(f"/scheduling{path}")

    async def post(self, path: str, **answers: object) -> Response:
        return await self.browser.post(f"/scheduling{path}", data=answers)


@pytest.fixture
def new_app(parley_broker, sqlite_store, world):
    """Makes the app over a store that is there already, and a referral for it to ask."""

    @asynccontextmanager
    async def make(database: Database) -> AsyncIterator[tuple[FastAPI, Referral]]:
        referral, planning = Referral(), Hearing()
        BLUEPRINT.listen(planning)
        broker = await parley_broker(
            {"referral": referral, "scheduling": planning}, asks={"scheduling": BLUEPRINT.asks}
        )
        creds = broker.creds("referral")
        store = await sqlite_store(REFERRAL)
        referral.bus = Bus("referral", store, broker.url, creds, closed=lambda: None)
        referral.listen(referral.bus)
        await referral.bus.start()
        settings = Settings(
            database_url=database.url.render_as_string(hide_password=False),
            nats_url=broker.url,
            nats_creds=broker.creds("scheduling"),
        )
        yield service.create(BLUEPRINT, settings, world), referral
        await referral.bus.stop()

    return make


@pytest.fixture
def new_desk(new_app, world):
    """Makes a desk over a store that is there already."""

    @asynccontextmanager
    async def make(database: Database) -> AsyncIterator[Desk]:
        async with (
            new_app(database) as (app, referral),
            running(app),
            visitor(app) as browser,
        ):
            await until(lambda: app.state.service.bus._broker is not None)
            # The app's own store, so that its relay is woken by what a test books directly.
            yield Desk(browser, app.state.service.database, referral, world)

    return make


@pytest.fixture
async def desk(new_desk, sqlite_store, world) -> AsyncIterator[Desk]:
    """A desk in a furnished office, on SQLite."""
    database = await sqlite_store(SCHEMA, world=world)
    async with database.transaction() as session:
        await furnish(session)
    async with new_desk(database) as one:
        yield one
