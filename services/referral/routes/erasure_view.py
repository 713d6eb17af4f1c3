"""What the pages show on which it is noted and decided that somebody is erased."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import case_file, erasure
from services.referral.domain.erasure import NeedsAnother, Outlook, WasErasedBefore
from services.referral.domain.people import Person
from services.referral.domain.rights import REFUSALS, RightKind, RightRequest
from services.referral.routes import wording
from services.referral.routes.rights import CASES, COLLEAGUES, decider, due, today
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import NOT_THERE
from shared.plumbing.service import service_of
from shared.plumbing.staff import Staff
from shared.ui.forms import FormErrors, Values
from shared.ui.pages import render

PAGE = "/erasure"

DONE = {
    "noted": "You noted the request. The month has begun on the day it was received.",
    "extended": "You took two months longer. Tell the person so, and why, within the month.",
    "refused": "You refused the request. Tell the person why, and that they can complain.",
    "withdrawn": "You noted that they no longer ask for it.",
    "erased": "What was kept of this person was erased for good.",
}


@dataclass(frozen=True)
class Whom:
    """Whose page it is, and where it lies."""

    person_id: UUID
    referral_id: UUID | None
    """The case whose page led here; none for a colleague's."""

    @property
    def back(self) -> str:
        return f"{CASES}/{self.referral_id}" if self.referral_id else COLLEAGUES

    @property
    def here(self) -> str:
        inside = f"/people/{self.person_id}" if self.referral_id else f"/{self.person_id}"
        return self.back + inside + PAGE


def whom_asked(request: Request, person_id: UUID) -> Whom:
    # The gate has read the same id from the path, and answered 404 where it is none.
    referral_id = request.path_params.get("referral_id")
    return Whom(person_id, UUID(str(referral_id)) if referral_id else None)


WhomAsked = Annotated[Whom, Depends(whom_asked)]


async def refuse_half_a_view(session: Session, staff: Staff, outlook: Outlook) -> None:
    """Nobody destroys what they may not know of. Raises NeedsAnother."""
    cases = [case.referral_id for case in outlook.cases]
    if set(await store.reach.references(session, staff, cases)) != set(cases):
        raise NeedsAnother("Another manager has to decide this one.")


async def person_of(session: Session, whom: Whom) -> Person:
    """Whose page it is. Raises 404 for anybody who does not belong there."""
    if whom.referral_id is not None:
        file = await case_file.read(session, whom.referral_id)
        return await case_file.person_in(session, file, whom.person_id)
    colleagues = {one.person_id for one in await store.staff.colleagues(session)}
    has_account = await store.accounts.exists(session, whom.person_id)
    person = await store.people.find(session, whom.person_id)
    if person is None or not (has_account or whom.person_id in colleagues):
        raise HTTPException(404, NOT_THERE)
    return person


async def open_request(session: Session, whom: Whom) -> RightRequest:
    """What they asked and nobody has decided. Raises WasErasedBefore."""
    asked = await store.rights.of_person(session, whom.person_id)
    for one in asked:
        if one.is_open and one.kind is RightKind.ERASURE:
            return one
    raise WasErasedBefore("There is no open request of theirs to be erased.")


async def request_page(
    request: Request,
    session: Session,
    staff: Staff,
    whom: Whom,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    person = await person_of(session, whom)
    asked = [
        one
        for one in await store.rights.of_person(session, whom.person_id)
        if one.kind is RightKind.ERASURE
    ]
    notes = {one.id: await store.rights.note_of(session, one) for one in asked}
    names = await _names(session, asked)
    day = today(session)
    await _seen(request, session, whom, "erasure_page")
    return render(
        request,
        "erasure.html",
        person=person,
        whom=whom,
        open=next((one for one in asked if one.is_open), None),
        past=[one for one in asked if not one.is_open],
        notes=notes,
        names=names,
        due={one.id: due(one, day) for one in asked if one.is_open},
        late={one.id for one in asked if one.days_left(day) < 0},
        **_usual(request, errors, values),
    )


async def shown_decision(
    request: Request,
    session: Session,
    staff: Staff,
    whom: Whom,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    person = await person_of(session, whom)
    asked = await open_request(session, whom)
    outlook = await erasure.outlook(session, whom.person_id)
    await refuse_half_a_view(session, staff, outlook)
    alone = decider(request, session, staff).alone
    await _seen(request, session, whom, "erasure_decision")
    return render(
        request,
        "erasure_decision.html",
        person=person,
        whom=whom,
        asked=asked,
        outlook=outlook,
        own=asked.recorded_by == staff.id and not alone,
        due=due(asked, today(session)),
        **_usual(request, errors, values),
    )


def _usual(request: Request, errors: FormErrors | None, values: Values | None) -> dict[str, Any]:
    return {
        "words": wording,
        "reasons": [(one, wording.REFUSAL[one]) for one in REFUSALS[RightKind.ERASURE]],
        "once": service_of(request).world.new_id(),
        "errors": errors or FormErrors(),
        "values": values or {},
        "done": DONE,
    }


async def _names(session: Session, asked: list[RightRequest]) -> dict[UUID, str]:
    """What those are called who recorded or decided it."""
    ids = {one.recorded_by for one in asked} | {
        one.decided_by for one in asked if one.decided_by is not None
    }
    return {one: person.name for one, person in (await store.people.known(session, ids)).items()}


async def _seen(request: Request, session: Session, whom: Whom, purpose: str) -> None:
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=purpose,
        fields=("name", "right"),
        person_id=whom.person_id,
        referral_id=whom.referral_id,
    )
    await audit.looked(request, seen, session=session)
