"""The pages about messages and calls, all of them for staff."""

from fastapi import APIRouter

from services.notifications.routes import calls, messages
from services.notifications.routes.finding import FINDERS
from shared.plumbing.staff import STAFF_ONLY

__all__ = ["FINDERS", "router"]

router = APIRouter(prefix="/notifications", dependencies=[STAFF_ONLY], include_in_schema=False)
for part in (messages, calls):
    router.include_router(part.router)
