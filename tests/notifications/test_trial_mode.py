"""Outside production only guests are ever written to."""

import pytest

from services.notifications.channels.deciding import Rules
from services.notifications.domain.addresses import guest_list
from services.notifications.domain.message import State
from shared.contracts.words import Purpose, SuppressReason
from tests.notifications.builders import (
    HEAD,
    SAM,
    granted,
    referral_received,
)
from tests.notifications.office import Office, PromptCourier

RECEIVED = Purpose.REFERRAL_RECEIVED


async def trial(office: Office, guests: tuple[str, ...], *, stays_here: bool = False) -> None:
    rules = guest_list(guests, trial=True, mail_stays_here=stays_here)
    office.sender._rules = Rules(rules, HEAD)


@pytest.mark.parametrize(
    ("guests", "stays_here", "sent"),
    [
        ((), False, False),
        (("sam@example.org",), False, True),
        (("SAM@Example.ORG ",), False, True),
        (("@example.org",), False, True),
        (("@ample.org",), False, False),
        (("am@example.org",), False, False),
        (("example.org",), False, False),
        (("*",), False, False),
        (("*",), True, True),
        (("@",), True, False),
    ],
)
async def test_on_trial_only_guests_are_ever_written_to(
    office: Office, courier: PromptCourier, guests: tuple[str, ...], stays_here: bool, sent: bool
) -> None:
    await trial(office, guests, stays_here=stays_here)
    office.referral.will_say(SAM, granted("sam@example.org"))
    await office.hear(referral_received())

    await office.send_all()

    message = await office.message(RECEIVED)
    if sent:
        assert message.state is State.SENT
    else:
        assert (message.state, message.reason) == (
            State.SUPPRESSED,
            SuppressReason.NOT_ON_GUEST_LIST,
        )
    assert len(courier.handed) == sent
