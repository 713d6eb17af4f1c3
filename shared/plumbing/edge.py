"""What a route may ask for: the service it is part of, and a transaction on its store."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from shared.plumbing.blueprint import Service
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Session


def service_of(request: Request) -> Service:
    """The service this request reached."""
    service = request.app.state.service
    assert isinstance(service, Service)  # noqa: S101 - running.build sets it
    return service


async def _transaction(request: Request) -> AsyncIterator[Session]:
    async with service_of(request).database.transaction() as session:
        yield session
    crash_point("request.after_commit")


async def _reading(request: Request) -> AsyncIterator[Session]:
    async with service_of(request).database.reading() as session:
        yield session


# FastAPI's usual scope ends a dependency after the answer was sent: a failed commit would then
# come too late to say so. "function" ends it as soon as the route has returned.
Transaction = Annotated[Session, Depends(_transaction, scope="function")]
Reading = Annotated[Session, Depends(_reading, scope="function")]
