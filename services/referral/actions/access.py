"""What a colleague may do with a referral, its case and its people, at this moment."""

from dataclasses import dataclass
from uuid import UUID

from services.referral import store
from services.referral.store.standings import STANDINGS
from shared.contracts.access import (
    AccessRole,
    Action,
    Actor,
    Context,
    Decision,
    Relation,
    Resource,
    decide,
)
from shared.plumbing.database import Session


@dataclass(frozen=True)
class Permissions:
    """What one colleague may do with one matter."""

    actor: Actor
    relations: frozenset[Relation]
    only_party: UUID | None = None
    """The one party they work with, when it is one."""

    def may(self, action: Action, person_id: UUID | None = None) -> bool:
        """Whether this may be done to the matter, or to one person's part in it."""
        relations = self.relations
        if person_id is not None and person_id != self.only_party:
            relations = relations - {Relation.PARTYS_FACILITATOR}
        context = Context(confirmed=True)  # the gate of the route itself asks for that
        return decide(self.actor, action, Resource(relations), context) is Decision.ALLOWED


async def permissions(session: Session, actor: Actor, referral_id: UUID) -> Permissions:
    """What this colleague may do with the referral and the case it became."""
    relations = await STANDINGS.relations(session, actor, referral_id)
    if Relation.PARTYS_FACILITATOR not in relations:
        return Permissions(actor, relations)
    held = await STANDINGS.holding(session, referral_id)
    theirs = (
        one.party_id
        for one in held
        if one.person_id == actor.id and one.relation is Relation.PARTYS_FACILITATOR
    )
    return Permissions(actor, relations, next(theirs, None))


async def colleague(session: Session, person_id: UUID) -> Actor | None:
    """Whoever works here under this id; None for anybody else."""
    roles = (await store.staff.roles_of(session, [person_id])).get(person_id)
    if not roles:
        return None
    areas = await store.accounts.areas_of(session, person_id)
    return Actor(person_id, frozenset(AccessRole(role.value) for role in roles), areas)
