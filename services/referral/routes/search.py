"""Finding people by a phone number, an email address, or a name with a date of birth.

What is looked for is posted, never part of an address: addresses are kept in logs and histories.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.domain.people import surname
from services.referral.routes.born import read_born
from services.referral.routes.contact_fields import EmailAddress, PersonName, UkPhone
from services.referral.store.search import Found
from shared.contracts.access import Action
from shared.plumbing import alarms, audit
from shared.plumbing.database import Session
from shared.plumbing.edge import transaction_of
from shared.plumbing.gates import may
from shared.plumbing.service import Reading
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.london import local
from shared.ui.pages import render

PEOPLE = "/referral/people"
AN_HOUR = timedelta(hours=1)

ONE_WAY = "Enter a phone number, an email address, or a name and a date of birth"
BOTH = "Enter the name and the date of birth: the one alone is not enough"
ONLY_ONE = "Search in one way at a time: clear the other fields"

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(prefix=PEOPLE, dependencies=[may(Action.SEARCH_PEOPLE)], include_in_schema=False)


class SearchForm(Form):
    words: ClassVar[dict[str, str]] = {}

    phone: UkPhone | None = None
    email: EmailAddress | None = None
    name: PersonName | None = None


@dataclass(frozen=True)
class PersonFound:
    """Somebody who was found, and where they appear."""

    name: str
    referrals: list[Found]


@router.get("")
async def search_page(request: Request) -> Response:
    """Who is looked for?"""
    return render(request, "people.html", found=None)


@router.post("")
async def search(
    request: Request, session: Reading, staff: StaffMember, values: Submitted
) -> Response:
    """Whoever has exactly this number, address, or name and date of birth."""
    form, errors = check(SearchForm, values)
    born = read_born(values, errors, local(session.now()).date())
    if form is not None and not errors:
        ways = [form.phone is not None, form.email is not None, bool(form.name or born)]
        if not any(ways):
            errors.add("", ONE_WAY)
        elif sum(ways) > 1:
            errors.add("", ONLY_ONE)
        elif ways[2] and not (form.name and born):
            errors.add("name" if born else "born", BOTH)
    if form is None or errors:
        return render(request, "people.html", errors=errors, values=values, found=None)
    if form.phone:
        people = await store.search.by_phone(session, form.phone)
    elif form.email:
        people = await store.search.by_email(session, form.email)
    else:
        assert form.name and born  # noqa: PT018, S101 - seen to above
        people = await store.search.by_birth(session, form.name, born)
    found = await _found(request, session, staff, people)
    return render(request, "people.html", errors=FormErrors(), values=values, found=found)


async def _found(
    request: Request, session: Session, staff: Staff, people: list[UUID]
) -> list[PersonFound]:
    """Those whom the asker may know of; that they were shown is noted first.

    Whoever is kept from the asker, or has their own surname, is not: they may be too near.
    """
    too_near = await _too_near(session, staff, people)
    may_know = await store.reach.people(session, staff, people) - too_near
    known = await store.people.known(session, may_know)
    theirs = await store.search.referrals_of(session, may_know)
    names = await store.reach.references(session, staff, (one.referral_id for one in theirs))
    referrals = [one for one in theirs if one.referral_id in names]
    seen = audit.Entry(verb=audit.Verb.CONSULTATION, purpose="search", fields=("name", "referral"))
    denied = replace(seen, outcome=audit.Outcome.DENIED)
    entries = [*audit.about_each(known, seen), *audit.about_each(sorted(too_near), denied)]
    await audit.looked(request, *entries, session=session)
    if too_near:
        async with transaction_of(request) as writing:
            await alarms.raise_once(writing, alarms.Kind.TOO_NEAR, staff.id, quiet=AN_HOUR)
    return [
        PersonFound(
            name=known[person_id].name,
            referrals=[one for one in referrals if one.person_id == person_id],
        )
        for person_id in people
        if person_id in known
    ]


async def _too_near(session: Session, staff: Staff, people: list[UUID]) -> set[UUID]:
    """Those found who may be too near to the asker: themselves and their family included."""
    near = await store.reach.kept_from(session, staff, people)
    found = await store.people.known(session, [*people, staff.id])
    if staff.id not in found:
        return near
    own = surname(found[staff.id].name)
    return near | {one for one in people if one in found and surname(found[one].name) == own}
