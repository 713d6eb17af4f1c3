"""Stores as they are after so many cases, written in bulk and without any event.

Cases come in evenly over five years. What is still to be done (meetings to come, people to ring)
is as much in every store: a team does not grow with its archive.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.reporting import domain
from shared.contracts.words import DeclineReason, Matter, Purpose, Source
from shared.plumbing.database import Database
from shared.plumbing.sealing.fields import LONG, SHORT, Field
from shared.plumbing.sealing.keyring import SERVICE_ID, Kind, NewKey
from tests.bench.facts import AREAS, month_by_month
from tests.fixtures import keys

MONTHS = 60
TO_DO = 60
"""Meetings to come, meetings without an outcome, people to ring: as many in every store."""

SENT = ("started", "sending", "accepted")

Values = Mapping[str, Any]
Written = Iterator[tuple[str, Values]]
"""Tables and rows; a table's rows come after those they refer to."""

NAME = Field("referral|person|name", SHORT)
DETAILS = Field("referral|safe_contact|details", LONG)
NOTE = Field("scheduling|venue|safety_note", LONG)

PERSON, REFERRAL, CASE, MEETING, MESSAGE, ENTRY, GUIDE, VENUE = range(1, 9)
"""What an id is of."""


def fill(store: Database, cases: int) -> None:
    """Write so many cases into an empty store on SQLite."""
    statements: dict[str, tuple[str, list[tuple[Any, ...]]]] = {}
    for table, values in FILLING[store.schema.name](cases):
        if table not in statements:
            statements[table] = (_insert(table, values), [])
        statements[table][1].append(tuple(_stored(value) for value in values.values()))
    with closing(sqlite3.connect(str(store.url.database), isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for statement, rows in statements.values():
            connection.executemany(statement, rows)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(table: str, values: Values) -> str:
    places = ", ".join("?" * len(values))
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"


def _stored(value: object) -> object:
    """A value as SQLite keeps it for us."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def an_id(of: int, number: int) -> UUID:
    """Ids in the order of their numbers, as those that begin with the time are."""
    return UUID(int=(number + 1) << 72 | of)


def _key(made: NewKey, kind: Kind, at: datetime) -> Values:
    own = {"subject_id": made.ready.subject, "kind": kind.value, "made_at": at}
    return own | {"kid": made.kid, "wrapped": made.wrapped}


def _referral(cases: int) -> Written:
    ring = keys.keyring("referral")
    for number, area in enumerate(AREAS):
        yield "area", {"id": area, "label": f"Area {number + 1}", "version": 1}
    details = {
        **{"routes": [["email", "sam@example.org"]], "days": ["monday"], "opens_minute": 0},
        **{"closes_minute": 1440, "who_else": "nobody", "voicemail": False, "avoid": []},
    }
    for number in range(cases):
        at = month_by_month(number, cases, MONTHS)
        person, referral = an_id(PERSON, number), an_id(REFERRAL, number)
        status = ("waiting", "accepted", "declined")[number % 3]
        decided = at + timedelta(days=2) if status != "waiting" else None
        made = ring.new(person, Kind.PERSON)
        yield "sealed_key", _key(made, Kind.PERSON, at)
        name = NAME.seal(made.ready, person, f"Sam Example {number}")
        yield "person", {"id": person, "name": name, "version": 1}
        sealed = DETAILS.seal(made.ready, person, json.dumps(details))
        yield "safe_contact", {"person_id": person, "changed_at": at, "details": sealed}
        yield (
            "referral",
            {
                **{"id": referral, "reference": f"{number:010}", "person_id": person},
                **{"source": _one(Source, number), "matter": _one(Matter, number)},
                **{"happened": "noise", "side": "harmed", "reported_to_police": "no"},
                **{"area_id": AREAS[number % len(AREAS)], "heard_about": "leaflet_or_poster"},
                **{"permission_attested": True, "received_at": at, "status": status},
                **{"decided_at": decided, "version": 1 if decided is None else 2},
                "decline_reason": DeclineReason.SIGNPOSTED.value if status == "declined" else None,
            },
        )
        yield "timeline_entry", _entry(number, referral, person, at)
        if status == "accepted":
            case = {"id": an_id(CASE, number), "referral_id": referral, "opened_at": decided}
            yield "case_file", case | {"state": "open", "version": 1}
            party = {"case_id": an_id(CASE, number), "person_id": person, "side": "harmed"}
            yield "party", party | {"added_at": decided, "first": True}


def _entry(number: int, referral: UUID, person: UUID, at: datetime) -> Values:
    about = {"referral_id": referral, "person_id": person}
    return {"id": an_id(ENTRY, number), "at": at, "happening": "received", **about}


def _scheduling(cases: int) -> Written:
    guide, venue = an_id(GUIDE, 0), an_id(VENUE, 0)
    yield "facilitator", {"person_id": guide, "works_here": True, "version": 1}
    made = keys.keyring("scheduling").new(SERVICE_ID, Kind.SERVICE)
    yield "sealed_key", _key(made, Kind.SERVICE, datetime(2026, 1, 1, tzinfo=UTC))
    place = {"id": venue, "label": "Riverside hall", "kind": "neutral"}
    place["safety_note"] = NOTE.seal(made.ready, venue, "")
    yield "venue", place | {"step_free": True, "retired": False, "version": 1}
    for number in range(cases):
        at = month_by_month(number, cases, MONTHS)
        waits = number % 3 == 0
        yield (
            "planning_case",
            {
                **{"id": an_id(CASE, number), "referral_id": an_id(REFERRAL, number)},
                **{"matter": _one(Matter, number), "area_id": AREAS[number % len(AREAS)]},
                **{"opened_at": at, "waiting_since": at if waits else None},
            },
        )
        party = {"case_id": an_id(CASE, number), "person_id": an_id(PERSON, number)}
        yield "party", party | {"side": "harmed", "version": 0}
        if waits:
            continue
        starts, state = at + timedelta(days=14), "completed"
        if number >= cases - 2 * TO_DO:  # the last ones: half overdue, half to come
            days = 1 + number % 20
            starts = datetime.now(UTC) + timedelta(days=days if number % 2 else -days)
            state = "scheduled"
        yield "meeting", _meeting(number, venue, guide, starts, state)
        for person, guides in ((guide, True), (an_id(PERSON, number), False)):
            came = "attended" if state == "completed" and not guides else None
            invited = {"meeting_id": an_id(MEETING, number), "person_id": person}
            yield "meeting_person", invited | {"facilitates": guides, "attendance": came}


def _meeting(number: int, venue: UUID, guide: UUID, starts: datetime, state: str) -> Values:
    ended = {"ended_by": guide, "ended_at": starts + timedelta(hours=2)}
    return {
        **{"id": an_id(MEETING, number), "case_id": an_id(CASE, number), "kind": "preparation"},
        **{"starts_at": starts, "ends_at": starts + timedelta(hours=1), "venue_id": venue},
        **{"booked_by": guide, "booked_at": starts - timedelta(days=7), "state": state},
        "version": 2 if state == "completed" else 1,
        **(ended if state == "completed" else dict.fromkeys(ended)),
    }


def _notifications(cases: int) -> Written:
    for number in range(cases):
        at = month_by_month(number, cases, MONTHS)
        by_hand = number % 5 == 0
        to_do = by_hand and number >= cases - 5 * TO_DO
        taken_back = number % 10 == 3
        state = "needs_a_call" if by_hand else "recalled" if taken_back else "sent"
        lasts = timedelta(days=0 if taken_back else 60)
        about = {"referral_id": an_id(REFERRAL, number), "person_id": an_id(PERSON, number)}
        where = {"area_id": AREAS[number % len(AREAS)]}
        yield "matter", {"told_as": an_id(REFERRAL, number)} | about | where
        reason = {"needs_a_call": "no_safe_electronic_route", "recalled": "referral_declined"}
        yield (
            "message",
            {
                **{"id": an_id(MESSAGE, number), "event_id": an_id(ENTRY, number)},
                **{"person_id": an_id(PERSON, number), "purpose": Purpose.REFERRAL_RECEIVED.value},
                **{"referral_id": an_id(REFERRAL, number), "created_at": at, "state": state},
                **{"about_id": an_id(REFERRAL, number), "part_of_id": an_id(PERSON, number)},
                **{"matters_until": at + lasts, "changed_at": at, "version": 3},
                **{"facts": 1, "attempts": 0 if by_hand else 1, "silences": 0, "repeats": 0},
                **{"channel": "phone" if by_hand else "email"},
                "reason": reason.get(state),
                "told_at": None if to_do or taken_back else at,
                "outcome": "done" if by_hand and not to_do else None,
            },
        )
        for version, happened in enumerate(
            ("started", "needs_a_call", "shown") if by_hand or taken_back else SENT, 1
        ):
            turn = {"message_id": an_id(MESSAGE, number), "version": version, "at": at}
            yield "message_history", turn | {"happened": happened}


def _reporting(cases: int) -> Written:
    counted: list[domain.Counted] = []
    for table, values in _counted(cases):
        counted.append(COUNTED[table](**values))
        yield table, values
    for cell, count in domain.tally(counted).items():
        yield "tally", {**vars(cell), "number": count}


def _counted(cases: int) -> Written:
    for number, area in enumerate(AREAS):
        yield "area_label", {"area_id": area, "label": f"Area {number + 1}", "version": 1}
    for number in range(cases):
        at = month_by_month(number, cases, MONTHS)
        outcome = (None, "accepted", "declined")[number % 3]
        case = an_id(CASE, number) if outcome == "accepted" else None
        yield (
            "referral_counted",
            {
                **{"referral_id": an_id(REFERRAL, number), "received_at": at},
                **{"month": at.date().replace(day=1), "source": _one(Source, number)},
                **{"matter": _one(Matter, number), "area_id": AREAS[number % len(AREAS)]},
                **{"heard_about": "leaflet_or_poster", "outcome": outcome, "case_id": case},
                **{"decided_at": at if outcome else None},
                "decline_reason": DeclineReason.SIGNPOSTED.value if outcome == "declined" else None,
            },
        )
        if case is None:
            continue
        met = at + timedelta(days=5 + number % 40)
        own = {"case_id": case, "referral_id": an_id(REFERRAL, number), "first_met_at": met}
        yield "case_counted", own
        held = {"session_id": an_id(MEETING, number), "case_id": case, "kind": "preparation"}
        yield (
            "meeting_counted",
            held | {"outcome": "completed", "month": met.date().replace(day=1), "took_part": 1},
        )


def _one(words: type[Source] | type[Matter], number: int) -> str:
    return list(words)[number % len(words)].value


COUNTED: dict[str, Callable[..., domain.Counted]] = {
    "area_label": domain.AreaLabel,
    "referral_counted": domain.ReferralCount,
    "case_counted": domain.CaseCount,
    "meeting_counted": domain.MeetingCount,
}

FILLING: dict[str, Callable[[int], Written]] = {
    "referral": _referral,
    "scheduling": _scheduling,
    "notifications": _notifications,
    "reporting": _reporting,
}
