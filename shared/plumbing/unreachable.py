"""Tells trouble on the way to a store or a server from trouble with the event in hand.

The first is nobody's fault and passes: it is waited out, and never counted against an event. What
is taken for the second by mistake is counted in the very store that is out of reach, so nothing
is parked by it; the other mistake would hold a stream up for ever, so it has to be clear.
"""

import errno
import socket

import nats.errors
import nats.js.errors
import sqlalchemy.exc

from shared.plumbing.database import NotDurable
from shared.plumbing.sealing.trouble import KeysAway

_SQLITE_PASSES = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
"""Busy, locked, no memory, read-only, I/O, corrupt, full, cannot open, protocol, no database.

Not 1, which SQLite calls operational too: a missing table or wrong SQL is a mistake in the code.
"""

_POSTGRESQL_PASSES = ("08", "40", "53", "55P03", "57", "58", "25006")
"""Connection, deadlock, out of resources, lock, operator at work, system, read-only standby."""

_ALWAYS = (
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    NotDurable,
    KeysAway,
    sqlalchemy.exc.DisconnectionError,
    sqlalchemy.exc.TimeoutError,
    nats.errors.ConnectionClosedError,
    nats.errors.ConnectionReconnectingError,
    nats.errors.NoServersError,
    nats.errors.OutboundBufferLimitError,
    nats.errors.StaleConnectionError,
    nats.js.errors.ServiceUnavailableError,
)


_NETWORK_PASSES = frozenset(
    {errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETRESET, errno.ENETUNREACH}
)
"""What is no ConnectionError. A missing file, say, is a mistake in a handler."""


def is_unreachable(error: BaseException) -> bool:
    """Whether `error`, or what it was raised from, says that a store or server is out of reach."""
    while True:
        if isinstance(error, _ALWAYS) or _network_is_away(error) or _store_is_away(error):
            return True
        if error.__cause__ is None:
            return False
        error = error.__cause__


def _network_is_away(error: BaseException) -> bool:
    if not isinstance(error, OSError):
        return False
    # asyncio says it in words when every address of one name refused, each in its own way
    return error.errno in _NETWORK_PASSES or str(error).startswith("Multiple exceptions: ")


def _store_is_away(error: BaseException) -> bool:
    if not isinstance(error, sqlalchemy.exc.DBAPIError):
        # asyncpg's own errors, while a connection is being made
        return str(getattr(error, "sqlstate", "")).startswith(_POSTGRESQL_PASSES)
    if error.connection_invalidated:
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in _SQLITE_PASSES
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return str(state).startswith(_POSTGRESQL_PASSES)
    return isinstance(error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError)
