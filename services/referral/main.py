"""Starts the referral service: `uvicorn --factory services.referral.main:create`."""

from pathlib import Path

from fastapi import FastAPI

from services.referral import handlers, remembering, routes, store
from services.referral.actions.retention import keepings
from services.referral.channels.late_reviews import watch_reviews
from services.referral.channels.overdue import count_overdue
from services.referral.routes.finders import FINDERS
from services.referral.routes.names import names_of
from services.referral.sign_in.outside.settings import outside
from services.referral.sign_in.own_sessions import OwnSessions
from shared.contracts.person_record import (
    NotificationsRecordWanted,
    ReportingRecordWanted,
    SchedulingRecordWanted,
)
from shared.plumbing import service
from shared.plumbing.ledger import Ledger
from shared.plumbing.service import Blueprint
from shared.plumbing.settings import Settings

BLUEPRINT = Blueprint(
    name="referral",
    schema=store.SCHEMA,
    router=routes.router,
    programs=routes.programs,
    listen=handlers.listen,
    loops=(remembering.keep_erased, watch_reviews, count_overdue),
    before=remembering.before_serving,
    keepings=lambda settings: keepings(Ledger(settings.ledger_file)),
    pages=Path(__file__).parent / "pages",
    standings=store.standings.STANDINGS,
    finders=FINDERS,
    names_of=names_of,
    asks=(SchedulingRecordWanted, NotificationsRecordWanted, ReportingRecordWanted),
    record_parameter="referral_id",
    refuses=(outside,),
    sessions=lambda service: OwnSessions(service.database),
)


def create(settings: Settings | None = None) -> FastAPI:
    """The app. Raises CannotStart where it may not run."""
    return service.create(BLUEPRINT, settings)
