"""What planners do: book meetings, move them, call them off, and record what became of them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.scheduling.actions import outcomes
from services.scheduling.actions.booking import Move
from services.scheduling.actions.venues import SEEDS
from services.scheduling.domain.booking import Proposal
from services.scheduling.routes import booking, moving
from shared.contracts.refusal import Refusal
from shared.contracts.scheduling import Attended
from shared.contracts.words import (
    Attendance,
    CancelReason,
    MeetingKind,
    MoveReason,
    NotHeldReason,
)
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Session
from shared.plumbing.staff import Staff
from shared.plumbing.unreachable import is_unreachable
from tests.fixtures.signed_in import COORDINATOR
from tests.simulation.house import Cut, Process, short
from tests.simulation.reading import moment

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

STAFF = Staff(COORDINATOR.id, frozenset({"coordinator"}))

Do = Callable[[Process, Session], Awaitable[object]]


async def submit(sim: "Simulation", what: str, do: Do) -> None:
    """Send one form of the diary; without an answer it is sent again later, just as it was."""

    async def post(process: Process) -> None:
        async with process.database.transaction() as session:
            await do(process, session)
        crash_point("request.after_commit")

    try:
        await sim.house.within("scheduling", post)
    except Cut:
        sim.bookings.append((what, do))
        sim.note(f"{what}: no answer")
    except Refusal as refusal:
        sim.note(f"{what}: refused, {type(refusal).__name__} {refusal}")
    except Exception as error:
        if not is_unreachable(error):
            raise  # a mistake in the product: nothing here makes an action fail in any other way
        sim.bookings.append((what, do))
        sim.note(f"{what}: {type(error).__name__}")
    else:
        sim.note(what)


async def send_again(sim: "Simulation") -> None:
    if sim.bookings:
        what, do = sim.bookings.pop(sim.chance.randrange(len(sim.bookings)))
        await submit(sim, what, do)


async def book(sim: "Simulation", case_id: UUID | None = None) -> None:
    """Book a meeting of a case with some of its parties."""
    cases = sim.scheduling.rows(
        "SELECT p.case_id, p.person_id FROM party p JOIN planning_case c ON c.id = p.case_id "
        "ORDER BY 1, 2"
    )
    facilitators = sim.scheduling.rows(
        "SELECT person_id FROM facilitator WHERE works_here ORDER BY person_id"
    )
    if not cases or not facilitators:
        return
    of_case = case_id.hex if case_id else sim.chance.choice(cases)["case_id"]
    parties = [UUID(row["person_id"]) for row in cases if row["case_id"] == of_case]
    if not parties:
        return
    together = len(parties) > 1 and sim.chance.random() < 0.7
    kind = MeetingKind.JOINT if together else MeetingKind.PREPARATION
    who = tuple(parties) if together else (sim.chance.choice(parties),)
    led_by = (UUID(sim.chance.choice(facilitators)["person_id"]),)
    proposal = _proposal(sim, UUID(of_case), kind, led_by, who)
    what = f"{kind} meeting {short(proposal.meeting_id)} of case {short(of_case)} is booked"
    await submit(
        sim,
        what,
        lambda process, session: booking._book(process.service, session, proposal, STAFF),
    )


async def move(sim: "Simulation") -> None:
    row = _booked(sim)
    if row is None:
        return
    people = sim.scheduling.rows(
        "SELECT person_id, facilitates FROM meeting_person WHERE meeting_id=? ORDER BY person_id",
        row["id"],
    )
    to = _proposal(
        sim,
        UUID(row["case_id"]),
        MeetingKind(row["kind"]),
        tuple(UUID(one["person_id"]) for one in people if one["facilitates"]),
        tuple(UUID(one["person_id"]) for one in people if not one["facilitates"]),
    )
    wanted = Move(UUID(row["id"]), row["version"], to, sim.chance.choice(list(MoveReason)))
    what = f"meeting {short(row['id'])} is moved and becomes {short(to.meeting_id)}"
    await submit(
        sim, what, lambda process, session: moving._move(process.service, session, wanted, STAFF)
    )


async def cancel(sim: "Simulation") -> None:
    row = _booked(sim)
    if row is None:
        return
    reason = sim.chance.choice(list(CancelReason))
    meeting_id, seen = UUID(row["id"]), row["version"]
    await submit(
        sim,
        f"meeting {short(meeting_id)} is called off",
        lambda _, session: outcomes.cancel(
            session, meeting_id, reason, seen=seen, by=COORDINATOR.id
        ),
    )


async def record_outcome(sim: "Simulation") -> None:
    """A meeting that was due was held, or was not."""
    due = [row for row in _all_booked(sim) if moment(row["starts_at"]) <= sim.world.now()]
    if not due:
        return
    row = sim.chance.choice(due)
    meeting_id, seen = UUID(row["id"]), row["version"]
    if sim.chance.random() < 0.3:
        reason = sim.chance.choice(list(NotHeldReason))
        await submit(
            sim,
            f"meeting {short(meeting_id)} did not happen",
            lambda _, session: outcomes.miss(
                session, meeting_id, reason, seen=seen, by=COORDINATOR.id
            ),
        )
        return
    came = sim.scheduling.rows(
        "SELECT person_id FROM meeting_person WHERE meeting_id=? AND NOT facilitates ORDER BY 1",
        row["id"],
    )
    attendance = tuple(
        Attended(
            person_id=UUID(one["person_id"]),
            attendance=sim.chance.choice([Attendance.ATTENDED, Attendance.LATE]),
        )
        for one in came
    )
    await submit(
        sim,
        f"meeting {short(meeting_id)} was held",
        lambda _, session: outcomes.complete(
            session, meeting_id, attendance, seen=seen, by=COORDINATOR.id
        ),
    )


def _proposal(
    sim: "Simulation",
    case_id: UUID,
    kind: MeetingKind,
    led_by: tuple[UUID, ...],
    who: tuple[UUID, ...],
) -> Proposal:
    begins = sim.world.now() + timedelta(
        hours=sim.chance.choice((2, 5, 26, 50, 100, 170, 400)), minutes=sim.chance.randrange(60)
    )
    return Proposal(
        meeting_id=sim.world.new_id(),
        case_id=case_id,
        kind=kind,
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        venue_id=sim.chance.choice(SEEDS[:2]).id,
        facilitator_ids=led_by,
        participant_ids=who,
    )


def next_meeting(sim: "Simulation") -> datetime | None:
    """When the next booked meeting begins, or began."""
    return min((moment(row["starts_at"]) for row in _all_booked(sim)), default=None)


def _booked(sim: "Simulation"):
    rows = _all_booked(sim)
    return sim.chance.choice(rows) if rows else None


def _all_booked(sim: "Simulation"):
    return sim.scheduling.rows(
        "SELECT id, case_id, kind, version, starts_at FROM meeting WHERE state='scheduled' "
        "ORDER BY id"
    )
