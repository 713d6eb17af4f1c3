"""Puts a service's app together from its blueprint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from jinja2 import ChoiceLoader
from sqlalchemy.engine import make_url
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.plumbing import (
    alarm_pages,
    api_docs,
    logs,
    metrics,
    parked_pages,
    problems,
    staff,
    tracing,
    watch_routes,
)
from shared.plumbing.armour import Armour
from shared.plumbing.asked_sessions import AskedSessions
from shared.plumbing.audit import pages as audit_pages
from shared.plumbing.blueprint import Blueprint, Service
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database
from shared.plumbing.health import Ailment, Health, ailment
from shared.plumbing.heartbeat import Heartbeat
from shared.plumbing.lifespan import lifespan
from shared.plumbing.probes import (
    probe_bus,
    probe_keys,
    probe_loops,
    probe_store,
    probe_stream,
)
from shared.plumbing.sealing import cipher
from shared.plumbing.sealing.keyring import keyring_of
from shared.plumbing.secret import refuse_without_secret
from shared.plumbing.settings import CannotStart, Settings
from shared.plumbing.world import World
from shared.ui.pages import Pages, Site


def build(blueprint: Blueprint, settings: Settings, world: World) -> FastAPI:
    """The app. Raises CannotStart, and ValueError for a route that says not who may call it."""
    logs.configure(settings)
    if not settings.database_url:
        raise CannotStart(f"Say where {blueprint.name} keeps its store: set PARLEY_DATABASE_URL.")
    cipher.self_test()
    refuse_without_secret(settings, blueprint.name)
    for refuses in blueprint.refuses:
        refuses(settings)
    tracing.configure(blueprint.name, settings.trace_endpoint)
    service = _service(blueprint, settings, world)

    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        async with lifespan(service, blueprint):
            yield

    app = FastAPI(
        title=f"Parley {blueprint.name}",
        openapi_url=f"/{blueprint.name}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=run,
    )
    app.state.service = service
    app.state.sessions = _sessions(blueprint, service)
    app.state.https_only = settings.https_only
    _include_routes(app, blueprint)
    _pages(blueprint, settings).attach(app)
    problems.install(app)
    api_docs.install(app)
    app.add_middleware(Armour, metrics=service.metrics, world=world, settings=settings)
    if settings.trusted_proxies:  # outermost: all others then see who really calls
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    return app


def _include_routes(app: FastAPI, blueprint: Blueprint) -> None:
    """In the order in which they are tried. Raises ValueError."""
    if blueprint.programs is not None:
        app.include_router(blueprint.programs)
    app.include_router(blueprint.router)
    app.include_router(watch_routes.routes_for(blueprint.name))
    app.include_router(parked_pages.routes_for(blueprint.name))
    app.include_router(audit_pages.routes_for(blueprint.name, blueprint.names_of))
    app.include_router(alarm_pages.routes_for(blueprint.name))
    _refuse_silent_routes(app)


def _pages(blueprint: Blueprint, settings: Settings) -> Pages:
    site = Site(phone_number=settings.phone_number, development=settings.is_development)
    pages = Pages(blueprint.name, blueprint.pages, site)
    usual = [pages.environment.loader] if pages.environment.loader else []
    pages.environment.loader = ChoiceLoader([*usual, parked_pages.TEMPLATES])
    return pages


def _service(blueprint: Blueprint, settings: Settings, world: World) -> Service:
    url = make_url(settings.database_url)
    keyring = keyring_of(settings, blueprint.name, url)
    database = Database(url, blueprint.schema, world, keyring)
    bus = Bus(blueprint.name, database, settings.nats_url, settings.nats_creds)
    blueprint.listen(bus)
    counted = metrics.of(blueprint.name)
    health = Health({})
    service = Service(
        blueprint.name,
        settings,
        world,
        database,
        bus,
        health,
        counted,
        standings=blueprint.standings,
        finders=blueprint.finders,
        record_parameter=blueprint.record_parameter,
    )

    async def stopping() -> list[Ailment]:
        return [ailment("stopping")] if service.stopping.is_set() else []

    health.ask_also("stop", stopping)
    health.ask_also("database", lambda: probe_store(database, counted))
    health.ask_also("keys", lambda: probe_keys(database))
    health.ask_also("writing", Heartbeat(database).probe)
    health.ask_also("loops", lambda: probe_loops(bus.loops))
    health.ask_also("broker", lambda: probe_bus(bus))
    health.ask_also("told", lambda: probe_stream(database, bus.publisher))
    return service


def _sessions(blueprint: Blueprint, service: Service) -> staff.Sessions:
    if blueprint.sessions is not None:
        return blueprint.sessions(service)
    return AskedSessions(service.bus.ask, service.world.now)


def _refuse_silent_routes(app: FastAPI) -> None:
    """A route that does not say who may call it is a mistake we would rather see at the start."""
    silent = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and staff.who_may_call(route) is None
    ]
    if silent:
        raise ValueError(f"say who may call (staff.py): {', '.join(silent)}")
