"""Stopped, killed, cut in the middle: nothing taken in is lost, and nothing is sent twice."""

import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from shared.plumbing.crash import EXIT_STATUS
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.system import NewSystem, System
from tests.journeys import steps
from tests.journeys.letters import COORDINATOR, letters_to
from tests.journeys.people import somebody
from tests.journeys.test_referrals import API, example_of, named

pytestmark = pytest.mark.journey

AT_ONCE = 4
BEFORE_THE_CUT = 12
"""Referrals acknowledged before the process is killed; more are on their way by then."""


def test_a_second_start_goes_on_where_the_first_was(new_system: NewSystem):
    system = new_system()
    jo, max_ = somebody("Jo Bright"), somebody("Max Hill")
    case = steps.accept(system.visitor(), steps.refer_oneself(system.visitor(), jo))
    letters_to(system, jo.email, 2)
    half_filled = steps.fill_in_form(system.visitor(), max_).form("Agree and send").fields

    system.stop()
    system.start()

    staff = system.visitor()
    assert staff.open(case.page).links("Plan a meeting") == [case.planning]
    assert jo.name in staff.open(case.planning).main
    sent = staff.send("/referral/refer/send", half_filled)
    reference = steps.reference_on(sent)
    letters_to(system, max_.email, 1)
    letters_to(system, jo.email, 2)
    letters_to(system, COORDINATOR, 2)
    steps.add_other_party(staff, case, somebody("Lea Winter"))
    assert steps.find_case(staff, reference).reference == reference


@dataclass
class Agency:
    """A program that refers people, several at once, until nobody answers any more."""

    system: System
    body: dict
    taken_in: dict[str, dict] = field(default_factory=dict)
    """What was answered, by the address of the person."""
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    """The header each was sent with, by the address of the person."""

    def refer(self, client: httpx.Client, address: str) -> dict:
        answer = client.post(API, json=named(self.body, address), headers=self.sent[address])
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def refer_until_cut(self) -> None:
        with httpx.Client(base_url=self.system.address, timeout=LONG) as client:
            while True:
                address = f"{uuid4().hex}@example.org"
                self.sent[address] = {"Idempotency-Key": str(uuid4())}
                try:
                    self.taken_in[address] = self.refer(client, address)
                except httpx.TransportError:
                    return


def test_killed_in_the_middle_of_its_work_it_loses_nothing_and_sends_nothing_twice(
    new_system: NewSystem,
):
    system = new_system()
    agency = Agency(system, example_of(system.visitor().client))
    with ThreadPoolExecutor(AT_ONCE) as several:
        for _ in range(AT_ONCE):
            several.submit(agency.refer_until_cut)
        eventually(lambda: len(agency.taken_in) >= BEFORE_THE_CUT)
        system.kill()

    system.start()

    client = system.visitor().client
    for address, promised in agency.taken_in.items():
        assert agency.refer(client, address) == promised, "sent again, it is answered the same"
    for address in agency.sent.keys() - agency.taken_in.keys():
        agency.refer(client, address)
    system.rest()
    # A permit nobody answered in time, on a busy machine, is asked for again some seconds later.
    eventually(lambda: all(is_told(system, one) for one in agency.sent), 3 * LONG)
    twice = [to for to, count in Counter(one.to for one in system.letters()).items() if count > 1]
    assert set(twice) <= {COORDINATOR}
    assert len(system.letters(COORDINATOR)) <= len(agency.sent)


def is_told(system: System, address: str) -> bool:
    """They got a letter; or it was cut off, and staff see that nobody knows whether it came."""
    uncertain = system.visitor().open("/notifications/?state=uncertain").main
    return bool(system.letters(address)) or address.partition("@")[0] in uncertain


def test_a_letter_cut_off_while_it_was_sent_is_uncertain_and_never_sent_again_by_itself(
    new_system: NewSystem,
):
    system = new_system(start=False).start(PARLEY_CRASH_AT="sender.after_smtp")
    ann = somebody("Ann Sharpe")
    reference = steps.refer_oneself(system.visitor(), ann)
    system.died(EXIT_STATUS)
    cut_off = system.letters()
    assert cut_off != []

    system.start()

    staff = system.visitor()
    assert steps.find_case(staff, reference).reference == reference
    system.rest()
    uncertain = staff.open("/notifications/?state=uncertain").table("Messages, newest first")
    assert all(
        row["Why"].startswith("Parley stopped while this was being sent.") for row in uncertain
    )
    unsure = {row["To"] for row in uncertain}
    for address, name in ((ann.email, ann.name), (COORDINATOR, "Demo Coordinator")):
        came = len(system.letters(address))
        assert came == 1 or (came == 0 and name in unsure)
    assert len(unsure) >= len(cut_off), "nothing that was cut off is taken for sent"


def test_while_the_nats_server_is_gone_the_form_takes_everything_in_and_all_is_told_later(
    system: System,
):
    public, people = system.visitor(), [somebody("Ed Lane"), somebody("Mia Rossi")]
    forms = [steps.fill_in_form(public, one) for one in people]

    gone = system.kill_nats()
    references = [steps.reference_on(form.press("Agree and send")) for form in forms]

    for reference in references:
        steps.find_case(system.visitor(), reference)
    for one in people:
        letters_to(system, one.email, 1)
    assert system.nats_pid() not in (None, gone)
    eventually(lambda: system.ready() == {})


def test_it_can_be_killed_while_it_starts(new_system: NewSystem):
    system = new_system(start=False)
    system.begin()
    eventually(lambda: system.home.keys.exists())
    system.process.kill()
    system.died(-signal.SIGKILL)

    system.start()

    steps.refer_oneself(system.visitor(), somebody("Una Grey"))
