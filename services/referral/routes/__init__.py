"""The doors of the referral service: the public form, the API, the pages for staff."""

from fastapi import APIRouter

from services.referral.routes import (
    account,
    api,
    areas,
    case_colleagues,
    case_complaint,
    case_people,
    case_said,
    cases,
    complaints,
    demonstration,
    person_record,
    person_requests,
    refer,
    search,
    set_up,
    sign_in,
    staff,
)

router = APIRouter()
for part in (
    refer,
    api,
    sign_in,
    set_up,
    demonstration,
    account,
    cases,
    case_people,
    case_complaint,
    person_record,
    person_requests,
    case_said,
    case_colleagues,
    complaints,
    search,
    staff,
    areas,
):
    router.include_router(part.router)
