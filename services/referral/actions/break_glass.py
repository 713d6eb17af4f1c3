"""Opening a case in an emergency, closing it again, and what somebody else makes of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.domain import break_glass as glasses
from services.referral.domain.break_glass import AlreadyReviewed, BreakGlass, Review
from services.referral.domain.case_file import NotThere
from services.referral.domain.timeline import Entry, Happening
from services.referral.store.standings import STANDINGS
from shared.contracts.access import (
    WALLS,
    Action,
    Actor,
    Context,
    Decision,
    Relation,
    Resource,
    decide,
    reach,
)
from shared.contracts.glass import GlassFact, opened_glass
from shared.plumbing import audit, outbox
from shared.plumbing.database import Session

SURE = Context(confirmed=True)
"""The gate of the route has asked them to show once more who they are."""


class Came(StrEnum):
    """What came of asking for a case."""

    OPENED = "opened"
    OPEN_ALREADY = "open_already"
    """They see it anyway, or have it open: nothing is written down."""
    NOT_THERE = "not_there"
    """Nobody has such a case, or it is kept from them: they are told the same."""
    TOO_NEAR = "too_near"
    """As before for them, and to be looked into: they tried to open what is kept from them."""


@dataclass(frozen=True)
class Asked:
    """The answer to somebody who asked for a case; the id is there only if they may see it."""

    came: Came
    referral_id: UUID | None = None


async def ask_for(session: Session, actor: Actor, called: str, reason: str) -> Asked:
    """Open the case that is called so, by its reference or an id, to this colleague for an hour."""
    referral_id = await _sought(session, called)
    if referral_id is None:
        await _refused(session, None)
        return Asked(Came.NOT_THERE)
    await case_file.lock(session, referral_id)
    relations = await STANDINGS.relations(session, actor, referral_id)
    if decide(actor, Action.BREAK_GLASS, Resource(relations), SURE) is not Decision.ALLOWED:
        await _refused(session, referral_id)
        return Asked(Came.TOO_NEAR if relations & WALLS else Came.NOT_THERE)
    if relations & (reach(actor.roles, Action.SEE_CONTACT) - {Relation.PARTYS_FACILITATOR}):
        return Asked(Came.OPEN_ALREADY, referral_id)
    await _open(session, actor, referral_id, reason)
    return Asked(Came.OPENED, referral_id)


async def close(session: Session, glass_id: UUID, by: UUID) -> None:
    """Close it before its time. Raises NotThere or AlreadyOver."""
    glass = await _found(session, glass_id)
    await case_file.lock(session, glass.referral_id)
    ended, told = glasses.end(await _found(session, glass_id), by, session.now())
    await store.break_glass.save(session, ended)
    await _tell(session, ended, told)
    await _note(session, ended, Happening.GLASS_CLOSED, by)


async def review(session: Session, glass_id: UUID, said: Review) -> None:
    """Say what to make of it. Raises NotThere, MayNotReview, AlreadyReviewed or SayWhy."""
    reviewed = glasses.review(await _found(session, glass_id), said)
    if not await store.break_glass.save(session, reviewed):
        raise AlreadyReviewed("Somebody has changed this just now. Open it again.")
    entry = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose="break_glass_review",
        fields=("review", "justified" if said.justified else "not_justified"),
        person_id=reviewed.person_id,
        referral_id=reviewed.referral_id,
    )
    await audit.record(session, entry)


async def _sought(session: Session, called: str) -> UUID | None:
    """A referral by its reference, its own id or that of its case."""
    try:
        some_id = UUID(called)
    except ValueError:
        return await store.intake.called(session, called.upper())
    known = await store.intake.find(session, some_id)
    return known.id if known else await store.cases.referral_of(session, some_id)


async def _open(session: Session, actor: Actor, referral_id: UUID, reason: str) -> None:
    glass_id = session.new_id()
    opened, told = glasses.break_glass(glass_id, referral_id, actor.id, reason, session.now())
    await store.break_glass.add(session, opened)
    await _tell(session, opened, told)
    await _note(session, opened, Happening.GLASS_BROKEN, actor.id)


async def _found(session: Session, glass_id: UUID) -> BreakGlass:
    found = await store.break_glass.find(session, glass_id)
    if found is None:
        raise NotThere("There is no such thing.")
    return found


async def _tell(session: Session, glass: BreakGlass, fact: GlassFact) -> None:
    await outbox.record(session, fact, version=glass.version)
    await STANDINGS.glass.note(session, opened_glass(fact, glass.version))


async def _note(session: Session, glass: BreakGlass, happening: Happening, by: UUID) -> None:
    """On the timeline, where everybody who works on the case reads it, and in the audit."""
    entry = Entry(
        session.new_id(),
        glass.referral_id,
        session.now(),
        happening,
        glass.person_id,
        by if by != glass.person_id else None,
    )
    await store.timeline.add(session, entry)
    noted = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose=audit.purpose_of_glass(glass.id),
        fields=(happening.value,),
        person_id=glass.person_id,
        referral_id=glass.referral_id,
    )
    await audit.record(session, noted)


async def _refused(session: Session, referral_id: UUID | None) -> None:
    denied = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=Action.BREAK_GLASS.value,
        outcome=audit.Outcome.DENIED,
        referral_id=referral_id,
    )
    await audit.record(session, denied)
