"""Who may do what: every line of the table, and that no wall ever gives way."""

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.access import (
    BEHIND_GLASS,
    TABLE,
    TO_BE_CONFIRMED,
    WALLS,
    AccessRole,
    Action,
    Actor,
    Context,
    Decision,
    Relation,
    Resource,
    decide,
    may_ever,
    reach,
)

SOMEBODY = UUID(int=1)
NOTHING_SPECIAL = Context()
SHOWN_AGAIN = Context(confirmed=True)
NO_WALLS = sorted(set(Relation) - WALLS)
GLASS = {Relation.BROKEN_GLASS}

roles_of_somebody = st.frozensets(st.sampled_from(AccessRole))
actions = st.sampled_from(Action)
relations_of_somebody = st.frozensets(st.sampled_from(Relation))
contexts = st.builds(Context, confirmed=st.booleans())


def asked(roles, action, relations, context=SHOWN_AGAIN) -> Decision:
    about = None if relations is None else frozenset(relations)
    return decide(Actor(SOMEBODY, frozenset(roles)), action, Resource(about), context)


def opens(roles, action, relations, context=SHOWN_AGAIN) -> bool:
    return asked(roles, action, relations, context) is not Decision.HIDDEN


@pytest.mark.parametrize("role", AccessRole)
@pytest.mark.parametrize("action", Action)
def test_a_role_allows_what_the_table_says_and_nothing_else(role, action):
    in_the_table = TABLE[role].get(action, frozenset())

    for relation in Relation:
        allowed = relation in in_the_table - WALLS
        assert opens({role}, action, {relation}) is allowed, relation
    assert opens({role}, action, ()) is (Relation.NONE in in_the_table)
    assert opens({role}, action, None) is (action in TABLE[role])


@pytest.mark.parametrize("role", AccessRole)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("wall", sorted(WALLS))
def test_a_wall_hides_everything_from_everybody_even_behind_broken_glass(role, action, wall):
    for relation, broken, confirmed in product(NO_WALLS, (GLASS, set()), (True, False)):
        context = Context(confirmed=confirmed)
        for roles in ({role}, frozenset(AccessRole)):
            assert asked(roles, action, {wall, relation, *broken}, context) is Decision.HIDDEN
            assert asked(roles, action, {wall, *broken}, context) is Decision.HIDDEN


@pytest.mark.parametrize("action", sorted(TO_BE_CONFIRMED))
def test_what_cannot_be_undone_is_asked_once_more_and_only_of_whoever_may(action):
    relation = {Relation.AREA}

    assert asked({AccessRole.MANAGER}, action, relation, NOTHING_SPECIAL) is Decision.CONFIRM
    assert asked({AccessRole.MANAGER}, action, relation, SHOWN_AGAIN) is Decision.ALLOWED
    assert asked({AccessRole.FUNDER}, action, relation, NOTHING_SPECIAL) is Decision.HIDDEN


@pytest.mark.parametrize("action", sorted(set(Action) - TO_BE_CONFIRMED))
def test_everything_else_is_never_asked_twice(action):
    assert asked(AccessRole, action, NO_WALLS, NOTHING_SPECIAL) is not Decision.CONFIRM


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", AccessRole)
def test_broken_glass_lets_those_look_who_look_at_other_cases_and_nobody_change_anything(
    role, action
):
    looks = action in BEHIND_GLASS and {action, Action.BREAK_GLASS} <= set(TABLE[role])
    anywhere = opens({role}, action, {Relation.NONE})

    for confirmed in (True, False):
        assert opens({role}, action, GLASS, Context(confirmed=confirmed)) is (looks or anywhere)


@pytest.mark.parametrize("action", Action)
def test_broken_glass_opens_nothing_to_whoever_looks_at_no_case_anyway(action):
    for role in (AccessRole.FUNDER, AccessRole.OPS, AccessRole.PARTNER_OFFICER):
        assert opens({role}, action, GLASS) is opens({role}, action, {Relation.NONE})


def test_what_broken_glass_opens_is_to_look_at_one_case_in_every_service():
    opened = {one for one in Action if reach(frozenset(AccessRole), one) >= GLASS}
    of_a_case = {one for one in opened if Relation.NONE not in reach(frozenset(AccessRole), one)}

    assert of_a_case == BEHIND_GLASS
    assert all(one.value.startswith("see_") for one in BEHIND_GLASS)


def test_a_facilitator_sees_a_case_only_while_they_work_on_it():
    facilitator = {AccessRole.FACILITATOR}

    assert opens(facilitator, Action.SEE_CASE, {Relation.ALLOCATED})
    assert opens(facilitator, Action.SEE_CASE, {Relation.PARTYS_FACILITATOR})
    assert not opens(facilitator, Action.SEE_CASE, {Relation.AREA})
    assert not opens(facilitator, Action.SEE_CASE, {Relation.NONE})


def test_a_funder_sees_what_was_released_and_no_figure_before_that():
    funder = {AccessRole.FUNDER}
    may = {action for action in Action if may_ever(frozenset(funder), action)}

    assert may == {Action.SEE_RELEASED, Action.OWN_ACCOUNT}


def test_whoever_keeps_the_machine_running_sees_nothing_of_any_case():
    may = {action for action in Action if may_ever(frozenset({AccessRole.OPS}), action)}

    assert may == {Action.SEE_HEALTH, Action.MEND_SYSTEM, Action.OWN_ACCOUNT}


def test_a_partner_sees_how_their_own_referral_goes_and_nothing_in_it():
    partner = {AccessRole.PARTNER_OFFICER}

    assert opens(partner, Action.SEE_PROCESS, {Relation.OWN_REFERRAL})
    assert not opens(partner, Action.SEE_PROCESS, {Relation.AREA})
    assert not opens(partner, Action.SEE_CASE, {Relation.OWN_REFERRAL})


def test_every_action_is_open_to_somebody():
    assert {action for role in TABLE.values() for action in role} == set(Action)


@given(roles_of_somebody, actions, relations_of_somebody, contexts, st.sampled_from(sorted(WALLS)))
def test_another_restriction_never_grants(roles, action, relations, context, wall):
    if opens(roles, action, relations | {wall}, context):
        assert opens(roles, action, relations, context)
    assert not opens(roles, action, relations | {wall}, context)


@given(roles_of_somebody, roles_of_somebody, actions, relations_of_somebody, contexts)
def test_two_roles_together_never_allow_less_than_each_of_them(
    some, others, action, relations, context
):
    either = opens(some, action, relations, context) or opens(others, action, relations, context)

    if either:
        assert opens(some | others, action, relations, context)


@given(roles_of_somebody, actions, relations_of_somebody, contexts)
def test_taking_a_role_or_a_relation_away_never_grants(roles, action, relations, context):
    if opens(roles, action, relations, context):
        return
    for role in roles:
        assert not opens(roles - {role}, action, relations, context)
    for relation in relations - WALLS:
        left = relations - {relation}
        # Who stands in no relation at all stands in that of a stranger, which is one as well.
        if left or Relation.NONE not in reach(roles, action):
            assert not opens(roles, action, left, context)


@given(roles_of_somebody, actions, relations_of_somebody)
def test_what_a_list_is_cut_to_is_what_is_decided_for_one_thing(roles, action, relations):
    standing = relations or {Relation.NONE}
    listed = bool(reach(roles, action) & standing) and not relations & WALLS

    assert opens(roles, action, relations) is listed
