"""PostgreSQL, refused when it is set up to lose what it acknowledged."""

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, AdaptedConnection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


class NotDurable(Exception):
    """The database server may forget what it has acknowledged: a setting must be changed."""


def engines(url: URL, service: str) -> tuple[AsyncEngine, AsyncEngine]:
    """An engine that writes, and the same one reading: a fixed view, and no writing at all."""
    writer = create_async_engine(
        url,
        pool_size=5,
        max_overflow=15,
        hide_parameters=True,
        connect_args={
            "timeout": 10,
            "command_timeout": 60,
            "server_settings": {
                "application_name": f"parley-{service}",
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
            },
        },
    )
    event.listen(writer.sync_engine, "connect", _refuse_unless_durable)
    event.listen(writer.sync_engine, "checkout", _refuse_when_closed)
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writer, reader


def _refuse_unless_durable(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
    fsync, synchronous_commit = cursor.fetchall()[0]
    cursor.close()
    connection.rollback()  # the driver began a transaction for this, and would stay in it
    if fsync != "on" or synchronous_commit == "off":
        raise NotDurable(
            f"PostgreSQL runs with fsync={fsync} and synchronous_commit={synchronous_commit}: "
            "it would lose acknowledged referrals. Both must be on."
        )


def _refuse_when_closed(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    # The driver knows at once when the server has gone away: no need to ask it each time.
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def dedicated(engine: AsyncEngine) -> asyncpg.Connection:
    """A driver connection that belongs to nobody's pool, and is soon missed when it breaks.

    Without the keep-alives the server would hold a lost leader's lock for two hours.
    """
    pooled = await engine.raw_connection()
    connection = pooled.driver_connection
    assert connection is not None  # noqa: S101 - it was just opened
    pooled.detach()
    await connection.execute(
        "SET idle_session_timeout = 0; SET tcp_keepalives_idle = 5;"
        "SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
        "SET tcp_user_timeout = 10000"
    )
    return connection
