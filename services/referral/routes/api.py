"""The JSON API for agencies that refer somebody, with that person's permission."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from services.referral import store
from services.referral.actions.intake import receive_referral
from services.referral.domain.areas import AreaUnknown
from services.referral.domain.intake import reference_for
from services.referral.routes.api_shapes import EXAMPLE, AreaShape, ReferralShape, TakenIn
from services.referral.routes.secret import reference_key
from shared.plumbing.idempotency import fingerprint_of, remember, remembered
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import OPEN_TO_ALL

router = APIRouter(prefix="/referral/api", dependencies=[OPEN_TO_ALL], tags=["referrals"])

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Your own unique name for this referral: sent again, it is not taken in twice.",
    ),
]
ReferralBody = Annotated[
    ReferralShape,
    Body(openapi_examples={"a neighbour, referred by housing": {"value": EXAMPLE}}),
]


@router.post("/referrals", status_code=201, response_model=TakenIn)
async def receive(
    request: Request, session: Transaction, body: ReferralBody, key: IdempotencyKey
) -> Response:
    """Refer somebody.

    Safe to repeat with the same `Idempotency-Key`: the same body is answered the same, another
    body is refused. Once this answers 201, the referral is stored for good.
    """
    fingerprint = fingerprint_of(b"POST /referral/api/referrals", body.model_dump_json().encode())
    before = await remembered(session, f"api:{key}", fingerprint)
    if before is not None:
        return Response(before.body, before.status, media_type="application/json")
    referral_id = session.new_id()
    reference = reference_for(referral_id, reference_key(service_of(request).settings))
    try:
        await receive_referral(
            session, body.request(), body.newcomer(), referral_id=referral_id, reference=reference
        )
    except AreaUnknown as unknown:
        raise RequestValidationError([_about("area_id", str(unknown))]) from unknown
    taken_in = TakenIn(referral_id=referral_id, reference=reference).model_dump_json().encode()
    await remember(session, f"api:{key}", fingerprint, 201, taken_in)
    return Response(taken_in, 201, media_type="application/json")


@router.get("/areas")
async def areas(session: Reading) -> list[AreaShape]:
    """The areas a referral can come from."""
    known = await store.areas.all_areas(session)
    return [AreaShape(id=area.id, label=area.label) for area in known]


def _about(field: str, words: str) -> dict[str, object]:
    return {"type": "value_error", "loc": ("body", field), "msg": words, "ctx": {"error": words}}
