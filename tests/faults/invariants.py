"""What has to be true after every fault, each as a sentence and as a function.

Each function gives what breaks its sentence, in words, and nothing when all is well. They know
nothing of how a fault was made, and are seen to fail in `test_invariants.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from uuid import UUID

from shared.contracts.catalogue import SERVICES
from tests.faults.found import Found
from tests.faults.load import Load

Invariant = Callable[[Load, Found], list[str]]

RECEIVED = "referral.referral_received.v1"
DECLINED = "referral.referral_declined.v1"
SAYS_PARKED = frozenset({"events_parked", "stream_unknown"})

PER_REFERRAL = 2
"""Messages that a new referral starts: one to the person, one to the one coordinator there is."""


def every_promise_is_one_referral(load: Load, found: Found) -> list[str]:
    """Every key that was answered is exactly one referral, and there is no other."""
    lost, doubled = lost_and_doubled(load.promised.values(), list(found.referrals))
    return [
        *load.complaints,
        *(f"referral {one} was promised and is not there" for one in lost),
        *(f"referral {one} was never promised" for one in doubled),
    ]


def every_decision_stands(load: Load, found: Found) -> list[str]:
    """What the coordinator saw decided is decided so."""
    return [
        f"referral {one} was {wanted} and is {found.referrals.get(one)}"
        for one, wanted in load.decided.items()
        if found.referrals.get(one) != wanted
    ]


def every_fact_is_in_its_stream_once(_load: Load, found: Found) -> list[str]:
    """Every fact of every service is in its stream once, and nothing else is."""
    broken = []
    for service in SERVICES:
        told = [one.event for one in found.outboxes.get(service, [])]
        lost, doubled = lost_and_doubled(told, found.streams.get(service, []))
        broken += [f"fact {one} of {service} is not in its stream" for one in lost]
        broken += [f"fact {one} is in the stream of {service} once too often" for one in doubled]
    return broken


def every_referral_was_told_of(_load: Load, found: Found) -> list[str]:
    """Every referral's facts are there: received, then decided, with no version left out."""
    versions: dict[UUID, list[int]] = {}
    received: Counter[UUID] = Counter()
    for one in found.outboxes.get("referral", []):
        versions.setdefault(one.about, []).append(one.version)
        received[one.about] += one.subject == RECEIVED
    broken = [
        f"facts about {one} have the versions {sorted(told)}"
        for one, told in versions.items()
        if sorted(told) != list(range(1, len(told) + 1))
    ]
    for referral, status in found.referrals.items():
        facts = 1 if status == "waiting" else 2
        if received[referral] != 1 or len(versions.get(referral, [])) != facts:
            broken.append(f"{status} referral {referral} was not told of as it should")
    return broken


def every_message_is_meant_once(_load: Load, found: Found) -> list[str]:
    """There is one intent for each event, person and purpose, and each referral has its own.

    Of a referral that arrived at the reader declined nobody is promised that it is looked at.
    """
    meant = Counter((one.event, one.person, one.purpose) for one in found.intents)
    broken = [f"{count} intents for {what}" for what, count in meant.items() if count > 1]
    received = {
        one.event: one.about
        for one in found.outboxes.get("referral", [])
        if one.subject == RECEIVED
    }
    started = Counter(one.event for one in found.intents)
    may_start_none = declined_first(found)
    broken += [
        f"referral {about} started {started[event]} messages"
        for event, about in received.items()
        if started[event] != PER_REFERRAL and (started[event] or about not in may_start_none)
    ]
    return broken


def declined_first(found: Found) -> set[UUID]:
    """The referrals whose stream, told again after a loss, holds the decline first."""
    places = {event: place for place, event in enumerate(found.streams.get("referral", []))}
    about: dict[str, dict[UUID, int]] = {RECEIVED: {}, DECLINED: {}}
    for one in found.outboxes.get("referral", []):
        if one.subject in about and one.event in places:
            about[one.subject][one.about] = places[one.event]
    received = about[RECEIVED]
    return {one for one, place in about[DECLINED].items() if place < received.get(one, place)}


def every_letter_was_taken_once(_load: Load, found: Found) -> list[str]:
    """At most one letter for each intent was taken, exactly one where it says so."""
    broken = []
    for one in found.intents:
        taken = found.letters.get(one.id, 0)
        wanted = {"sent": {1}, "uncertain": {0, 1}}.get(one.state, {0})
        if taken not in wanted:
            broken.append(f"{one.state} message {one.id} was taken {taken} times")
        if one.state in {"sending", "waiting"}:
            broken.append(f"message {one.id} is {one.state} and nothing happens")
    strange = found.letters.keys() - {one.id for one in found.intents}
    return broken + [f"a letter was sent that nobody meant: {one}" for one in strange]


def what_is_uncertain_is_shown(_load: Load, found: Found) -> list[str]:
    """Every message cut off while it was handed over is on the page that lists them."""
    uncertain = {one.id for one in found.in_state("uncertain")}
    return [f"nobody sees message {one}" for one in uncertain ^ found.listed_as_uncertain]


def the_figures_are_right(_load: Load, found: Found) -> list[str]:
    """Reporting counts every referral as it stands, and planning has each accepted one once."""
    differing = [
        f"referral {one} is {found.referrals.get(one)} and counted as {found.counted.get(one)}"
        for one in found.referrals.keys() | found.counted.keys()
        if found.referrals.get(one) != found.counted.get(one)
    ]
    accepted = [one for one, status in found.referrals.items() if status == "accepted"]
    lost, doubled = lost_and_doubled(accepted, found.planned)
    return [
        *differing,
        *(f"accepted referral {one} is not planned" for one in lost),
        *(f"referral {one} is planned once too often" for one in doubled),
    ]


def health_tells_the_truth(_load: Load, found: Found) -> list[str]:
    """Nothing is parked without health saying so, and what is whole again is green again."""
    broken = []
    for service in SERVICES:
        codes, parked = found.ailments.get(service, []), found.parked.get(service, 0)
        if bool(parked) != bool(SAYS_PARKED.intersection(codes)):
            broken.append(f"{service} has {parked} events parked and says {codes}")
        if codes and not parked:
            broken.append(f"{service} still says {codes}")
    return broken


def nothing_is_parked(_load: Load, found: Found) -> list[str]:
    """A fault from outside is waited out: it parks nothing."""
    return [f"{count} events parked in {name}" for name, count in found.parked.items() if count]


ALL: tuple[Invariant, ...] = (
    every_promise_is_one_referral,
    every_decision_stands,
    every_fact_is_in_its_stream_once,
    every_referral_was_told_of,
    every_message_is_meant_once,
    every_letter_was_taken_once,
    what_is_uncertain_is_shown,
    the_figures_are_right,
    health_tells_the_truth,
    nothing_is_parked,
)


def broken(load: Load, found: Found, invariants: Iterable[Invariant] = ALL) -> list[str]:
    """Everything that is not as it has to be, each under the sentence it breaks."""
    return [
        f"{invariant.__doc__} {what}."
        for invariant in invariants
        for what in invariant(load, found)
    ]


def lost_and_doubled(
    wanted: Iterable[object], there: Iterable[object]
) -> tuple[list[object], list[object]]:
    """What should be there and is not; and what is there too often, once for each time."""
    should, is_ = Counter(wanted), Counter(there)
    should = Counter(should.keys())  # promised twice is promised
    return sorted((should - is_).elements(), key=str), sorted((is_ - should).elements(), key=str)
