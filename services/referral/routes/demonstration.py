"""One-time links for the people of a demonstration: in development, at this machine alone."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions.accounts import accept_demonstration, invited
from services.referral.domain.accounts import InvitedTo, Means
from services.referral.routes.entering import enter, home_of
from services.referral.sign_in.tokens import LINKS, begin, token_digest
from shared.plumbing.csrf import OUR_OWN_FORM
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.settings import LOOPBACK
from shared.plumbing.staff import OPEN_TO_ALL, sits_here
from shared.ui.pages import render

LINK = LINKS[InvitedTo.DEMONSTRATION] + "/{token}"

router = APIRouter(dependencies=[OPEN_TO_ALL, OUR_OWN_FORM], include_in_schema=False)


@router.get(LINK)
async def ask(request: Request, session: Reading, token: str) -> Response:
    """Sign in as this person? Looking does not use the link: browsers like to look ahead."""
    _refuse_elsewhere(request)
    person_id = await invited(session, token_digest(token), InvitedTo.DEMONSTRATION)
    person = await store.people.find(session, person_id)
    return render(request, "sign_in/demonstration.html", person=person, path=request.url.path)


@router.post(LINK)
async def sign_in(request: Request, session: Transaction, token: str) -> Response:
    """Sign in; the link is used."""
    _refuse_elsewhere(request)
    person_id = await accept_demonstration(session, token_digest(token))
    roles = await store.accounts.roles_of(session, person_id)
    new = await begin(session, person_id, Means.DEMONSTRATION)
    return enter(request, new, home_of(frozenset(role.value for role in roles)))


def _refuse_elsewhere(request: Request) -> None:
    settings = service_of(request).settings
    if not (settings.is_development and settings.host in LOOPBACK and sits_here(request)):
        raise HTTPException(404)
