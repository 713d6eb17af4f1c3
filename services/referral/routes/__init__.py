"""The doors of the referral service: the public form, the API, the pages for staff."""

from fastapi import APIRouter

from services.referral.routes import (
    api,
    areas,
    case_colleagues,
    case_people,
    case_said,
    cases,
    refer,
    search,
    staff,
)

router = APIRouter()
for part in (refer, api, cases, case_people, case_said, case_colleagues, search, staff, areas):
    router.include_router(part.router)
