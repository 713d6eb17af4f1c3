"""Mistakes in doing as people wish."""

from dataclasses import replace
from typing import Any

from services.referral.actions import agreements, permits
from services.referral.domain.safe_hours import SafeHours
from services.scheduling.actions import outcomes
from services.scheduling.routes import booking, moving
from shared.contracts.referral import MeetingGrant
from tests.simulation.mutants.planting import always, mutant, nothing

_permit = permits.permit


async def _granted_by_ourselves(service: Any, proposal: Any) -> MeetingGrant:
    return MeetingGrant(grant_id=service.world.new_id())


def _whatever_they_asked(person: Any, *rest: Any, **more: Any) -> Any:
    willing = replace(person, asked_no_contact_at=None) if person else None
    return _permit(willing, *rest, **more)


async def _stop_nothing(*_: object) -> bool:
    return False


MUTANTS = (
    mutant(
        "leave for a meeting is not asked for",
        (booking, "ask_for_grant", _granted_by_ourselves),
        (moving, "ask_for_grant", _granted_by_ourselves),
    ),
    mutant("leave that is gone stops no meeting", (outcomes, "stop_meeting", _stop_nothing)),
    mutant("taking agreement back ends nothing", (agreements, "_revoke", nothing)),
    mutant("any hour is safe", (SafeHours, "hold_at", always)),
    mutant("no contact is not heard", (permits, "permit", _whatever_they_asked)),
)
