"""`docs/access.md`: who may do what, towards what, for people."""

from collections.abc import Iterator

from shared.contracts.access import (
    BEHIND_GLASS,
    TABLE,
    TO_BE_CONFIRMED,
    WALLS,
    AccessRole,
    Action,
    Relation,
)

INTRODUCTION = """\
# Who may do what

Written by `make docs` from the table in `shared/contracts/access.py`: change that, not this page.

Somebody who signs in has one role or more; with two they may do what either allows. What a role
may do, it may do towards what somebody **stands in some relation to**: a case of their area, a case
they work on. What is not in the table is not allowed, and what somebody may not see is answered as
if it were not there: the same page, byte for byte, and no trace of it in any list or number.
"""

ROLES = {
    AccessRole.COORDINATOR: "Coordinator",
    AccessRole.FACILITATOR: "Facilitator",
    AccessRole.MANAGER: "Manager",
    AccessRole.FUNDER: "Funder",
    AccessRole.OPS: "Ops",
    AccessRole.PARTNER_OFFICER: "Partner officer",
}

ACTIONS = {
    Action.SEE_CASE: "See a case: who is in it, what has happened",
    Action.SEE_PROCESS: "See where a referral stands, and nothing of what is in it",
    Action.MAKE_REFERRAL: "Refer somebody, for their agency",
    Action.SEE_CONTACT: "See how somebody in it can be reached",
    Action.DECIDE_REFERRAL: "Take a referral on, or decline it",
    Action.CHANGE_CASE: "Bring people in, record what they agree to and how to reach them",
    Action.ALLOCATE: "Say which facilitators work on it",
    Action.RAISE_WALL: "Note that a colleague stands too near to it",
    Action.LOWER_WALL: "Take such a note back",
    Action.SEE_PLAN: "See what is planned",
    Action.CHANGE_PLAN: "Book, move and call off meetings",
    Action.RECORD_OUTCOME: "Record what became of a meeting",
    Action.SEE_MESSAGES: "See what was sent, and what was not",
    Action.REACH_BY_HAND: "Ring or write to somebody in place of the machine",
    Action.SEARCH_PEOPLE: "Search for a person",
    Action.SEE_VENUES: "See the venues",
    Action.CHANGE_VENUES: "Add and retire venues",
    Action.SEE_STAFF: "See who works here",
    Action.CHANGE_STAFF: "Change who works here",
    Action.CHANGE_AREAS: "Change the areas",
    Action.SEE_MEASURES: "See figures as they are now, small numbers and all",
    Action.SEE_RELEASED: "See figures that were released",
    Action.SEE_AUDIT: "See who looked at it",
    Action.BREAK_GLASS: "Look at it in an emergency, for an hour",
    Action.REVIEW_BREAK_GLASS: "Review why somebody did",
    Action.NOTE_RIGHT: "Note what somebody asks about their own data",
    Action.EXPORT_PERSON: "Give somebody all that is kept about them",
    Action.ERASE_PERSON: "Destroy what is kept about somebody",
    Action.HOLD_CASE: "Keep it from being destroyed",
    Action.HANDLE_COMPLAINT: "Handle complaints",
    Action.SEE_HEALTH: "See how the system is, and which events are stuck",
    Action.MEND_SYSTEM: "Act on stuck events, and on keys",
    Action.OWN_ACCOUNT: "Look after their own sign-in",
}

RELATIONS = {
    Relation.AREA: "of their areas",
    Relation.ALLOCATED: "they work on for all its parties",
    Relation.PARTYS_FACILITATOR: "they work on for the party it is about",
    Relation.OWN_REFERRAL: "they referred themselves",
    Relation.BROKEN_GLASS: "they opened in an emergency",
    Relation.NONE: "any other",
}
"""How the columns of a role's table are headed; a wall is a column of none."""

WALL_WORDS = {
    Relation.CONFLICT: "somebody noted that they stand too near to it",
    Relation.OWN_CASE: "they are in it themselves",
}


def access_page() -> str:
    """The whole table. Raises KeyError for a role, an action or a relation without words."""
    blocks = [INTRODUCTION, _walls(), _overview()]
    blocks += [_of_role(role) for role in AccessRole]
    blocks += [_glass(), _confirmed()]
    return "\n".join(blocks)


def _walls() -> str:
    words = "\n".join(f"- {WALL_WORDS[wall]};" for wall in sorted(WALLS))
    return (
        "## Walls\n\nBeneath every role. A case is not there for somebody, whatever else they are "
        f"and do, when\n\n{words}\n\nand nothing opens a wall, not even breaking the glass.\n"
    )


def _overview() -> str:
    """One line for each action, and in how far each role may do it."""
    heads = ("", *(ROLES[role] for role in AccessRole))
    rows = [
        (ACTIONS[action], *(_in_how_far(role, action) for role in AccessRole)) for action in Action
    ]
    return "## At a glance\n\n" + _table(heads, rows)


def _in_how_far(role: AccessRole, action: Action) -> str:
    within = TABLE[role].get(action, frozenset())
    if Relation.NONE in within:
        return "yes"
    parts = {
        "area": Relation.AREA in within,
        "own work": Relation.ALLOCATED in within or Relation.PARTYS_FACILITATOR in within,
        "own referrals": Relation.OWN_REFERRAL in within,
        "emergency": Relation.BROKEN_GLASS in within,
    }
    return ", ".join(words for words, is_so in parts.items() if is_so)


def _of_role(role: AccessRole) -> str:
    """Each action of a role against each relation."""
    heads = ("Towards what is", *RELATIONS.values())
    rows = [
        (ACTIONS[action], *("yes" if one in within else "" for one in RELATIONS))
        for action, within in TABLE[role].items()
    ]
    return f"## {ROLES[role]}\n\n" + _table(heads, rows)


def _glass() -> str:
    words = "\n".join(f"- {ACTIONS[action]}" for action in Action if action in BEHIND_GLASS)
    return (
        "## Behind the glass\n\nWhoever may break the glass and may do these towards some cases "
        f"may do them towards one more for an\nhour, with a reason, and somebody reviews it:\n\n"
        f"{words}\n"
    )


def _confirmed() -> str:
    words = "\n".join(f"- {ACTIONS[action]}" for action in Action if action in TO_BE_CONFIRMED)
    return f"## Only after showing once more who they are\n\n{words}\n"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join([*_lines(heads, rows), ""])


def _lines(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(row)} |"
