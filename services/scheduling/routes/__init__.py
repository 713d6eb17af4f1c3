"""The pages of planning, all of them for staff."""

from fastapi import APIRouter

from services.scheduling.routes import (
    booking,
    cases,
    moving,
    outcomes,
    people,
    planning,
    sessions,
    venues,
)
from services.scheduling.routes.finding import FINDERS
from shared.plumbing.staff import STAFF_ONLY

__all__ = ["FINDERS", "router"]

router = APIRouter(prefix="/scheduling", dependencies=[STAFF_ONLY], include_in_schema=False)
for part in (planning, cases, booking, moving, sessions, outcomes, people, venues):
    router.include_router(part.router)
