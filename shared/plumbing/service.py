"""What every service is made of, put together once: `create` turns a `Blueprint` into an app.

A service's `main.py`:

    BLUEPRINT = Blueprint("referral", store.SCHEMA, routes.router, handlers.listen, …)

    def create(settings: Settings | None = None) -> FastAPI:
        return service.create(BLUEPRINT, settings)

A route that changes something takes `session: Transaction`, one that only looks takes
`session: Reading`. The transaction is committed before the answer leaves, so a 201 is durable. A
route that catches a Refusal to show its form again calls `await session.rollback()` first; a
Refusal it does not catch rolls back by itself and becomes an answer in the refusal's own words.
JSON bodies are plain FastAPI body parameters: `armour.py` has already read them strictly.

Every route says who may call it (`staff.py`); one that does not is refused here.
"""

from fastapi import FastAPI

from shared.plumbing import running
from shared.plumbing.blueprint import Blueprint, Service
from shared.plumbing.edge import Reading, Transaction, service_of
from shared.plumbing.settings import CannotStart, Settings
from shared.plumbing.world import REAL, World

__all__ = [
    "Blueprint",
    "CannotStart",
    "Reading",
    "Service",
    "Settings",
    "Transaction",
    "create",
    "service_of",
]


def create(blueprint: Blueprint, settings: Settings | None = None, world: World = REAL) -> FastAPI:
    """The ASGI app of a service; its lifespan starts and drains everything behind it.

    Raises CannotStart, in one sentence, where it may not run at all.
    """
    return running.build(blueprint, settings or Settings(), world)
