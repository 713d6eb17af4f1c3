"""Starts the notifications service: `uvicorn --factory services.notifications.main:create`."""

from pathlib import Path

from fastapi import FastAPI

from services.notifications import handlers, routes
from services.notifications.actions.retention import KEEPINGS
from services.notifications.channels import loop
from services.notifications.routes.names import known_names
from services.notifications.store import SCHEMA
from services.notifications.store.matters import STANDINGS
from shared.contracts.referral import ContactPermitWanted, NameCardsWanted
from shared.contracts.sign_in import SessionWanted
from shared.plumbing import service
from shared.plumbing.settings import Settings

BLUEPRINT = service.Blueprint(
    name="notifications",
    schema=SCHEMA,
    router=routes.router,
    listen=handlers.listen,
    standings=STANDINGS,
    finders=routes.FINDERS,
    asks=(ContactPermitWanted, NameCardsWanted, SessionWanted),
    loops=(loop.send_messages,),
    keepings=lambda _settings: KEEPINGS,
    pages=Path(__file__).parent / "pages",
    names_of=known_names,
    record_parameter="message_id",
)


def create(settings: Settings | None = None) -> FastAPI:
    """The notifications service as an ASGI app."""
    return service.create(BLUEPRINT, settings)
