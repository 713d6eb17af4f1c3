"""What colleagues do about messages: ring instead of a machine, or decide to try once more."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from services.notifications.actions import by_hand
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Session
from shared.plumbing.unreachable import is_unreachable
from tests.fixtures.signed_in import COORDINATOR
from tests.simulation.house import Cut, Process, short

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Do = Callable[[Session], Awaitable[object]]


async def try_again(sim: "Simulation") -> None:
    """Send a failed message again, or one of which nobody knows whether it arrived."""
    await _about(
        sim,
        "state IN ('failed', 'uncertain')",
        "is sent again by a colleague",
        lambda message_id: lambda session: by_hand.try_again(session, message_id, COORDINATOR.id),
    )


async def ring(sim: "Simulation") -> None:
    """Look up how to reach somebody."""
    await _about(
        sim,
        "state = 'needs_a_call' AND outcome IS NULL",
        "is looked up to ring",
        lambda message_id: (
            lambda session: by_hand.note_shown(session, message_id, COORDINATOR.id, Channel.PHONE)
        ),
    )


async def reach(sim: "Simulation") -> None:
    """Somebody was told, perhaps of what was taken back meanwhile."""
    await _about(
        sim,
        "(state = 'needs_a_call' AND outcome IS NULL) OR state = 'recalled'",
        "was told by a colleague",
        lambda message_id: (
            lambda session: by_hand.note_reached(session, message_id, COORDINATOR.id)
        ),
    )


async def leave_be(sim: "Simulation") -> None:
    """Nobody needs to be told."""
    await _about(
        sim,
        "state = 'needs_a_call' AND outcome IS NULL",
        "need not be told",
        lambda message_id: (
            lambda session: by_hand.note_not_needed(session, message_id, COORDINATOR.id)
        ),
    )


async def _about(sim: "Simulation", which: str, what: str, doing: Callable[[UUID], Do]) -> None:
    rows = sim.notifications.rows(f"SELECT id FROM message WHERE {which} ORDER BY id")
    if not rows:
        return
    message_id = UUID(sim.chance.choice(rows)["id"])
    do = doing(message_id)

    async def post(process: Process) -> None:
        async with process.database.transaction() as session:
            await do(session)
        crash_point("request.after_commit")

    try:
        await sim.house.within("notifications", post)
    except Cut:
        sim.note(f"message {short(message_id)} {what}: no answer")
    except Refusal as refusal:
        sim.note(f"message {short(message_id)} {what}: refused, {type(refusal).__name__}")
    except Exception as error:
        if not is_unreachable(error):
            raise  # a mistake in the product: nothing here makes an action fail in any other way
        sim.note(f"message {short(message_id)} {what}: {type(error).__name__}")
    else:
        sim.note(f"message {short(message_id)} {what}")
