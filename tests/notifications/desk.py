"""The pages about messages as staff meet them: the app, its store, and a referral that answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from services.notifications.main import BLUEPRINT
from services.notifications.store import SCHEMA, matters
from shared.contracts.referral import (
    ContactPermit,
    ContactPermitWanted,
    NameCard,
    NameCards,
    NameCardsWanted,
)
from shared.plumbing import service
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database, Schema, Session, new_base
from shared.plumbing.hearing import Hearing
from shared.plumbing.service import Service
from shared.plumbing.settings import Settings
from tests.fixtures.broker import StartBroker
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.mail import MailSink
from tests.fixtures.patience import until
from tests.fixtures.web import running, visitor
from tests.notifications.builders import ALEX, CORA, FAY, SAM, an_id, by_hand
from tests.notifications.office import Office, PromptCourier

REFERRAL = Schema("referral", new_base())

NUMBER = "07400 123456"
NAMES = {SAM: "Amina Test", ALEX: "Bo Test", CORA: "Cora Staff", FAY: "Fay Staff"}


@dataclass
class Referral(Hearing):
    """Answers over the wire, in whatever way a test tells it to; it has no rules of its own."""

    permit: Callable[[ContactPermitWanted], ContactPermit] = lambda _: by_hand()
    names: dict[UUID, str] = field(default_factory=lambda: dict(NAMES))
    wanted: list[ContactPermitWanted] = field(default_factory=list)
    bus: Bus | None = None

    def __post_init__(self) -> None:
        super().__init__()
        self.listen(self)

    def listen(self, hearing: Hearing) -> None:
        hearing.answers(ContactPermitWanted, self.answer_permit)
        hearing.answers(NameCardsWanted, self.answer_names)

    async def answer_permit(self, ask: ContactPermitWanted, _session: Session) -> ContactPermit:
        self.wanted.append(ask)
        return self.permit(ask)

    async def answer_names(self, ask: NameCardsWanted, _session: Session) -> NameCards:
        known = [one for one in ask.person_ids if one in self.names]
        return NameCards(cards=tuple(NameCard(person_id=p, name=self.names[p]) for p in known))

    async def goes_down(self) -> None:
        assert self.bus is not None
        await self.bus.stop()


@dataclass
class Desk:
    """Where a member of staff sits, beside an office whose messages they look at."""

    browser: AsyncClient
    office: Office
    courier: PromptCourier
    referral: Referral
    service: Service

    async def get(self, path: str) -> Response:
        return await self.browser.get(f"/notifications{path}")

    async def post(self, path: str) -> Response:
        return await self.browser.post(f"/notifications{path}")


NewApp = Callable[..., AbstractAsyncContextManager[tuple[FastAPI, Referral]]]


@pytest.fixture
def new_app(
    parley_broker: StartBroker, sqlite_store: Store, world: FixedWorld, mail_sink: MailSink
) -> NewApp:
    """Makes the app over a store that is there already, and a referral for it to ask.

    Without `sends` its own sender is left out: the test's office sends, when the test says so.
    """

    @asynccontextmanager
    async def make(
        database: Database, *, sends: bool = False, **settings: Any
    ) -> AsyncIterator[tuple[FastAPI, Referral]]:
        referral, ours, planning = Referral(), Hearing(), Hearing()
        BLUEPRINT.listen(ours)
        broker = await parley_broker(
            {"referral": referral, "scheduling": planning, "notifications": ours},
            asks={"notifications": BLUEPRINT.asks},
        )
        store = await sqlite_store(REFERRAL)
        referral.bus = Bus(
            "referral", store, broker.url, broker.creds("referral"), closed=lambda: None
        )
        referral.listen(referral.bus)
        await referral.bus.start()
        blueprint = BLUEPRINT if sends else _without_sender()
        given = Settings(
            database_url=database.url.render_as_string(hide_password=False),
            nats_url=broker.url,
            nats_creds=broker.creds("notifications"),
            smtp_url=mail_sink.url,
            **settings,
        )
        yield service.create(blueprint, given, world), referral
        await referral.bus.stop()

    return make


def _without_sender() -> service.Blueprint:
    from dataclasses import replace

    return replace(BLUEPRINT, loops=())


OpenDesk = Callable[[], Awaitable[Desk]]


@pytest.fixture
async def desk(
    new_app: NewApp, sqlite_store: Store, world: FixedWorld, courier: PromptCourier
) -> AsyncIterator[Desk]:
    """A desk whose office has sent nothing yet, and has heard of the case tests are about."""
    database = await sqlite_store(SCHEMA, world=world)
    async with database.transaction() as session:
        await matters.note_accepted(session, an_id("referral"), an_id("case"), an_id("area"), SAM)
    async with (
        new_app(database) as (app, referral),
        running(app),
        visitor(app) as browser,
    ):
        await until(lambda: app.state.service.bus._broker is not None)
        yield Desk(browser, Office(database, world, courier), courier, referral, app.state.service)
