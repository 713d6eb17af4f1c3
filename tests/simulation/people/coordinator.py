"""What coordinators do on a referral's pages: decide, add people, record what people say."""

from collections.abc import Awaitable, Callable
from functools import partial
from sqlite3 import Row
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request

from services.referral.actions import agreements, areas, people, staff, triage
from services.referral.actions.case_file import Edit
from services.referral.domain.agreement import HowTold
from services.referral.domain.people import Newcomer
from services.referral.routes.api_shapes import SafeContactShape
from services.referral.routes.once import once
from shared.contracts.refusal import Refusal
from shared.contracts.words import DeclineReason, Role, Side
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Session
from shared.plumbing.unreachable import is_unreachable
from tests.fixtures.signed_in import COORDINATOR
from tests.simulation.house import Cut, Process, short
from tests.simulation.people.clients import safe_contact

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

AGREES = "agrees to meet"

Act = Callable[[Session], Awaitable[object]]


async def submit(sim: "Simulation", what: str, path: str, act: Act) -> None:
    """Send one staff form; when no answer comes it is sent again later, by its own mark."""
    form = (what, path, str(sim.world.new_id()), act)
    await send_form(sim, form)


async def send_form(sim: "Simulation", form: tuple[str, str, str, Act]) -> None:
    what, path, mark, act = form

    async def post(process: Process) -> None:
        request = Request({"type": "http", "method": "POST", "path": path, "headers": []})
        async with process.database.transaction() as session:
            await once(request, session, {"once": mark}, partial(act, session), then="/")
        crash_point("request.after_commit")

    try:
        await sim.house.within("referral", post)
    except Cut:
        sim.forms.append(form)
        sim.note(f"{what}: no answer")
    except Refusal as refusal:
        sim.note(f"{what}: refused, {type(refusal).__name__}")
    except Exception as error:
        if not is_unreachable(error):
            raise  # a mistake in the product: nothing here makes an action fail in any other way
        sim.forms.append(form)
        sim.note(f"{what}: {type(error).__name__}")
    else:
        sim.note(what)


async def send_again(sim: "Simulation") -> None:
    """Somebody who saw no answer sends the form once more."""
    if sim.forms:
        await send_form(sim, sim.forms.pop(sim.chance.randrange(len(sim.forms))))


async def accept(sim: "Simulation") -> None:
    await _decide(sim, "accepted", triage.accept_referral)


async def decline(sim: "Simulation") -> None:
    reason = sim.chance.choice(list(DeclineReason))
    await _decide(sim, f"declined ({reason})", partial(triage.decline_referral, reason=reason))


async def _decide(sim: "Simulation", what: str, action: Callable[..., Awaitable[object]]) -> None:
    waiting = sim.referral.rows(
        "SELECT id, version FROM referral WHERE status='waiting' ORDER BY id"
    )
    if not waiting:
        return
    row = sim.chance.choice(waiting)
    edit = _edit(sim, row["id"], row["version"])
    await submit(
        sim,
        f"referral {short(edit.referral_id)} is {what}",
        f"/referral/cases/{edit.referral_id}/decide",
        lambda session: action(session, edit),
    )


async def add_other_party(sim: "Simulation", case_id: UUID | None = None) -> None:
    """The other side joins a case; once in a while it is the same side."""
    rows = _open_cases(sim, case_id)
    if not rows:
        return
    row = sim.chance.choice(rows)
    edit = _edit(sim, row["id"], row["version"])
    who = _newcomer(f"Party {sim.addresses}", SafeContactShape.model_validate(safe_contact(sim)))
    opposite = {"harmed": Side.RESPONSIBLE, "responsible": Side.HARMED}.get(row["side"], Side.BOTH)
    side = opposite if sim.chance.random() < 0.8 else sim.chance.choice(list(Side))
    await submit(
        sim,
        f"a party joins the case of {short(edit.referral_id)}",
        f"/referral/cases/{edit.referral_id}/parties",
        lambda session: people.add_other_party(session, edit, who, side, first_party_agrees=True),
    )


async def everybody_agrees(sim: "Simulation", case_id: UUID) -> None:
    """Each party of a case agrees to meet."""
    for row in sim.referral.rows(
        "SELECT person_id FROM party WHERE case_id=? ORDER BY person_id", case_id.hex
    ):
        for case in _open_cases(sim, case_id):
            edit = _edit(sim, case["id"], case["version"])
            await _said(sim, edit, UUID(row["person_id"]), AGREES, agreements.record_agreement)


def newest_case(sim: "Simulation") -> UUID | None:
    [row] = sim.referral.rows("SELECT max(id) AS id FROM case_file")
    return UUID(row["id"]) if row["id"] else None


async def change_contact(sim: "Simulation") -> None:
    found = _somebody(sim)
    if found is None:
        return
    edit, person_id = found
    who = _newcomer("New Name", SafeContactShape.model_validate(safe_contact(sim)))
    await submit(
        sim,
        f"{short(person_id)} can be reached differently now",
        f"/referral/cases/{edit.referral_id}/contact",
        lambda session: people.change_contact(session, edit, person_id, who),
    )


async def ask_no_contact(sim: "Simulation") -> None:
    await _about_somebody(sim, "wants no contact", people.ask_no_contact)


async def ask_contact_again(sim: "Simulation") -> None:
    await _about_somebody(sim, "may be contacted again", people.ask_contact_again)


async def agree(sim: "Simulation") -> None:
    await _about_somebody(sim, AGREES, agreements.record_agreement)


async def withdraw(sim: "Simulation") -> None:
    await _about_somebody(sim, "no longer agrees", agreements.withdraw_agreement)


async def _about_somebody(
    sim: "Simulation", what: str, action: Callable[..., Awaitable[object]]
) -> None:
    found = _somebody(sim)
    if found is not None:
        await _said(sim, *found, what, action)


async def _said(
    sim: "Simulation",
    edit: Edit,
    person_id: UUID,
    what: str,
    action: Callable[..., Awaitable[object]],
) -> None:
    how = sim.chance.choice(list(HowTold))
    await submit(
        sim,
        f"{short(person_id)} {what}",
        f"/referral/cases/{edit.referral_id}/said",
        lambda session: action(session, edit, person_id, how),
    )


async def colleague_joins(sim: "Simulation") -> None:
    """Somebody begins to work here, and may think better of it soon."""
    sim.addresses += 1
    email = f"colleague{sim.addresses}@parley.example"
    role = sim.chance.choice([Role.FACILITATOR, Role.COORDINATOR])
    await submit(
        sim,
        f"a {role} joins",
        "/referral/staff",
        lambda session: staff.add_colleague(session, "A Colleague", email, frozenset({role})),
    )
    if sim.chance.random() < 0.5:
        await _leave(sim, _working_here(sim)[-1])


async def colleague_leaves(sim: "Simulation") -> None:
    working = _working_here(sim)
    if len(working) > 3:
        await _leave(sim, sim.chance.choice(working))


async def _leave(sim: "Simulation", person_id: UUID) -> None:
    await submit(
        sim,
        f"colleague {short(person_id)} leaves",
        "/referral/staff/leave",
        lambda session: staff.let_leave(session, person_id),
    )


def _working_here(sim: "Simulation") -> list[UUID]:
    rows = sim.referral.rows(
        "SELECT DISTINCT person_id FROM staff_role WHERE left_at IS NULL ORDER BY person_id"
    )
    return [UUID(row["person_id"]) for row in rows]


async def rename_area(sim: "Simulation") -> None:
    """An area gets another name, and perhaps another one when that was not liked."""
    area_id = sim.chance.choice(sim.referral.rows("SELECT id FROM area ORDER BY id"))["id"]
    for _ in range(sim.chance.choice((2, 3, 4))):
        [row] = sim.referral.rows("SELECT version FROM area WHERE id=?", area_id)
        sim.addresses += 1
        await _rename(sim, UUID(area_id), f"Area {sim.addresses}", row["version"])


async def _rename(sim: "Simulation", area_id: UUID, label: str, seen: int) -> None:
    await submit(
        sim,
        f"an area is called {label}",
        "/referral/areas",
        lambda session: areas.rename_area(session, area_id, label, seen),
    )


def _open_cases(sim: "Simulation", case_id: UUID | None) -> list[Row]:
    """The referral behind each case, or behind this one."""
    rows = sim.referral.rows(
        "SELECT r.id, r.version, r.side, c.id AS case_id FROM referral r "
        "JOIN case_file c ON c.referral_id = r.id ORDER BY r.id"
    )
    return [row for row in rows if case_id is None or UUID(row["case_id"]) == case_id]


def _somebody(sim: "Simulation") -> tuple[Edit, UUID] | None:
    """Somebody who belongs to a referral or its case."""
    rows = sim.referral.rows(
        "SELECT r.id, r.version, r.person_id FROM referral r UNION "
        "SELECT r.id, r.version, p.person_id FROM referral r "
        "JOIN case_file c ON c.referral_id = r.id JOIN party p ON p.case_id = c.id ORDER BY 1, 3"
    )
    if not rows:
        return None
    row = sim.chance.choice(rows)
    return _edit(sim, row["id"], row["version"]), UUID(row["person_id"])


def _edit(sim: "Simulation", referral_id: str, version: int) -> Edit:
    """A change asked for from a page that is, once in a while, out of date."""
    seen = version - 1 if sim.chance.random() < 0.05 else version
    return Edit(UUID(referral_id), seen, COORDINATOR.id)


def _newcomer(name: str, contact: SafeContactShape) -> Newcomer:
    from services.referral.routes.api_shapes import PersonShape, ReferralShape

    shape = PersonShape.model_construct(name=name, safe_contact=contact)
    return ReferralShape.model_construct(person=shape).newcomer()
