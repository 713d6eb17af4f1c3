"""Starts the referral service: `uvicorn --factory services.referral.main:create`."""

from pathlib import Path

from fastapi import FastAPI

from services.referral import handlers, routes, store
from services.referral.channels.overdue import count_overdue
from services.referral.routes.finders import FINDERS
from services.referral.routes.names import names_of
from services.referral.sign_in.own_sessions import OwnSessions
from shared.contracts.person_record import (
    NotificationsRecordWanted,
    ReportingRecordWanted,
    SchedulingRecordWanted,
)
from shared.plumbing import service
from shared.plumbing.service import Blueprint
from shared.plumbing.settings import Settings

BLUEPRINT = Blueprint(
    name="referral",
    schema=store.SCHEMA,
    router=routes.router,
    listen=handlers.listen,
    pages=Path(__file__).parent / "pages",
    standings=store.standings.STANDINGS,
    finders=FINDERS,
    names_of=names_of,
    asks=(SchedulingRecordWanted, NotificationsRecordWanted, ReportingRecordWanted),
    loops=(count_overdue,),
    record_parameter="referral_id",
    sessions=lambda service: OwnSessions(service.database),
)


def create(settings: Settings | None = None) -> FastAPI:
    """The app. Raises CannotStart where it may not run."""
    return service.create(BLUEPRINT, settings)
