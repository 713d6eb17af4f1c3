"""Each service with a store in which there is somebody to look at, and the ids to find them by."""

from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select, update

from services.notifications.store import SCHEMA as NOTIFICATIONS
from services.notifications.store import matters
from services.referral import store as referral_store
from services.referral.actions import complaints
from services.referral.actions.complaints import Told
from services.referral.actions.seeds import demo_id
from services.referral.domain.complaints import HowCame
from services.reporting.store import SCHEMA as REPORTING
from shared.contracts.access import AccessRole
from shared.contracts.words import Channel, Purpose
from shared.plumbing import parked, service
from shared.plumbing.database import Database
from shared.plumbing.settings import Settings
from shared.plumbing.staff import Staff, who_may_call
from tests.fixtures.web import visitor
from tests.notifications import builders as messages
from tests.notifications.office import Office, PromptCourier
from tests.referral.builders import AREA, some_id
from tests.referral.cases import OpenCase, a_waiting_referral, an_open_case
from tests.referral.conftest import seeded
from tests.referral.erasing import TODAY, asked
from tests.referral.glass import opened
from tests.referral.partner import referred
from tests.referral.standing import MANAGER
from tests.scheduling import builders as planning
from tests.scheduling import office

OPS = Staff(demo_id(6), frozenset({AccessRole.OPS}))
OFFICER = Staff(demo_id(7), frozenset({AccessRole.PARTNER_OFFICER}))


@dataclass
class Furnished:
    """A service one can knock at; `ids` fills in the braces of its routes."""

    browser: object
    staff: Staff
    database: Database
    ids: Mapping[str, object]

    async def entries(self):
        """What the audit holds, oldest first."""
        entry = self.database.schema.tables.audit.entry
        async with self.database.reading() as session:
            return (await session.execute(select(entry).order_by(entry.c.id))).all()

    async def count(self) -> int:
        entry = self.database.schema.tables.audit.entry
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(entry)) or 0


def app_of(name: str, url: str, world=None):
    blueprint = import_module(f"services.{name}.main").BLUEPRINT
    settings = Settings(database_url=url)
    return service.create(blueprint, settings, *([world] if world else []))


def staff_routes(name: str) -> list[tuple[str, str]]:
    """Every route of a service that only staff may call: its method and its path."""
    app = app_of(name, "sqlite+aiosqlite:////never-made.db")
    return [
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        if who_may_call(route) == "staff"
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


@asynccontextmanager
async def furnished(name: str, sqlite_store, world, staff: Staff = MANAGER):
    """The service, without a bus: names are not to be had, and pages show ids."""
    database, ids = await _FURNISH[name](sqlite_store, world)
    async with database.transaction() as session:
        headers = {"ce-id": str(world.new_id())}
        lost = await parked.park(session, f"{name}-referral", headers, b"{}", "a.b.v1", 1, "Odd")
    app = app_of(name, database.url.render_as_string(hide_password=False), world)
    async with visitor(app, staff=staff) as browser:
        await shown_a_code_again(app.state.service.database)
        yield Furnished(browser, staff, app.state.service.database, {"parked_id": lost, **ids})
    await app.state.service.database.close()


async def shown_a_code_again(database: Database) -> None:
    """Whoever has signed in has just shown again that it is they, where sessions are kept."""
    sessions = database.schema.metadata.tables.get("staff_session")
    if sessions is None:
        return
    async with database.transaction() as session:
        until = session.now() + A_WEEK + A_WEEK + A_WEEK
        await session.execute(update(sessions).values(stepped_up_until=until))


async def _referral(sqlite_store, world):
    database = await seeded(sqlite_store, world)
    waiting = await a_waiting_referral(database, number=2)
    own = await referred(database, number=3, by=OFFICER.id)
    case = await an_open_case(database)
    async with database.transaction() as session:
        told = Told(session.now().date(), HowCame.BY_PHONE, "Nobody rang.", "Somebody")
        complaint = await complaints.record_complaint(session, told, session.now().date())
    ids = {
        "complaint_id": complaint.id,
        "referral_id": case.referral_id,
        "case_id": case.referral_id,
        "person_id": case.sam,
    }
    others = {"colleague_id": demo_id(2), "glass_id": (await opened(database, waiting.id)).id}
    await opened(database, case.referral_id, MANAGER.id)
    await _somebody_to_erase(database, case)
    return database, {
        **ids,
        "said": "agree",
        "area_id": AREA,
        **others,
        "waiting_id": waiting.id,
        "own_id": own.id,
    }


async def _somebody_to_erase(database: Database, case: OpenCase) -> None:
    """A party and a colleague have asked to be erased, and somebody else of the case was."""
    for person_id in (case.sam, demo_id(2)):
        await asked(database, person_id)
    async with database.transaction() as session:
        await referral_store.redactions.queue(session, case.referral_id, some_id(0xE4A5), TODAY)


async def _scheduling(sqlite_store, world):
    database = await office.an_office(sqlite_store, world)
    meeting = await office.book(database, planning.a_proposal())
    ids = {"case_id": planning.CASE, "person_id": planning.FIRST, "session_id": meeting.id}
    return database, {**ids, "venue_id": planning.NEUTRAL}


async def _notifications(sqlite_store, world):
    database = await sqlite_store(NOTIFICATIONS, world=world)
    desk = Office(database, world, PromptCourier(world))
    desk.referral.will_say(messages.SAM, messages.by_hand(Channel.PHONE))
    await desk.hear(messages.session_scheduled(facilitator_ids=()))
    await desk.send_all()
    message = await desk.message(Purpose.MEETING_BOOKED)
    async with database.transaction() as session:
        case_id, area = message.subject.case_id, world.new_id()
        await matters.note_accepted(session, world.new_id(), case_id, area, messages.SAM)
    ids = {"case_id": message.subject.case_id, "person_id": messages.SAM}
    return database, {**ids, "message_id": message.id}


async def _reporting(sqlite_store, world):
    ids = {"case_id": world.new_id(), "person_id": world.new_id()}
    return await sqlite_store(REPORTING, world=world), {**ids, "name": "referrals"}


_FURNISH = {
    "referral": _referral,
    "scheduling": _scheduling,
    "notifications": _notifications,
    "reporting": _reporting,
}

A_WEEK = timedelta(days=7)
