"""Meetings and the people they are for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, select, update

from services.scheduling.domain.meetings import Meeting, Reason, State
from services.scheduling.domain.refusals import PageIsStale
from services.scheduling.store import told
from services.scheduling.store.tables import (
    MEETING,
    MEETING_PERSON,
    REVOKED_GRANT,
    MeetingPersonRow,
    MeetingRow,
)
from shared.contracts.scheduling import Attended
from shared.contracts.words import (
    Attendance,
    CancelReason,
    MeetingKind,
    MoveReason,
    NotHeldReason,
)
from shared.plumbing.database import Session

REASONS: dict[State, type[CancelReason] | type[MoveReason] | type[NotHeldReason]] = {
    State.CANCELLED: CancelReason,
    State.SUPERSEDED: MoveReason,
    State.MISSED: NotHeldReason,
}

# Made once, like all that facts need: making a statement costs more than saying it.
_FIND = select(MEETING).where(MEETING.c.id == bindparam("wanted"))
_OF_CASE = (
    select(MEETING)
    .where(MEETING.c.case_id == bindparam("wanted"))
    .order_by(MEETING.c.starts_at, MEETING.c.booked_at, MEETING.c.id)
)
_PEOPLE = (
    select(MEETING_PERSON)
    .where(MEETING_PERSON.c.meeting_id.in_(bindparam("wanted", expanding=True)))
    .order_by(MEETING_PERSON.c.person_id)
)
_SAVE_END = update(MEETING).where(
    MEETING.c.id == bindparam("seen_id"), MEETING.c.version == bindparam("seen_version")
)
_SAVE_ATTENDANCE = update(MEETING_PERSON).where(
    MEETING_PERSON.c.meeting_id == bindparam("of_meeting"),
    MEETING_PERSON.c.person_id == bindparam("of_person"),
)
_FORGET = delete(MEETING_PERSON).where(MEETING_PERSON.c.person_id == bindparam("wanted"))
_REVOKED = select(REVOKED_GRANT.c.meeting_id).where(
    REVOKED_GRANT.c.meeting_id == bindparam("wanted")
)


async def find(session: Session, meeting_id: UUID) -> Meeting | None:
    row = (await session.execute(_FIND, {"wanted": meeting_id})).first()
    return None if row is None else (await read(session, [row]))[0]


async def of_case(session: Session, case_id: UUID) -> list[Meeting]:
    """Every meeting of the case, the earliest first."""
    return await read(session, (await session.execute(_OF_CASE, {"wanted": case_id})).all())


async def with_person(session: Session, person_id: UUID) -> list[Meeting]:
    """Every meeting this person was invited to."""
    statement = (
        select(MEETING)
        .join(MEETING_PERSON, MEETING_PERSON.c.meeting_id == MEETING.c.id)
        .where(MEETING_PERSON.c.person_id == person_id, MEETING_PERSON.c.facilitates.is_(False))
        .order_by(MEETING.c.starts_at, MEETING.c.id)
    )
    return await read(session, (await session.execute(statement)).all())


async def add(session: Session, meeting: Meeting) -> None:
    """Store a meeting that was just booked."""
    session.add(
        MeetingRow(
            **_changing(meeting),
            id=meeting.id,
            case_id=meeting.case_id,
            kind=meeting.kind,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            venue_id=meeting.venue_id,
            grant_id=meeting.grant_id,
            booked_by=meeting.booked_by,
            booked_at=meeting.booked_at,
            replaces=meeting.replaces,
        )
    )
    await session.flush()
    people = [(one, True) for one in meeting.facilitator_ids]
    people += [(one, False) for one in meeting.participant_ids]
    session.add_all(
        MeetingPersonRow(
            meeting_id=meeting.id, person_id=person_id, facilitates=facilitates, attendance=None
        )
        for person_id, facilitates in people
    )
    await session.flush()


async def save_end(session: Session, meeting: Meeting) -> None:
    """Store how a meeting ended. Raises PageIsStale when it is no longer the one decided on."""
    seen = {"seen_id": meeting.id, "seen_version": meeting.version - 1}
    if await session.change(_SAVE_END, _changing(meeting) | seen) != 1:
        raise PageIsStale
    if meeting.attendance:
        attendance = [
            {"of_meeting": meeting.id, "of_person": one.person_id, "attendance": one.attendance}
            for one in meeting.attendance
        ]
        await session.execute(_SAVE_ATTENDANCE, attendance)


async def forget_person(session: Session, person_id: UUID) -> None:
    """Take the person out of every meeting, and what is known of how they took part."""
    await session.change(_FORGET, {"wanted": person_id})


async def note_revoked(session: Session, meeting_id: UUID, grant_id: UUID, at: datetime) -> None:
    """Remember that this meeting may not be held, whether or not it is booked yet."""
    revoked = {"meeting_id": meeting_id, "grant_id": grant_id, "revoked_at": at}
    await told.keep_first(session, REVOKED_GRANT, revoked)


async def is_revoked(session: Session, meeting_id: UUID) -> bool:
    return (await session.execute(_REVOKED, {"wanted": meeting_id})).first() is not None


async def read(session: Session, rows: Sequence[Row[Any]]) -> list[Meeting]:
    """The meetings of these rows, in their order, with their people."""
    people = await _people(session, [row.id for row in rows])
    return [_meeting(row, people[row.id]) for row in rows]


async def _people(session: Session, meeting_ids: Iterable[UUID]) -> dict[UUID, list[Row[Any]]]:
    wanted = list(meeting_ids)
    found: dict[UUID, list[Row[Any]]] = {meeting_id: [] for meeting_id in wanted}
    for row in await session.execute(_PEOPLE, {"wanted": wanted}):
        found[row.meeting_id].append(row)
    return found


def _changing(meeting: Meeting) -> dict[str, Any]:
    return {
        "state": meeting.state,
        "version": meeting.version,
        "reason": meeting.reason,
        "replaced_by": meeting.replaced_by,
        "ended_by": meeting.ended_by,
        "ended_at": meeting.ended_at,
    }


def _meeting(row: Row[Any], people: list[Row[Any]]) -> Meeting:
    state = State(row.state)
    return Meeting(
        id=row.id,
        case_id=row.case_id,
        kind=MeetingKind(row.kind),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        venue_id=row.venue_id,
        facilitator_ids=tuple(one.person_id for one in people if one.facilitates),
        participant_ids=tuple(one.person_id for one in people if not one.facilitates),
        booked_by=row.booked_by,
        booked_at=row.booked_at,
        grant_id=row.grant_id,
        state=state,
        version=row.version,
        replaces=row.replaces,
        replaced_by=row.replaced_by,
        reason=_reason(state, row.reason),
        attendance=tuple(
            Attended(person_id=one.person_id, attendance=Attendance(one.attendance))
            for one in people
            if one.attendance is not None
        ),
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )


def _reason(state: State, code: str | None) -> Reason | None:
    kind = REASONS.get(state)
    return None if kind is None or code is None else kind(code)
