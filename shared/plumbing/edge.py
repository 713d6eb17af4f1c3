"""What a route may ask for: the service it is part of, and a transaction on its store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from shared.plumbing.asker import asker_of
from shared.plumbing.blueprint import Service
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Session


def service_of(request: Request) -> Service:
    """The service this request reached."""
    service = request.app.state.service
    assert isinstance(service, Service)  # noqa: S101 - running.build sets it
    return service


@asynccontextmanager
async def transaction_of(request: Request) -> AsyncIterator[Session]:
    """A transaction that knows who asks, for a route that needs one of its own."""
    async with service_of(request).database.transaction() as session:
        session.asker = asker_of(request)
        yield session


async def _transaction(request: Request) -> AsyncIterator[Session]:
    async with transaction_of(request) as session:
        yield session
    crash_point("request.after_commit")


async def _reading(request: Request) -> AsyncIterator[Session]:
    async with service_of(request).database.reading() as session:
        session.asker = asker_of(request)
        yield session


# FastAPI's usual scope ends a dependency after the answer was sent: a failed commit would then
# come too late to say so. "function" ends it as soon as the route has returned.
Transaction = Annotated[Session, Depends(_transaction, scope="function")]
Reading = Annotated[Session, Depends(_reading, scope="function")]
