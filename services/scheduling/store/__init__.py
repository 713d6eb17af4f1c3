"""The tables of planning, and the only SQL.

What keeps anybody, or any room, from being booked twice, on both databases:

* Every change to the diary is made by whoever holds its one pen (`diary.take_the_pen`). On
  PostgreSQL that is an advisory lock held until the commit; on SQLite a writing transaction is
  the only one anyway (`BEGIN IMMEDIATE`). So the check for overlaps, the check for an open joint
  meeting and what is written after them are never divided by somebody else's booking. This is the
  truth on both, and the same code.
* On PostgreSQL an `EXCLUDE USING gist` constraint on `held_time` says the same once more, for
  whatever might ever write past the pen. It needs the extension `btree_gist`; where that cannot
  be had the migration goes on without it, and the pen alone keeps the rule.
* On both a unique index allows a case one open joint meeting.
"""

from services.scheduling.store import (
    cases,
    closed,
    diary,
    leading,
    meetings,
    people,
    record,
    standings,
    tables,
    venues,
)
from services.scheduling.store.tables import SCHEMA

__all__ = [
    "SCHEMA",
    "cases",
    "closed",
    "diary",
    "leading",
    "meetings",
    "people",
    "record",
    "standings",
    "tables",
    "venues",
]
