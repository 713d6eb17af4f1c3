"""The doors of the referral service: the public form, the API, the pages for staff."""

from fastapi import APIRouter

from services.referral.routes import (
    account,
    api,
    areas,
    break_glass,
    break_glass_reviews,
    case_colleagues,
    case_complaint,
    case_people,
    case_said,
    cases,
    closing,
    colleague,
    complaints,
    demonstration,
    destroying,
    erasure,
    outside,
    person_record,
    person_requests,
    redaction,
    refer,
    rights,
    search,
    set_up,
    sign_in,
    staff,
)

programs = api.router
router = APIRouter()
for part in (
    refer,
    sign_in,
    set_up,
    demonstration,
    outside,
    account,
    cases,
    case_people,
    case_complaint,
    closing,
    erasure,
    person_record,
    person_requests,
    redaction,
    rights,
    case_said,
    case_colleagues,
    break_glass,
    break_glass_reviews,
    complaints,
    destroying,
    search,
    staff,
    colleague,
    areas,
):
    router.include_router(part.router)
