"""What was counted stays counted to the number, whatever is destroyed elsewhere afterwards."""

from services.reporting import handlers
from shared.contracts.lifecycle import CaseClosed, HoldLifted, HoldPlaced, RecordsDestroyed
from shared.contracts.referral import PersonErased
from shared.plumbing.hearing import Hearing


def test_reporting_counts_on_when_people_and_cases_are_destroyed():
    heard = Hearing()
    handlers.listen(heard)

    gone = {CaseClosed, HoldPlaced, HoldLifted, RecordsDestroyed, PersonErased}
    assert gone.isdisjoint(heard.facts)
