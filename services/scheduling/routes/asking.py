"""The question that comes before every booking: may this meeting be held?"""

from services.scheduling.domain import booking
from services.scheduling.domain.booking import Proposal
from services.scheduling.domain.refusals import NoGrantAnswer, NotGranted
from shared.contracts.referral import MeetingGrant
from shared.plumbing.asking import NoAnswer
from shared.plumbing.service import Service


async def ask_for_grant(service: Service, proposal: Proposal) -> MeetingGrant:
    """Ask referral, with no transaction open, and return the grant only if it was given.

    Raises NotGranted with the reasons, or NoGrantAnswer: silence is no.
    """
    try:
        answer = await service.bus.ask(booking.grant_wanted(proposal))
    except NoAnswer:
        raise NoGrantAnswer from None
    assert isinstance(answer, MeetingGrant)  # noqa: S101 - the bus has checked it
    if not answer.given:
        raise NotGranted(booking.grant_words(answer))
    return answer
