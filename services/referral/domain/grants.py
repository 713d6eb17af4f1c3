"""Whether a meeting may be held as proposed. There is no way round these rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.referral.domain.agreement import Agreement
from services.referral.domain.parties import Party
from services.referral.domain.people import Person
from services.referral.domain.triage import Case, CaseState
from shared.contracts.referral import (
    AgreementSeen,
    GrantMoment,
    GrantRefusal,
    MeetingGrant,
    MeetingGrantRevoked,
)
from shared.contracts.words import MeetingKind, Role, Side

CAN_HAVE_BEEN_HARMED = {Side.HARMED, Side.BOTH}
CAN_BE_RESPONSIBLE = {Side.RESPONSIBLE, Side.BOTH}


@dataclass(frozen=True)
class Proposal:
    """The meeting that is asked about, as it concerns this service."""

    session_id: UUID
    kind: MeetingKind
    moment: GrantMoment
    participant_ids: tuple[UUID, ...]
    facilitator_ids: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Standing:
    """What is known, at this moment, of the people the proposal names."""

    parties: tuple[Party, ...]
    people: Mapping[UUID, Person]
    agreements: Mapping[UUID, Agreement]
    """The latest version of each party's agreement; a party who never said anything is missing."""
    staff: Mapping[UUID, frozenset[Role]]


@dataclass(frozen=True)
class Grant:
    """Leave that was given to hold one meeting, and the agreements it rests on."""

    id: UUID
    case_id: UUID
    session_id: UUID
    kind: MeetingKind
    moment: GrantMoment
    granted_at: datetime
    ends_at: datetime
    """When the meeting is over, and the grant with it."""
    agreements: Mapping[UUID, int | None]
    """Each participant, with the version of the agreement it rests on; none to prepare somebody."""
    ended_at: datetime | None = None
    """When it was revoked, or replaced by one that was asked for later."""

    def live_at(self, now: datetime) -> bool:
        """Whether the meeting may be held and spoken of."""
        return self.ended_at is None and now < self.ends_at


def meeting_gate(
    case: Case | None, standing: Standing, proposal: Proposal, grant_id: UUID
) -> MeetingGrant:
    """Grant the meeting, or give every reason why not."""
    refusals = [*_case_and_people(case, standing, proposal)]
    if proposal.kind is MeetingKind.JOINT:
        refusals += _joint_meeting(standing, proposal)
    if refusals:
        return MeetingGrant(refusals=tuple(dict.fromkeys(refusals)))
    if proposal.kind is MeetingKind.PREPARATION:
        return MeetingGrant(grant_id=grant_id)
    seen = tuple(
        AgreementSeen(person_id=person, version=standing.agreements[person].version)
        for person in proposal.participant_ids
    )
    return MeetingGrant(grant_id=grant_id, agreements=seen)


def _case_and_people(
    case: Case | None, standing: Standing, proposal: Proposal
) -> Iterable[GrantRefusal]:
    """What every meeting needs."""
    if case is None or case.state is not CaseState.OPEN:
        yield GrantRefusal.CASE_NOT_OPEN
    parties = {party.person_id for party in standing.parties}
    invited = set(proposal.participant_ids)
    if not invited or not invited <= parties:
        yield GrantRefusal.NOT_A_PARTY
    if any(_is_out_of_reach(standing.people.get(person)) for person in invited):
        yield GrantRefusal.AGREEMENT_WITHDRAWN
    facilitators = proposal.facilitator_ids
    roles = (standing.staff.get(person, frozenset()) for person in facilitators)
    if not facilitators or not all(Role.FACILITATOR in held for held in roles):
        yield GrantRefusal.FACILITATOR_NOT_STAFF


def _joint_meeting(standing: Standing, proposal: Proposal) -> Iterable[GrantRefusal]:
    """What a meeting of the parties needs as well: the agreement of all, and two sides."""
    for person in proposal.participant_ids:
        agreement = standing.agreements.get(person)
        if agreement is None:
            yield GrantRefusal.AGREEMENT_MISSING
        elif not agreement.in_force:
            yield GrantRefusal.AGREEMENT_WITHDRAWN
    invited = set(proposal.participant_ids)
    if not _two_sides([p for p in standing.parties if p.person_id in invited]):
        yield GrantRefusal.ONE_SIDE_ONLY


def _two_sides(invited: list[Party]) -> bool:
    """Somebody harmed meets somebody responsible; between neighbours each may be both."""
    return any(
        one.side in CAN_HAVE_BEEN_HARMED and other.side in CAN_BE_RESPONSIBLE
        for one in invited
        for other in invited
        if one.person_id != other.person_id
    )


def _is_out_of_reach(person: Person | None) -> bool:
    return person is not None and (person.erased or person.asked_no_contact_at is not None)


def granted(case_id: UUID, proposal: Proposal, answer: MeetingGrant, now: datetime) -> Grant:
    """The grant as it is kept, for an answer that gives one."""
    assert answer.grant_id is not None  # noqa: S101 - asked only when `answer.given`
    versions = {seen.person_id: seen.version for seen in answer.agreements}
    return Grant(
        id=answer.grant_id,
        case_id=case_id,
        session_id=proposal.session_id,
        kind=proposal.kind,
        moment=proposal.moment,
        granted_at=now,
        ends_at=proposal.ends_at,
        agreements={person: versions.get(person) for person in proposal.participant_ids},
    )


def revoke(
    grants: Iterable[Grant], person_id: UUID, kinds: frozenset[MeetingKind], now: datetime
) -> list[tuple[Grant, MeetingGrantRevoked]]:
    """End every live grant of these kinds that this person takes part in, and tell of each.

    The fact says which meeting must not go ahead, never because of whom.
    """
    return [
        (
            replace(grant, ended_at=now),
            MeetingGrantRevoked(
                case_id=grant.case_id, session_id=grant.session_id, grant_id=grant.id
            ),
        )
        for grant in grants
        if grant.kind in kinds and person_id in grant.agreements and grant.live_at(now)
    ]
