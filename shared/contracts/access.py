"""Who may do what: one table, and one pure decision over it.

    decide(Actor(id, roles), Action.SEE_CASE, Resource(relations={Relation.ALLOCATED}))

A role allows an action towards what somebody stands in some relation to. Two relations are walls:
they lie beneath every role, and nothing, not even breaking the glass, opens them. What somebody
may not do to a thing is answered as if the thing were not there.

`docs/access.md` is this table, printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class AccessRole(StrEnum):
    """What somebody who signs in is here for. The first three are told to others as facts."""

    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    MANAGER = "manager"
    FUNDER = "funder"
    OPS = "ops"
    PARTNER_OFFICER = "partner_officer"


class Action(StrEnum):
    """What can be done. Every route of every service declares one of these, or is open to all."""

    SEE_CASE = "see_case"
    """That a matter is there, what it is called, who is in it and what has happened."""
    SEE_PROCESS = "see_process"
    """Where a referral one has made stands, and nothing of what is in it."""
    MAKE_REFERRAL = "make_referral"
    """Refer somebody, with their permission, in the name of one's agency."""
    SEE_CONTACT = "see_contact"
    """How a person of a case can be reached."""
    DECIDE_REFERRAL = "decide_referral"
    CHANGE_CASE = "change_case"
    """Bring people in, record what they agree to and how they can be reached."""
    ALLOCATE = "allocate"
    """Say which facilitators work on a case."""
    RAISE_WALL = "raise_wall"
    """Note that a colleague stands too near to a matter to know of it."""
    LOWER_WALL = "lower_wall"
    SEE_PLAN = "see_plan"
    CHANGE_PLAN = "change_plan"
    """Book, move and call off meetings."""
    RECORD_OUTCOME = "record_outcome"
    SEE_MESSAGES = "see_messages"
    REACH_BY_HAND = "reach_by_hand"
    """Ring or write to somebody in place of the machine."""
    SEARCH_PEOPLE = "search_people"
    SEE_VENUES = "see_venues"
    CHANGE_VENUES = "change_venues"
    SEE_STAFF = "see_staff"
    CHANGE_STAFF = "change_staff"
    CHANGE_AREAS = "change_areas"
    SEE_MEASURES = "see_measures"
    """Figures as they are now, small numbers and all."""
    SEE_RELEASED = "see_released"
    """Figures that have been released."""
    SEE_AUDIT = "see_audit"
    BREAK_GLASS = "break_glass"
    REVIEW_BREAK_GLASS = "review_break_glass"
    NOTE_RIGHT = "note_right"
    """Note what somebody asks about their own data, and by when it is due."""
    EXPORT_PERSON = "export_person"
    ERASE_PERSON = "erase_person"
    HOLD_CASE = "hold_case"
    """Keep a case from being destroyed while the law may ask for it."""
    HANDLE_COMPLAINT = "handle_complaint"
    SEE_HEALTH = "see_health"
    MEND_SYSTEM = "mend_system"
    """Act on events that are stuck, and on keys; never on what is in them."""
    OWN_ACCOUNT = "own_account"
    """One's own sign-in: sessions, codes, signing out."""


class Relation(StrEnum):
    """How somebody stands to one thing."""

    AREA = "area"
    """It belongs to an area they work in."""
    ALLOCATED = "allocated"
    """They facilitate it now, for all its parties."""
    PARTYS_FACILITATOR = "partys_facilitator"
    """They facilitate it now, for the party it is about."""
    OWN_REFERRAL = "own_referral"
    """They made the referral for their agency."""
    BROKEN_GLASS = "broken_glass"
    """They opened it in an emergency with a reason, and the hour has not run out."""
    CONFLICT = "conflict"
    """A wall: somebody has noted that they stand too near to it."""
    OWN_CASE = "own_case"
    """A wall: they are in it themselves."""
    NONE = "none"


@dataclass(frozen=True)
class Standing:
    """One way in which somebody stands to one matter."""

    matter_id: UUID
    person_id: UUID
    relation: Relation
    version: int
    """Of two that contradict each other the one with the higher version is so."""
    holds: bool = True
    party_id: UUID | None = None
    """For a party's facilitator: whose."""


WALLS = frozenset({Relation.CONFLICT, Relation.OWN_CASE})


class Decision(StrEnum):
    """What comes of it."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    """Answered as if it were not there."""
    CONFIRM = "confirm"
    """Allowed once they have shown again that it is they."""


@dataclass(frozen=True)
class Actor:
    """Who asks."""

    id: UUID
    roles: frozenset[AccessRole]
    areas: frozenset[UUID] = frozenset()
    """The areas they work in; none means all of them."""


@dataclass(frozen=True)
class Resource:
    """What it is about: all the relations the actor stands in to it.

    None at all for what belongs to nobody's case: a list, the venues, the figures.
    """

    relations: frozenset[Relation] | None = None


@dataclass(frozen=True)
class Context:
    """What else counts at this moment."""

    confirmed: bool = False
    """They have shown within the last minutes that it is they."""


_ANYWHERE = frozenset(Relation) - WALLS
_AREA = frozenset({Relation.AREA})
_ON_IT = frozenset({Relation.ALLOCATED, Relation.PARTYS_FACILITATOR})
_OWN = frozenset({Relation.OWN_REFERRAL})

Table = Mapping[AccessRole, Mapping[Action, frozenset[Relation]]]

_COORDINATOR = {
    Action.SEE_CASE: _AREA,
    Action.SEE_CONTACT: _AREA,
    Action.DECIDE_REFERRAL: _AREA,
    Action.CHANGE_CASE: _AREA,
    Action.ALLOCATE: _AREA,
    Action.RAISE_WALL: _AREA,
    Action.SEE_PLAN: _AREA,
    Action.CHANGE_PLAN: _AREA,
    Action.RECORD_OUTCOME: _AREA,
    Action.SEE_MESSAGES: _AREA,
    Action.REACH_BY_HAND: _AREA,
    Action.SEARCH_PEOPLE: _ANYWHERE,
    Action.SEE_VENUES: _ANYWHERE,
    Action.CHANGE_VENUES: _ANYWHERE,
    Action.SEE_STAFF: _ANYWHERE,
    Action.SEE_MEASURES: _ANYWHERE,
    Action.SEE_RELEASED: _ANYWHERE,
    Action.BREAK_GLASS: _ANYWHERE,
    Action.NOTE_RIGHT: _AREA,
    Action.HANDLE_COMPLAINT: _ANYWHERE,
    Action.OWN_ACCOUNT: _ANYWHERE,
}

_FACILITATOR = {
    Action.SEE_CASE: _ON_IT,
    Action.SEE_CONTACT: _ON_IT,
    Action.CHANGE_CASE: _ON_IT,
    Action.SEE_PLAN: _ON_IT,
    Action.CHANGE_PLAN: _ON_IT,
    Action.RECORD_OUTCOME: _ON_IT,
    Action.SEE_MESSAGES: _ON_IT,
    Action.REACH_BY_HAND: _ON_IT,
    Action.RAISE_WALL: _ON_IT,
    Action.SEE_VENUES: _ANYWHERE,
    Action.BREAK_GLASS: _ANYWHERE,
    Action.OWN_ACCOUNT: _ANYWHERE,
}

_MANAGER = {
    **_COORDINATOR,
    Action.LOWER_WALL: _AREA,
    Action.CHANGE_STAFF: _ANYWHERE,
    Action.CHANGE_AREAS: _ANYWHERE,
    Action.SEE_AUDIT: _AREA,
    Action.REVIEW_BREAK_GLASS: _ANYWHERE,
    Action.EXPORT_PERSON: _AREA,
    Action.ERASE_PERSON: _AREA,
    Action.HOLD_CASE: _AREA,
}

BEHIND_GLASS = frozenset(
    {Action.SEE_CASE, Action.SEE_CONTACT, Action.SEE_PLAN, Action.SEE_MESSAGES}
)
"""What breaking the glass opens for an hour: to look, never to change."""


def _and_behind_glass(
    row: Mapping[Action, frozenset[Relation]],
) -> Mapping[Action, frozenset[Relation]]:
    """Whoever may look at some cases may look at one more that they opened in an emergency."""
    opened = frozenset({Relation.BROKEN_GLASS})
    return MappingProxyType(
        {
            action: within | opened if action in BEHIND_GLASS else within
            for action, within in row.items()
        }
    )


TABLE: Table = MappingProxyType(
    {
        AccessRole.COORDINATOR: _and_behind_glass(_COORDINATOR),
        AccessRole.FACILITATOR: _and_behind_glass(_FACILITATOR),
        AccessRole.MANAGER: _and_behind_glass(_MANAGER),
        AccessRole.FUNDER: MappingProxyType(
            {Action.SEE_RELEASED: _ANYWHERE, Action.OWN_ACCOUNT: _ANYWHERE}
        ),
        AccessRole.OPS: MappingProxyType(
            {
                Action.SEE_HEALTH: _ANYWHERE,
                Action.MEND_SYSTEM: _ANYWHERE,
                Action.OWN_ACCOUNT: _ANYWHERE,
            }
        ),
        AccessRole.PARTNER_OFFICER: MappingProxyType(
            {
                Action.SEE_PROCESS: _OWN,
                Action.MAKE_REFERRAL: _ANYWHERE,
                Action.OWN_ACCOUNT: _ANYWHERE,
            }
        ),
    }
)
"""What each role allows, and towards what. What is not here is not allowed."""

TO_BE_CONFIRMED = frozenset({Action.BREAK_GLASS, Action.EXPORT_PERSON, Action.ERASE_PERSON})
"""What is allowed only to somebody who has just shown again that it is they."""


def decide(actor: Actor, action: Action, resource: Resource, context: Context) -> Decision:
    """Whether this may be done, now. Pure: the same question has the same answer."""
    relations = resource.relations
    if relations is not None and relations & WALLS:
        return Decision.HIDDEN
    if not _by_role(actor, action, relations):
        return Decision.HIDDEN
    if action in TO_BE_CONFIRMED and not context.confirmed:
        return Decision.CONFIRM
    return Decision.ALLOWED


def may_ever(roles: frozenset[AccessRole], action: Action) -> bool:
    """Whether there is anything towards which one of these roles allows the action."""
    return any(action in TABLE[role] for role in roles)


def reach(roles: frozenset[AccessRole], action: Action) -> frozenset[Relation]:
    """The relations of which one is enough: what a list of such things is to be cut to."""
    return frozenset[Relation]().union(*(TABLE[role].get(action, ()) for role in roles))


def _by_role(actor: Actor, action: Action, relations: frozenset[Relation] | None) -> bool:
    if relations is None:
        return may_ever(actor.roles, action)
    return bool(reach(actor.roles, action) & (relations or {Relation.NONE}))
