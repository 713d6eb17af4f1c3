"""May this meeting be held? The gate as a table; nothing opens it but what is recorded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.domain.agreement import AgreementState
from services.referral.domain.grants import Standing, granted, meeting_gate, revoke
from services.referral.domain.triage import CaseState
from shared.contracts.referral import GrantRefusal, MeetingGrantRevoked
from shared.contracts.words import MeetingKind, Role, Side
from tests.referral.builders import (
    CASE,
    FACILITATOR,
    GRANT,
    KIM,
    NOW,
    SAM,
    SESSION,
    STRANGER,
    a_case,
    a_grant,
    a_party,
    a_person,
    a_proposal,
    a_standing,
    an_agreement,
    some_id,
)

TAKEN_BACK = an_agreement(KIM, version=2, state=AgreementState.WITHDRAWN)
NO_CONTACT = a_person(id=KIM, asked_no_contact_at=NOW)
PREPARATION = a_proposal(kind=MeetingKind.PREPARATION, participant_ids=(SAM,))


def test_a_joint_meeting_that_all_agree_to_is_granted_on_the_versions_they_agreed_to():
    standing = a_standing(agreements={SAM: an_agreement(SAM, version=3), KIM: an_agreement(KIM)})

    answer = meeting_gate(a_case(), standing, a_proposal(), GRANT)

    assert answer.given
    assert answer.grant_id == GRANT
    assert [(seen.person_id, seen.version) for seen in answer.agreements] == [(SAM, 3), (KIM, 1)]


@pytest.mark.parametrize(
    ("case", "standing", "proposal", "refusal"),
    [
        (None, a_standing(), a_proposal(), GrantRefusal.CASE_NOT_OPEN),
        (a_case(state=CaseState.CLOSED), a_standing(), a_proposal(), GrantRefusal.CASE_NOT_OPEN),
        (
            a_case(),
            a_standing(),
            a_proposal(participant_ids=(SAM, KIM, STRANGER)),
            GrantRefusal.NOT_A_PARTY,
        ),
        (a_case(), a_standing(), a_proposal(participant_ids=()), GrantRefusal.NOT_A_PARTY),
        (
            a_case(),
            a_standing(agreements={SAM: an_agreement(SAM)}),
            a_proposal(),
            GrantRefusal.AGREEMENT_MISSING,
        ),
        (
            a_case(),
            a_standing(agreements={SAM: an_agreement(SAM), KIM: TAKEN_BACK}),
            a_proposal(),
            GrantRefusal.AGREEMENT_WITHDRAWN,
        ),
        (
            a_case(),
            a_standing(people={SAM: a_person(), KIM: NO_CONTACT}),
            a_proposal(),
            GrantRefusal.AGREEMENT_WITHDRAWN,
        ),
        (a_case(), a_standing(), a_proposal(participant_ids=(SAM,)), GrantRefusal.ONE_SIDE_ONLY),
        (
            a_case(),
            a_standing(parties=(a_party(SAM, Side.HARMED), a_party(KIM, Side.HARMED))),
            a_proposal(),
            GrantRefusal.ONE_SIDE_ONLY,
        ),
        (a_case(), a_standing(staff={}), a_proposal(), GrantRefusal.FACILITATOR_NOT_STAFF),
        (
            a_case(),
            a_standing(staff={FACILITATOR: frozenset({Role.COORDINATOR})}),
            a_proposal(),
            GrantRefusal.FACILITATOR_NOT_STAFF,
        ),
        (
            a_case(),
            a_standing(),
            a_proposal(facilitator_ids=()),
            GrantRefusal.FACILITATOR_NOT_STAFF,
        ),
    ],
)
def test_each_thing_that_is_missing_closes_the_gate(case, standing, proposal, refusal):
    answer = meeting_gate(case, standing, proposal, GRANT)

    assert not answer.given
    assert answer.grant_id is None
    assert refusal in answer.refusals


def test_all_the_reasons_are_given_at_once_and_each_only_once():
    answer = meeting_gate(None, Standing((), {}, {}, {}), a_proposal(), GRANT)

    assert set(answer.refusals) == {
        GrantRefusal.CASE_NOT_OPEN,
        GrantRefusal.NOT_A_PARTY,
        GrantRefusal.AGREEMENT_MISSING,
        GrantRefusal.ONE_SIDE_ONLY,
        GrantRefusal.FACILITATOR_NOT_STAFF,
    }
    assert len(answer.refusals) == len(set(answer.refusals))


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        (Side.HARMED, Side.RESPONSIBLE, True),
        (Side.BOTH, Side.BOTH, True),
        (Side.BOTH, Side.HARMED, True),
        (Side.BOTH, Side.RESPONSIBLE, True),
        (Side.HARMED, Side.HARMED, False),
        (Side.RESPONSIBLE, Side.RESPONSIBLE, False),
    ],
)
def test_a_joint_meeting_has_two_sides_and_between_neighbours_each_may_be_both(one, other, meets):
    standing = a_standing(parties=(a_party(SAM, one), a_party(KIM, other)))

    assert meeting_gate(a_case(), standing, a_proposal(), GRANT).given is meets


def test_one_person_cannot_be_both_sides_alone():
    standing = a_standing(parties=(a_party(SAM, Side.BOTH), a_party(KIM, Side.BOTH)))

    answer = meeting_gate(a_case(), standing, a_proposal(participant_ids=(SAM, SAM)), GRANT)

    assert GrantRefusal.ONE_SIDE_ONLY in answer.refusals


def test_preparing_one_person_needs_no_agreement_to_meet_the_other():
    standing = a_standing(agreements={})

    answer = meeting_gate(a_case(), standing, PREPARATION, GRANT)

    assert answer.given
    assert answer.agreements == ()


def test_nobody_who_asked_not_to_be_contacted_is_prepared():
    standing = a_standing(people={SAM: a_person(asked_no_contact_at=NOW)})

    answer = meeting_gate(a_case(), standing, PREPARATION, GRANT)

    assert answer.refusals == (GrantRefusal.AGREEMENT_WITHDRAWN,)


agreements = st.sampled_from(
    [None, an_agreement(SAM), an_agreement(SAM, state=AgreementState.WITHDRAWN)]
)


@given(agreements, agreements, st.booleans(), st.booleans())
def test_no_joint_meeting_is_ever_granted_without_the_agreement_of_all(sam, kim, quiet, is_open):
    known = {person: said for person, said in ((SAM, sam), (KIM, kim)) if said is not None}
    people = {SAM: a_person(), KIM: a_person(id=KIM, asked_no_contact_at=NOW if quiet else None)}
    case = a_case(state=CaseState.OPEN if is_open else CaseState.CLOSED)

    answer = meeting_gate(case, a_standing(agreements=known, people=people), a_proposal(), GRANT)

    all_agree = all(said is not None and said.in_force for said in (sam, kim))
    assert answer.given is (all_agree and is_open and not quiet)


def test_a_grant_is_kept_with_what_it_rests_on():
    answer = meeting_gate(a_case(), a_standing(), a_proposal(), GRANT)

    grant = granted(CASE, a_proposal(), answer, NOW)

    assert grant.agreements == {SAM: 1, KIM: 1}
    assert grant.live_at(NOW)
    assert not grant.live_at(grant.ends_at)


def test_taking_back_an_agreement_ends_every_live_grant_and_tells_of_each_without_saying_who():
    another = a_grant(id=some_id(91), session_id=some_id(92))

    ended = revoke([a_grant(), another], KIM, frozenset({MeetingKind.JOINT}), NOW)

    assert [grant.ended_at for grant, _ in ended] == [NOW, NOW]
    assert [fact for _, fact in ended] == [
        MeetingGrantRevoked(case_id=CASE, session_id=SESSION, grant_id=GRANT),
        MeetingGrantRevoked(case_id=CASE, session_id=some_id(92), grant_id=some_id(91)),
    ]
    assert str(KIM) not in "".join(fact.model_dump_json() for _, fact in ended)


@pytest.mark.parametrize(
    "grant",
    [
        a_grant(ended_at=NOW - timedelta(hours=1)),
        a_grant(ends_at=NOW),
        a_grant(kind=MeetingKind.PREPARATION),
        a_grant(agreements={SAM: 1}),
    ],
)
def test_what_is_over_or_does_not_concern_them_is_not_revoked(grant):
    assert revoke([grant], KIM, frozenset({MeetingKind.JOINT}), NOW) == []
