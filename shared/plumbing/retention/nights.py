"""Whether the clock can be believed, and how many nights have gone by.

A mark is destroyed only after so many nights as well as so many days. Nights are counted by a loop
that waits by a clock nobody can set, so a date that jumps brings no destruction nearer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from shared.contracts.retention import is_another_night, is_believable
from shared.plumbing import alarms
from shared.plumbing.audit import Entry, Verb, record
from shared.plumbing.database import Session

LOCK = "retention"

QUIET = timedelta(hours=20)
"""The alarm is raised again each night that it goes on."""


class ClockNotBelieved(Exception):
    """The clock jumped, or nothing ran for days: a person must confirm what day it is."""


@dataclass(frozen=True)
class Night:
    """How far the nights have come."""

    number: int
    ran_at: datetime
    refused_at: datetime | None = None


async def find(session: Session) -> Night | None:
    """None before the first night."""
    night = session.schema.tables.retention.night
    row = (await session.execute(select(night))).first()
    return None if row is None else Night(row.number, row.ran_at, row.refused_at)


async def is_clock_doubted(session: Session) -> bool:
    """Whether nothing is destroyed until somebody has confirmed what day it is."""
    known = await find(session)
    return known is not None and known.refused_at is not None


async def begin(session: Session) -> Night | None:
    """Count this night, if it is another one. None when the clock is not believed.

    That is then noted, with an alarm: whoever opened the transaction must commit it.
    """
    await session.lock(LOCK)
    now, known = session.now(), await find(session)
    table = session.schema.tables.retention.night
    if known is None:
        first = Night(1, now)
        await session.execute(insert(table), {"service": session.schema.name, **vars(first)})
        return first
    if known.refused_at is not None or not is_believable(known.ran_at, now):
        await session.execute(update(table).values(refused_at=known.refused_at or now))
        await alarms.raise_once(session, alarms.Kind.CLOCK_NOT_BELIEVED, quiet=QUIET)
        return None
    if not is_another_night(known.ran_at, now):
        return known
    night = Night(known.number + 1, now)
    await session.execute(update(table).values(**vars(night)))
    return night


async def confirm_clock(session: Session) -> bool:
    """Somebody has looked at the clock: it is right now. False when nobody had doubted it."""
    await session.lock(LOCK)
    known = await find(session)
    if known is None or (known.refused_at is None and is_believable(known.ran_at, session.now())):
        return False
    table = session.schema.tables.retention.night
    await session.execute(update(table).values(ran_at=session.now(), refused_at=None))
    await record(session, Entry(verb=Verb.ALTERATION, purpose="clock_confirmed"))
    return True
