"""Answering whether a meeting may be held."""

from services.referral import store
from services.referral.actions import case_file
from services.referral.domain import grants
from services.referral.domain.grants import Proposal, Standing
from shared.contracts.referral import GrantRefusal, MeetingGrant, MeetingGrantWanted
from shared.plumbing import audit
from shared.plumbing.database import Session


async def answer_grant(session: Session, ask: MeetingGrantWanted) -> MeetingGrant:
    """Decide, and keep what was granted.

    It is decided under the lock that a withdrawal takes too: either the withdrawal is seen here,
    or it sees the grant and revokes it.
    """
    referral_id = await store.cases.referral_of(session, ask.case_id)
    if referral_id is None:
        return MeetingGrant(refusals=(GrantRefusal.CASE_NOT_OPEN,))
    await case_file.lock(session, referral_id)
    proposal = Proposal(
        session_id=ask.session_id,
        kind=ask.kind,
        moment=ask.moment,
        participant_ids=tuple(dict.fromkeys(ask.participant_ids)),
        facilitator_ids=ask.facilitator_ids,
        starts_at=ask.starts_at,
        ends_at=ask.ends_at,
    )
    case = await store.cases.find(session, ask.case_id)
    standing = Standing(
        parties=await store.cases.parties_of(session, ask.case_id),
        people=await store.people.known(session, ask.participant_ids),
        agreements=await store.agreements.latest(session, ask.case_id),
        staff=await store.staff.roles_of(session, ask.facilitator_ids),
    )
    answer = grants.meeting_gate(case, standing, proposal, session.new_id())
    if answer.given:
        await store.grants.add(
            session, grants.granted(ask.case_id, proposal, answer, session.now())
        )
        granted = audit.Entry(
            verb=audit.Verb.ALTERATION,
            purpose="meeting_grant",
            fields=("meeting_grant",),
            referral_id=referral_id,
            case_id=ask.case_id,
        )
        await audit.record(session, granted)
    return answer
