"""Who may sign in, as whoever runs Parley sees to it."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from deploy import seeds
from deploy.parts import blueprints
from deploy.upkeep import erasures
from deploy.upkeep.where import Where
from services.referral import store
from services.referral.actions import accounts
from services.referral.domain.accounts import InvitedTo
from services.referral.routes.contact_fields import EmailAddress, PersonName
from services.referral.routes.secret import sign_in_key
from services.referral.sign_in.tokens import name_digest, new_link
from shared.contracts.access import AccessRole
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel
from shared.plumbing.database import Session
from shared.plumbing.secret import refuse_without_secret
from shared.plumbing.settings import LOOPBACK, CannotStart, Settings

NOBODY = "Nobody here has this address: look at `parley staff list`."


@dataclass(frozen=True)
class Somebody:
    """One line of the list."""

    person_id: UUID
    name: str
    email: str
    roles: frozenset[str]
    state: str


async def add(
    where: Where, email: str, name: str, roles: frozenset[AccessRole], areas: Collection[str]
) -> str:
    """Let somebody in; gives their link. Raises CannotStart."""
    email, name = _read(EmailAddress, email, "email address"), _read(PersonName, name, "name")
    async with _referral(where) as session:
        digest = name_digest(_key(where), email)
        here = await _whom(session, digest, email)
        if here is not None and await store.accounts.roles_of(session, here):
            raise CannotStart("Somebody here has this address already: use `parley staff reset`.")
        person_id = await accounts.add_account(
            session,
            name,
            email,
            roles,
            name_digest=digest,
            area_ids=await _areas(session, areas),
        )
        return await _link(where, session, person_id)


async def reset(where: Where, email: str) -> str:
    """A new link for somebody whose secrets are void now. Raises CannotStart."""
    async with _referral(where) as session:
        digest = name_digest(_key(where), email)
        person_id = await _whom(session, digest, email)
        if person_id is None:
            raise CannotStart(NOBODY)
        await accounts.reset_account(session, person_id, digest)
        return await _link(where, session, person_id)


async def disable(where: Where, email: str) -> None:
    """Shut somebody out. Raises CannotStart."""
    async with _referral(where) as session:
        person_id = await _whom(session, name_digest(_key(where), email), email)
        if person_id is None:
            raise CannotStart(NOBODY)
        await accounts.disable_account(session, person_id)


async def everybody(where: Where) -> list[Somebody]:
    """Who has an account or works here, by name."""
    async with _referral(where) as session:
        found = {
            person_id: "disabled" if disabled else "set up" if ready else "invited"
            for person_id, ready, disabled in await store.accounts.everybody(session)
        }
        for colleague in await store.staff.colleagues(session):
            found.setdefault(colleague.person_id, "no account" if colleague.roles else "has left")
        people = await store.people.known(session, found)
        emails = await _emails(session, found)
        listed = [
            Somebody(
                person_id,
                people[person_id].name,
                emails.get(person_id, ""),
                frozenset(await store.accounts.roles_of(session, person_id)),
                state,
            )
            for person_id, state in found.items()
        ]
    return sorted(listed, key=lambda one: one.name.casefold())


async def demonstration_links(where: Where) -> list[tuple[str, str]]:
    """Who of the demonstration signs in with which address. Raises CannotStart elsewhere."""
    settings, run = where.settings, where.run
    if not settings.is_development or settings.host not in LOOPBACK or run is None:
        raise CannotStart(
            "These links are for a Parley that `make run` has started on this machine."
        )
    async with where.store(blueprints()["referral"]) as database:
        links = await seeds.demonstration_links(database)
    return [(name, run.address + path) for name, path in links]


@asynccontextmanager
async def _referral(where: Where) -> AsyncIterator[Session]:
    """One transaction on referral's store. A refusal is told in one sentence."""
    async with where.store(blueprints()["referral"]) as database:
        await erasures.settle(where, database)
        try:
            async with database.transaction() as session:
                yield session
        except Refusal as why:
            raise CannotStart(str(why)) from None


async def _whom(session: Session, digest: bytes, email: str) -> UUID | None:
    """Who signs in with this address, or else the one who works here and is written to there."""
    found = await store.accounts.whom(session, digest)
    if found is not None:
        return found
    ids = {colleague.person_id for colleague in await store.staff.colleagues(session)}
    ids |= {person_id for person_id, _, _ in await store.accounts.everybody(session)}
    emails = await _emails(session, ids)
    wanted = email.strip().casefold()
    return next((one for one, at in emails.items() if at.casefold() == wanted), None)


async def _emails(session: Session, person_ids: Collection[UUID]) -> dict[UUID, str]:
    contacts = await store.people.contacts_of(session, person_ids)
    return {
        person_id: route.address
        for person_id, contact in contacts.items()
        for route in contact.routes
        if route.channel is Channel.EMAIL
    }


async def _areas(session: Session, labels: Collection[str]) -> list[UUID]:
    known = {area.label.casefold(): area.id for area in await store.areas.all_areas(session)}
    unknown = [label for label in labels if label.casefold() not in known]
    if unknown:
        raise CannotStart(f"There is no area called {unknown[0]}: they are on the areas page.")
    return [known[label.casefold()] for label in labels]


async def _link(where: Where, session: Session, person_id: UUID) -> str:
    run = where.run
    address = run.address if run else where.settings.site_url
    return address + await new_link(session, person_id, InvitedTo.SET_UP)


def _key(where: Where) -> bytes:
    """The same key as the service's: it must have the same secret."""
    given = {"secret_file": where.home.secret()} if where.is_embedded else {}
    settings: Settings = where.settings.model_copy(update=given)
    if settings.secret_file is None:
        raise CannotStart("Give the secret that the referral service has: set PARLEY_SECRET_FILE.")
    refuse_without_secret(settings, "referral")
    return sign_in_key(settings)


def _read(kind: Any, text: str, what: str) -> str:  # noqa: ANN401 - an annotated type
    try:
        return str(TypeAdapter(kind).validate_python(text))
    except ValidationError:
        raise CannotStart(f"That is not {what} we can use: check it.") from None
