"""Your account: who you are here, where you are signed in, and showing a code once more."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.referral import store
from services.referral.actions.sessions import end_all, end_session
from services.referral.routes import wording
from services.referral.routes.entering import ACCOUNT, Submitted, desk, enter, wanted
from services.referral.routes.outside_door import outside_path
from services.referral.routes.sign_in import SIGNED_OUT, CodeForm, too_many
from services.referral.sign_in.local import TooManyTries
from shared.contracts.access import Action
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.session_cookie import take_back
from shared.plumbing.staff import SIGN_IN, Staff, StaffMember
from shared.ui.forms import FormErrors, check
from shared.ui.pages import render

SESSIONS = "/referral/sessions"
CONFIRM = SIGN_IN + "/confirm"
DONE = {"ended": "That sign-in has ended.", "confirmed": "You confirmed that it is you."}

router = APIRouter(dependencies=[may(Action.OWN_ACCOUNT)], include_in_schema=False)


@router.get(ACCOUNT)
async def account_page(request: Request, session: Reading, staff: StaffMember) -> Response:
    """Who I am here, and where I am signed in."""
    person = await store.people.find(session, staff.id)
    now = service_of(request).world.now()
    sessions = await store.sessions.of_person(session, staff.id, now)
    return render(
        request,
        "account.html",
        name=person.name if person else "",
        roles=", ".join(
            words for role, words in wording.ACCESS_ROLE.items() if role.value in staff.roles
        ),
        sessions=[(one, wording.MEANS[one.means]) for one in sessions],
        current=staff.session_id,
        done=DONE,
    )


@router.get(SESSIONS)
async def sessions_page() -> Response:
    return RedirectResponse(ACCOUNT, status_code=303)


@router.post(SESSIONS + "/revoke-all")
async def revoke_all(request: Request, session: Transaction, staff: StaffMember) -> Response:
    """Sign out everywhere, here too."""
    await end_all(session, staff.id)
    return _out(request)


@router.post(SESSIONS + "/{session_id}/revoke")
async def revoke(
    request: Request, session: Transaction, staff: StaffMember, session_id: UUID
) -> Response:
    """End one of my own sessions; other people's are not there."""
    await end_session(session, staff.id, session_id)
    if session_id == staff.session_id:
        return _out(request)
    return RedirectResponse(f"{ACCOUNT}?done=ended", status_code=303)


@router.get(CONFIRM)
async def ask_again(request: Request, staff: StaffMember) -> Response:
    """Is it still you? Asked before the few things that need to be sure."""
    return await _confirm_page(request, staff, wanted(request.query_params.get("next")))


@router.post(CONFIRM)
async def confirm(request: Request, staff: StaffMember, values: Submitted) -> Response:
    """Take a code once more; the session goes on under another token."""
    then = wanted(values.get("next"))
    form, errors = check(CodeForm, values)
    if form is None:
        return await _confirm_page(request, staff, then, errors)
    try:
        token = await desk(request).confirm(staff, form.code)
    except TooManyTries:
        raise too_many() from None
    if token is None:
        wrong = FormErrors.of("The code is not right, or was used before", "code")
        return await _confirm_page(request, staff, then, wrong)
    return enter(request, token, then or f"{ACCOUNT}?done=confirmed")


async def _confirm_page(
    request: Request, staff: Staff, then: str, errors: FormErrors | None = None
) -> Response:
    async with service_of(request).database.reading() as session:
        account = await store.accounts.find(session, staff.id)
        linked = await store.outside.is_linked(session, staff.id)
    return render(
        request,
        "sign_in/confirm.html",
        then=then,
        has_code=bool(account and account.code_secret),
        outside=outside_path(request, then, confirm="1") if linked else "",
        errors=errors or FormErrors(),
    )


def _out(request: Request) -> Response:
    answer = RedirectResponse(SIGNED_OUT, status_code=303)
    take_back(answer, request)
    answer.headers["clear-site-data"] = '"cache"'
    return answer
