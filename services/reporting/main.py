"""Starts the reporting service: `uvicorn --factory services.reporting.main:create`."""

from pathlib import Path

from fastapi import FastAPI

from services.reporting import handlers, routes, store
from shared.contracts.sign_in import SessionWanted
from shared.plumbing import service
from shared.plumbing.settings import Settings

BLUEPRINT = service.Blueprint(
    name="reporting",
    schema=store.SCHEMA,
    router=routes.router,
    listen=handlers.listen,
    asks=(SessionWanted,),
    pages=Path(__file__).parent / "pages",
)


def create(settings: Settings | None = None) -> FastAPI:
    """The reporting service as an ASGI app."""
    return service.create(BLUEPRINT, settings)
