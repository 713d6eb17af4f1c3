"""Setting an account up from an invitation: a password, an authenticator, ten recovery codes."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field
from starlette.responses import Response

from services.referral import store
from services.referral.actions import accounts
from services.referral.domain.accounts import Account, InvitedTo, Means
from services.referral.routes.entering import (
    Submitted,
    home_of,
    passwords_of,
    read_ticket,
    ticket,
)
from services.referral.routes.outside_door import LOCAL_ONLY, outside_path
from services.referral.sign_in import codes, passwords
from services.referral.sign_in.tokens import (
    LINKS,
    begin,
    new_recovery_codes,
    recovery_digest,
    token_digest,
)
from shared.contracts.words import Channel
from shared.plumbing.csrf import OUR_OWN_FORM
from shared.plumbing.database import Session
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.session_cookie import give
from shared.plumbing.staff import OPEN_TO_ALL
from shared.ui.forms import Form, FormErrors, check
from shared.ui.pages import render

LINK = LINKS[InvitedTo.SET_UP] + "/{token}"
SET_UP = "set_up"

router = APIRouter(dependencies=[OPEN_TO_ALL, OUR_OWN_FORM], include_in_schema=False)


class NewPasswordForm(Form):
    words: ClassVar[dict[str, str]] = {"password": "Enter a password", "again": "Enter it again"}

    password: str = Field(max_length=1000)
    again: str = Field(max_length=1000)


class FirstCodeForm(Form):
    words: ClassVar[dict[str, str]] = {"code": "Enter the code that your authenticator shows"}

    code: str = Field(max_length=20)


@router.get(LINK)
async def ask_password(request: Request, session: Reading, token: str) -> Response:
    """Choose a password."""
    person_id = await accounts.invited(session, token_digest(token), InvitedTo.SET_UP)
    return await _password_page(request, session, person_id)


@router.post(LINK, dependencies=[LOCAL_ONLY])
async def take_password(request: Request, values: Submitted, token: str) -> Response:
    """Go on to the authenticator. Nothing is stored before its first code is right."""
    form, errors = check(NewPasswordForm, values)
    async with service_of(request).database.reading() as session:
        person_id = await accounts.invited(session, token_digest(token), InvitedTo.SET_UP)
        email = await _email(session, person_id)
        if form is not None:
            errors = _weak(form, email)
        if form is None or errors:
            return await _password_page(request, session, person_id, errors)
    kept = await passwords_of(request).hash(form.password)
    secret = codes.new_secret()
    issued = ticket(
        request, SET_UP, person=str(person_id), password=kept, secret=secret, email=email
    )
    return _code_page(request, issued, secret, email)


@router.post(LINK + "/code", dependencies=[LOCAL_ONLY])
async def take_code(
    request: Request, session: Transaction, values: Submitted, token: str
) -> Response:
    """Keep all of it, show the recovery codes this once, and sign in."""
    handed = read_ticket(request, SET_UP, values)
    if handed is None:
        raise HTTPException(409, "That took too long. Open the invitation again.")
    form, errors = check(FirstCodeForm, values)
    step = codes.step_of(handed["secret"], form.code, session.now()) if form else None
    if form is not None and step is None:
        errors = FormErrors.of("The code is not right. Wait for the next one and try again", "code")
    if step is None:
        shown = str(values["ticket"])
        return _code_page(request, shown, handed["secret"], handed["email"], errors)
    account = Account(UUID(handed["person"]), handed["password"], handed["secret"], step)
    recovery = new_recovery_codes()
    digests = [recovery_digest(code) for code in recovery]
    await accounts.set_up(session, token_digest(token), account, digests)
    new = await begin(session, account.person_id, Means.INVITATION)
    roles = await store.accounts.roles_of(session, account.person_id)
    home = home_of(frozenset(role.value for role in roles))
    answer = render(request, "sign_in/recovery_codes.html", codes=recovery, home=home)
    give(answer, request, new)
    return answer


def _weak(form: NewPasswordForm, email: str) -> FormErrors:
    if form.password != form.again:
        return FormErrors.of("The two passwords are not the same", "again")
    try:
        passwords.check(form.password, email)
    except passwords.NotGoodEnough as why:
        return FormErrors.of(str(why), "password")
    return FormErrors()


async def _email(session: Session, person_id: UUID) -> str:
    contact = (await store.people.contacts_of(session, [person_id])).get(person_id)
    routes = contact.routes if contact else ()
    return next((one.address for one in routes if one.channel is Channel.EMAIL), "")


async def _password_page(
    request: Request, session: Session, person_id: UUID, errors: FormErrors | None = None
) -> Response:
    return render(
        request,
        "sign_in/new_password.html",
        email=await _email(session, person_id),
        path=request.url.path,
        outside=outside_path(request, invitation=request.path_params["token"]),
        local=service_of(request).settings.local_accounts,
        errors=errors or FormErrors(),
    )


def _code_page(
    request: Request, issued: str, secret: str, email: str, errors: FormErrors | None = None
) -> Response:
    path = request.url.path
    return render(
        request,
        "sign_in/authenticator.html",
        ticket=issued,
        picture=codes.picture_of(secret, email),
        secret=codes.in_groups(secret),
        path=path if path.endswith("/code") else path + "/code",
        errors=errors or FormErrors(),
    )
