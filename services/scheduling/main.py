"""Starts the scheduling service: `uvicorn --factory services.scheduling.main:create`."""

from pathlib import Path

from fastapi import FastAPI

from services.scheduling import handlers, routes, store
from services.scheduling.routes.names import known_names
from shared.contracts.referral import MeetingGrantWanted, NameCardsWanted
from shared.contracts.sign_in import SessionWanted
from shared.plumbing import service
from shared.plumbing.service import Blueprint, Settings

BLUEPRINT = Blueprint(
    name="scheduling",
    schema=store.SCHEMA,
    router=routes.router,
    listen=handlers.listen,
    standings=store.standings.STANDINGS,
    finders=routes.FINDERS,
    asks=(MeetingGrantWanted, NameCardsWanted, SessionWanted),
    pages=Path(__file__).parent / "pages",
    names_of=known_names,
    record_parameter="case_id",
)


def create(settings: Settings | None = None) -> FastAPI:
    """The ASGI app; its lifespan starts and stops everything behind it."""
    return service.create(BLUEPRINT, settings)
