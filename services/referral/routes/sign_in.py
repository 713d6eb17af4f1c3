"""Signing in, with an address and a password and then a code; and signing out."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import Field
from starlette.responses import Response

from services.referral import store
from services.referral.actions.sessions import sign_out
from services.referral.domain.accounts import Means
from services.referral.routes.entering import (
    Submitted,
    desk,
    enter,
    home_of,
    read_ticket,
    ticket,
    wanted,
)
from services.referral.routes.outside_door import LOCAL_ONLY, outside_path, sign_out_address
from services.referral.sign_in.local import TooManyTries
from services.referral.sign_in.tokens import token_digest
from shared.plumbing.csrf import OUR_OWN_FORM
from shared.plumbing.service import Transaction, service_of
from shared.plumbing.session_cookie import session_token, take_back
from shared.plumbing.staff import OPEN_TO_ALL, SIGN_IN
from shared.ui.forms import Form, FormErrors, Values, check
from shared.ui.pages import render

CODE = "code"
"""What the ticket for the second page is for."""

SIGNED_OUT = "/referral/signed-out"

router = APIRouter(dependencies=[OPEN_TO_ALL, OUR_OWN_FORM], include_in_schema=False)


class PasswordForm(Form):
    words: ClassVar[dict[str, str]] = {
        "email": "Enter your email address",
        "password": "Enter your password",
    }

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)
    next: str = ""


class CodeForm(Form):
    words: ClassVar[dict[str, str]] = {"code": "Enter the code"}

    code: str = Field(max_length=60)


@router.get(SIGN_IN)
async def ask_password(request: Request) -> Response:
    """Who are you?"""
    return _password_page(request, {"next": wanted(request.query_params.get("next"))})


@router.post(SIGN_IN, dependencies=[LOCAL_ONLY])
async def take_password(request: Request, values: Submitted) -> Response:
    """Go on to the code; whether an address is known here is never said."""
    form, errors = check(PasswordForm, values)
    kept: Values = {name: values[name] for name in ("email", "next") if name in values}
    if form is None:
        return _password_page(request, kept, errors)
    try:
        person_id = await desk(request).check_password(form.email, form.password)
    except TooManyTries:
        raise too_many() from None
    if person_id is None:
        wrong = FormErrors.of("The email address or the password is not right", "email")
        return _password_page(request, kept, wrong)
    issued = ticket(request, CODE, person=str(person_id), next=wanted(form.next))
    return render(request, "sign_in/code.html", ticket=issued)


@router.post(SIGN_IN + "/code", dependencies=[LOCAL_ONLY])
async def take_code(request: Request, values: Submitted) -> Response:
    """Sign in with the code of an authenticator."""
    return await _second(request, values, recovering=False)


@router.post(SIGN_IN + "/recovery", dependencies=[LOCAL_ONLY])
async def take_recovery_code(request: Request, values: Submitted) -> Response:
    """Sign in with a recovery code; without one, ask for it."""
    return await _second(request, values, recovering=True)


@router.get(SIGN_IN + "/code")
@router.get(SIGN_IN + "/recovery")
async def begin_again() -> Response:
    """These pages have no address of their own."""
    return RedirectResponse(SIGN_IN, status_code=303)


@router.post("/referral/sign-out")
async def leave(request: Request, session: Transaction) -> Response:
    """End the session, whether or not it had ended by itself."""
    token = session_token(request)
    means = await sign_out(session, token_digest(token)) if token is not None else None
    # A link there, and no redirect: our forms may lead to no other site (`form-action`).
    elsewhere = f"?from={means.value}" if means is Means.OUTSIDE else ""
    answer = RedirectResponse(SIGNED_OUT + elsewhere, status_code=303)
    take_back(answer, request)
    # What the browser kept for its back button goes too.
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@router.get(SIGNED_OUT)
async def signed_out(request: Request) -> Response:
    """Whoever came in from outside is told how to leave there too."""
    elsewhere = request.query_params.get("from") == Means.OUTSIDE.value
    address = await sign_out_address(request) if elsewhere else None
    return render(request, "sign_in/signed_out.html", outside=address)


def too_many() -> HTTPException:
    return HTTPException(429, "There were too many tries. Wait a minute, then try again.")


async def _second(request: Request, values: Values, *, recovering: bool) -> Response:
    handed = read_ticket(request, CODE, values)
    if handed is None:
        late = FormErrors.of("That took too long. Sign in again")
        return _password_page(request, {}, late)
    page = "sign_in/recovery.html" if recovering else "sign_in/code.html"
    if recovering and "code" not in values:
        return render(request, page, ticket=values["ticket"])
    form, errors = check(CodeForm, values)
    if form is None:
        return render(request, page, ticket=values["ticket"], errors=errors)
    person_id = UUID(handed["person"])
    at = desk(request)
    sign_in = at.sign_in_with_recovery if recovering else at.sign_in_with_code
    try:
        token = await sign_in(person_id, form.code)
    except TooManyTries:
        raise too_many() from None
    if token is None:
        wrong = FormErrors.of("The code is not right, or was used before", "code")
        return render(request, page, ticket=values["ticket"], errors=wrong)
    return enter(request, token, handed["next"] or await _home(request, person_id))


async def _home(request: Request, person_id: UUID) -> str:
    async with service_of(request).database.reading() as session:
        roles = await store.accounts.roles_of(session, person_id)
    return home_of(frozenset(role.value for role in roles))


def _password_page(request: Request, values: Values, errors: FormErrors | None = None) -> Response:
    then = wanted(values.get("next"))  # a form can be sent with anything in it
    return render(
        request,
        "sign_in/password.html",
        values={**values, "next": then},
        errors=errors or FormErrors(),
        outside=outside_path(request, then),
        local=service_of(request).settings.local_accounts,
    )
