"""What must be true of every seed once it is healed, read from the stores at both ends."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.invariants import (
    consent,
    converged,
    health,
    intake,
    messages,
    report,
    streams,
)

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Check = Callable[["Simulation"], Iterable[str]]


@dataclass(frozen=True)
class Invariant:
    """One thing that is always true, in a name and a plain sentence."""

    name: str
    sentence: str
    check: Check


@dataclass(frozen=True)
class Violation:
    """One thing that is not as it must be."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


INVARIANTS = (
    Invariant(
        "I1",
        "Each referral that was answered 201 is stored once, and no other is.",
        intake.each_answered_referral_is_stored_once,
    ),
    Invariant(
        "I2",
        "Nobody is written to twice about one thing, and every message ends.",
        messages.each_message_is_sent_at_most_once,
    ),
    Invariant(
        "I2 begun",
        "Whoever must be told of something has a message begun to them.",
        messages.everybody_is_told,
    ),
    Invariant(
        "I3",
        "The report counts what the stores say, by month, source, area and kind.",
        report.the_report_counts_the_truth,
    ),
    Invariant(
        "I4",
        "No meeting is booked, or stays booked, without leave to hold it.",
        consent.no_meeting_without_leave,
    ),
    Invariant(
        "I5",
        "No letter leaves but as the person had agreed to at that moment.",
        consent.no_letter_but_as_agreed,
    ),
    Invariant(
        "I6",
        "What could not be acted on is kept for somebody, and dealt with in the end.",
        health.nothing_stays_parked,
    ),
    Invariant(
        "I7",
        "Stream and outbox hold the same events, in the order of each thing.",
        streams.streams_hold_what_was_told,
    ),
    Invariant(
        "I11",
        "Once everything works again, all services come to know the same.",
        converged.everybody_knows_the_same,
    ),
    Invariant(
        "I12", "Health never says that all is well while it is not.", health.health_tells_the_truth
    ),
)


async def look(sim: "Simulation") -> list[Violation]:
    """Everything that is not as it must be."""
    await health.look_when_healed(sim)
    return [
        Violation(invariant.name, what) for invariant in INVARIANTS for what in invariant.check(sim)
    ]
