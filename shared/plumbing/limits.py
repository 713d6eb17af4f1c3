"""How often something may be done: buckets of tokens, in the service's own store.

A bucket holds `many` tokens and fills up evenly within `every`. Taking one is a single statement,
so that any number of replicas share a bucket and none gives a token away twice. Whose bucket it
is, an address or an account, is kept as a keyed digest only.

    await limits.take(session, key, (SIGN_IN_BY_ACCOUNT, name), (SIGN_IN_BY_PREFIX, prefix))

takes one of each or none at all. A bucket that is full again has no row: each call sweeps some.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Delete, Select, Table, bindparam, case, delete, select

from shared.contracts.refusal import Refusal
from shared.plumbing.database import Database, Schema, Session
from shared.plumbing.database.conflicts import ConflictInsert, conflict_insert
from shared.plumbing.secret import derived
from shared.plumbing.settings import Settings

MOST_SWEPT = 50

MICROSECOND = timedelta(microseconds=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Limit:
    """So many within this time; the first may come all at once."""

    name: str
    many: int
    every: timedelta
    words: str = "That was tried too often."
    """What somebody is told who has to wait; how long is added."""

    @property
    def step(self) -> int:
        """Microseconds in which one token comes back."""
        return self.every // MICROSECOND // self.many


SIGN_IN_WORDS = "Signing in was tried too often."
SIGN_IN_BY_ACCOUNT = Limit("sign-in by account", 5, timedelta(minutes=1), SIGN_IN_WORDS)
SIGN_IN_BY_PREFIX = Limit("sign-in by prefix", 20, timedelta(minutes=1), SIGN_IN_WORDS)


class TooMany(Refusal):
    """A bucket is empty; `wait` is how long until there is one token in it."""

    status = 429

    def __init__(self, limit: Limit, wait: timedelta) -> None:
        super().__init__(f"{limit.words} Wait {in_words(wait)} and try again.")
        self.limit, self.wait = limit, wait

    @property
    def retry_after(self) -> str:
        """Whole seconds, rounded up, as the header of that name has them."""
        return str(-(-self.wait // timedelta(seconds=1)))


def key_of(settings: Settings, service: str) -> bytes:
    """The key under which whose bucket it is gets written down."""
    return derived(settings, f"{service} limits")


async def take(session: Session, key: bytes, *claims: tuple[Limit, str]) -> None:
    """Take one token of each bucket. Raises TooMany, and then the transaction must be rolled back.

    A transaction that is rolled back for another reason gives the tokens back: what failed must
    count, so sign-in takes its tokens with `take_at_once`, in a transaction of their own.
    """
    now = (session.now() - BEGINNING) // MICROSECOND
    taking, finding, _ = _statements(session.schema, session.database.dialect)
    # Always in the same order, or two transactions could wait for each other.
    for digest, limit in sorted(
        ((_digest(key, one, whose), one) for one, whose in claims), key=_by_digest
    ):
        last_moment = now + limit.step * limit.many
        values = {"digest": digest, "now": now, "step": limit.step, "last_moment": last_moment}
        taken = await session.execute(taking, values)
        if taken.rowcount != 1:  # type: ignore[attr-defined] # a CursorResult, as of every change
            full_at = await session.scalar(finding, {"digest": digest})
            wait = (full_at or now) + limit.step - last_moment
            raise TooMany(limit, max(wait, 1) * MICROSECOND)
    await sweep(session)


async def take_at_once(database: Database, key: bytes, *claims: tuple[Limit, str]) -> None:
    """Take one token of each bucket and commit. Never call it inside a transaction."""
    async with database.transaction() as session:
        await take(session, key, *claims)


async def sweep(session: Session) -> int:
    """Delete some of the buckets that are full again; how many."""
    now = (session.now() - BEGINNING) // MICROSECOND
    *_, sweeping = _statements(session.schema, session.database.dialect)
    swept = await session.execute(sweeping, {"now": now})
    return int(swept.rowcount)  # type: ignore[attr-defined]


def in_words(wait: timedelta) -> str:
    """`1 second`, `45 seconds`, `2 minutes`, rounded up."""
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= 90:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    return f"{-(-seconds // 60)} minutes"


def _digest(key: bytes, limit: Limit, whose: str) -> bytes:
    return hmac.new(key, f"{limit.name}\0{whose}".encode(), hashlib.sha256).digest()


def _by_digest(claim: tuple[bytes, Limit]) -> bytes:
    return claim[0]


@cache
def _statements(schema: Schema, dialect: str) -> tuple[ConflictInsert, Select[Any], Delete]:
    """One that takes a token, one that says when a bucket is full, one that sweeps."""
    bucket = schema.tables.bucket
    return _taking(bucket, dialect), _finding(bucket), _sweeping(bucket)


def _taking(bucket: Table, dialect: str) -> ConflictInsert:
    """The bucket is full later by one step, unless that is later than it can ever be."""
    now, step = _number("now"), _number("step")
    later = case((bucket.c.full_at > now, bucket.c.full_at), else_=now) + step
    insert = conflict_insert(bucket, dialect).values(
        key_digest=bindparam("digest"), full_at=now + step
    )
    return insert.on_conflict_do_update(
        index_elements=["key_digest"],
        set_={"full_at": later},
        where=later <= _number("last_moment"),
    )


def _finding(bucket: Table) -> Select[Any]:
    return select(bucket.c.full_at).where(bucket.c.key_digest == bindparam("digest"))


def _sweeping(bucket: Table) -> Delete:
    """Rows that another transaction holds are left to it: nobody waits for a sweep."""
    some = (
        select(bucket.c.key_digest)
        .where(bucket.c.full_at <= _number("now"))
        .limit(MOST_SWEPT)
        .with_for_update(skip_locked=True)
    )
    return delete(bucket).where(bucket.c.key_digest.in_(some))


def _number(name: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own type has three parameters
    return bindparam(name, type_=BigInteger)
