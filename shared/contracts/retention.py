"""How long what is kept: one table, read by every service, and the pure decisions over it.

The periods are defaults. An operator sets others with `PARLEY_RETENTION`, and their data
protection lead confirms each. `docs/privacy/retention.md` is this table, printed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

MOST_DAYS = 36_525
"""A hundred years: more is a slip of the keyboard."""

WAIT = timedelta(days=30)
"""How long what was marked waits before it is destroyed, so that somebody can still keep it."""

NIGHTS = 15
"""In how many nights, at least, a mark was seen before what it names is destroyed. Nights follow
each other by a clock that cannot be set, so no date that somebody sets destroys anything."""

NIGHT = timedelta(hours=20)
"""Two rounds nearer to each other than this are one night."""

LONGEST_REST = timedelta(days=2)
"""A clock that says more time has gone by since the last night is not believed without a person."""

CLOCK_DRIFT = timedelta(hours=1)
"""So far a clock may have been put back: more is not believed either."""


class RecordClass(StrEnum):
    """What is kept for one and the same time."""

    REFERRAL_NOT_TAKEN_UP = "referral_not_taken_up"
    PERSON_DECLINED = "person_declined"
    CLOSED_CASE = "closed_case"
    MESSAGES = "messages"
    PARKED_EVENTS = "parked_events"
    IDEMPOTENCY_KEYS = "idempotency_keys"


@dataclass(frozen=True)
class Rule:
    """How long the records of one class are kept, and what becomes of them."""

    record_class: RecordClass
    called: str
    holds: str
    """What is in such a record."""
    kept_by: tuple[str, ...]
    """The services in whose stores it is."""
    begins: str
    """What starts the period."""
    period: timedelta
    """Unless the operator says otherwise."""
    floor: timedelta
    """No operator can say less."""
    done: str
    """What is done at the end."""
    source: str
    waits: bool = True
    """Whether it is marked first and waits; what names nobody goes when its period is over."""
    hold_aware: bool = True
    """Whether a legal hold keeps it."""


_EVERY = ("referral", "scheduling", "notifications", "reporting")

_RULES = (
    Rule(
        RecordClass.REFERRAL_NOT_TAKEN_UP,
        "Referral not taken up",
        "name, safe contact, coded matter, decision and reason",
        ("referral", "notifications", "scheduling"),
        "declined, signposted or taken back",
        timedelta(days=366),
        timedelta(days=30),
        "rows deleted in every service; keys of people destroyed whom nothing else keeps",
        "art 5(1)(e); 12 months is a default, no statute",
    ),
    Rule(
        RecordClass.PERSON_DECLINED,
        "Somebody who declines to take part",
        "as above, and that they were approached",
        ("referral", "scheduling", "notifications"),
        "the day they decline",
        timedelta(days=0),
        timedelta(days=0),
        "reduced to **age band, gender, ethnicity**, where recorded, with no link to person or "
        "case; their keys destroyed",
        "art 5(1)(c) and (e); practice of a county council's RJ privacy notice",
    ),
    Rule(
        RecordClass.CLOSED_CASE,
        "Closed case: file, meetings and attendance",
        "people, sides, what each agreed to and when, safe contact, timeline, when who met where",
        ("referral", "scheduling", "notifications"),
        "the case is closed",
        timedelta(days=2192),
        timedelta(days=366),
        "rows deleted in every service; keys of people destroyed whom nothing else keeps",
        "Limitation Act 1980 ss.2, 5 (tort, contract: 6 years); personal injury 3 years, s.11",
    ),
    Rule(
        RecordClass.MESSAGES,
        "Messages and delivery records",
        "person's id, purpose, state, times; no address, no wording",
        ("notifications",),
        "the message has ended and what it is about is over",
        timedelta(days=90),
        timedelta(days=30),
        "rows deleted",
        "art 5(1)(e), default",
    ),
    Rule(
        RecordClass.PARKED_EVENTS,
        "Events that were parked, and settled",
        "ids, codes, times, sealed; a code of what failed and why it was given up",
        _EVERY,
        "tried again with success, or given up",
        timedelta(days=90),
        timedelta(days=30),
        "rows deleted",
        "art 5(1)(e), default",
        hold_aware=False,
    ),
    Rule(
        RecordClass.IDEMPOTENCY_KEYS,
        "Forms and requests that came once already",
        "digests, and the address that was answered",
        _EVERY,
        "answered",
        timedelta(days=30),
        timedelta(days=7),
        "rows deleted",
        "art 5(1)(e), default",
        waits=False,
        hold_aware=False,
    ),
)

RULES: Mapping[RecordClass, Rule] = MappingProxyType({rule.record_class: rule for rule in _RULES})
"""The table. Each row is to be confirmed by the operator."""


def periods(said: str) -> dict[RecordClass, timedelta]:
    """The period of every class: as an operator says (`closed_case=2557,messages=60`), in days.

    Raises ValueError, in plain words, for what cannot be meant.
    """
    found = {record_class: rule.period for record_class, rule in RULES.items()}
    told = set()
    for part in filter(None, (one.strip() for one in said.split(","))):
        name, _, days = (one.strip() for one in part.partition("="))
        rule = RULES.get(RecordClass(name)) if name in set(RecordClass) else None
        if rule is None:
            known = ", ".join(RecordClass)
            raise ValueError(f"There is no class of records called {name!r}; there are {known}.")
        if name in told:
            raise ValueError(f"The period of {name} is given twice: give it once.")
        if not re.fullmatch(r"[0-9]{1,6}", days):
            raise ValueError(f"Give the period of {name} as a number of days, not {days!r}.")
        found[rule.record_class] = _period(rule, int(days))
        told.add(name)
    return found


def _period(rule: Rule, days: int) -> timedelta:
    name = rule.record_class
    if days < rule.floor.days:
        raise ValueError(f"{name} is kept for {rule.floor.days} days at the least, not {days}.")
    if days > MOST_DAYS:
        raise ValueError(f"{days} days is longer than anything is kept: {name} has {MOST_DAYS}.")
    return timedelta(days=days)


@dataclass(frozen=True)
class Mark:
    """Something whose period is over: it is destroyed unless somebody keeps it."""

    marked_at: datetime
    destroy_after: datetime
    night: int
    """How many nights had been counted when it was marked."""


def mark(now: datetime, night: int) -> Mark:
    return Mark(now, now + WAIT, night)


def may_be_destroyed(mark: Mark, now: datetime, night: int, *, held: bool) -> bool:
    """Whether what is marked may go now. What is held never may, whatever any clock says."""
    waited = now >= mark.destroy_after and now - mark.marked_at >= WAIT
    return not held and waited and night - mark.night >= NIGHTS


def is_another_night(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= NIGHT


def is_believable(last: datetime | None, now: datetime) -> bool:
    """Whether a clock can be right that says so much time has gone by since the last night."""
    return last is None or -CLOCK_DRIFT <= now - last <= LONGEST_REST
