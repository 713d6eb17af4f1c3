"""A service that exists only in these tests, with a route for everything that can go wrong."""

from dataclasses import replace
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Body, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel, select
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from shared.contracts.fact import Envelope, Fact
from shared.contracts.refusal import Refusal
from shared.contracts.words import Side
from shared.plumbing import outbox, service
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL
from shared.plumbing.database import Database, Schema, Session, new_registry
from shared.plumbing.hearing import Hearing
from shared.plumbing.service import Blueprint, Reading, Transaction
from shared.plumbing.settings import Settings
from shared.plumbing.staff import OPEN_TO_ALL, STAFF_ONLY, StaffMember
from shared.plumbing.world import REAL, World
from tests.fixtures.broker import ParleyBroker

CANARY = "Zebedee Canary"


class Base(SQLModel, registry=new_registry()):
    """What every table of this service is made from."""


class EntryRow(Base, table=True):
    __tablename__ = "entry"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    title: str = Field(unique=True, sa_column_kwargs=PERSONAL)


class RemarkRow(Base, table=True):
    """A remark on an entry; whether there is such an entry is only looked at by the commit."""

    __tablename__ = "remark"
    __table_args__ = (
        ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], deferrable=True, initially="DEFERRED", name="fk_entry"
        ),
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    entry_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)


SCHEMA = Schema("diary", Base)


class EntryWritten(Fact):
    """Something was written into the diary."""

    subject: ClassVar[str] = "diary.entry_written.v1"
    about: ClassVar[str] = "entry_id"

    entry_id: UUID


class DayIsOver(Refusal):
    """Nothing can be written after midnight."""

    status = 409


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(max_length=40)
    side: Side = Side.BOTH


public = APIRouter(prefix="/diary", dependencies=[OPEN_TO_ALL])
staff = APIRouter(prefix="/diary/staff", dependencies=[STAFF_ONLY])


@public.post("/api/entries", status_code=201)
async def write(entry: Annotated[Entry, Body()], session: Transaction) -> dict[str, str]:
    row = EntryRow(id=session.new_id(), title=entry.title)
    session.add(row)
    await session.flush()
    await outbox.record(session, EntryWritten(entry_id=row.id), version=1)
    return {"id": str(row.id)}


@public.post("/api/remarks", status_code=201)
async def remark_on_nothing(session: Transaction) -> dict[str, str]:
    """Everything goes well until the commit."""
    row = RemarkRow(id=session.new_id(), entry_id=session.new_id())
    session.add(row)
    await session.flush()
    return {"id": str(row.id)}


@public.post("/entries")
async def refuse_after_writing(session: Transaction) -> Response:
    session.add(EntryRow(id=session.new_id(), title="too late"))
    await session.flush()
    raise DayIsOver("The day is over. Please write tomorrow.")


@public.post("/api/late")
async def refuse(session: Transaction) -> Response:
    raise DayIsOver("The day is over. Please write tomorrow.")


@public.get("/entries")
async def titles(session: Reading) -> list[str]:
    return list(await session.scalars(select(EntryRow.title)))


@public.get("/entries/{entry_id}")
async def one(entry_id: UUID) -> Response:
    return PlainTextResponse(str(entry_id))


@public.get("/broken")
async def broken() -> Response:
    title = CANARY
    raise ValueError(f"cannot write {title}")


@public.get("/api/broken")
async def broken_too() -> Response:
    raise ValueError(f"cannot write {CANARY}")


@public.get("/cut-short")
async def cut_short() -> Response:
    async def words():
        yield "it began well"
        raise ValueError(CANARY)

    return StreamingResponse(words())


@staff.get("")
async def who(member: StaffMember) -> str:
    return str(member.id)


router = APIRouter()
router.include_router(public)
router.include_router(staff)


async def note(fact: EntryWritten, envelope: Envelope, session: Session) -> None:
    session.add(EntryRow(id=session.new_id(), title=f"heard {envelope.id}"))


def listen(bus: Hearing) -> None:
    bus.hears(EntryWritten, note)


def hear_nothing(bus: Hearing) -> None:
    pass


BLUEPRINT = Blueprint("diary", SCHEMA, router, hear_nothing)


def settings(url: object, **changes: object) -> Settings:
    """Settings of a service whose NATS server is not there."""
    usual = {"database_url": str(url), "nats_url": "nats://127.0.0.1:1"}
    return Settings(**{**usual, **changes})


def create(url: object, blueprint: Blueprint = BLUEPRINT, world: World = REAL) -> FastAPI:
    return service.create(blueprint, settings(url), world)


def hearing() -> Hearing:
    """What a diary hears that hears itself."""
    heard = Hearing()
    listen(heard)
    return heard


def on(broker: ParleyBroker, store: Database, **changes: object) -> FastAPI:
    """A diary on a real server, which hears itself."""
    blueprint = replace(BLUEPRINT, listen=listen, **changes)
    url = store.url.render_as_string(hide_password=False)
    credentials = broker.creds("diary")
    return service.create(blueprint, settings(url, nats_url=broker.url, nats_creds=credentials))
