"""What each service hears, answers and asks, as the documents tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.parts import blueprints, hearings
from shared.contracts.ask import Ask
from shared.contracts.fact import Fact
from shared.plumbing.hearing import durable_name


@dataclass(frozen=True)
class Party:
    """One service's part in the conversation."""

    name: str
    hears: tuple[type[Fact], ...] = ()
    answers: tuple[type[Ask], ...] = ()
    asks: tuple[type[Ask], ...] = ()

    def durable(self, teller: str) -> str:
        """The name of this service's place in the stream of `teller`."""
        return durable_name(self.name, teller)


def parties() -> tuple[Party, ...]:
    """Every service, in reading order."""
    parts = blueprints()
    return tuple(
        Party(name, tuple(hearing.facts), tuple(hearing.asks), tuple(parts[name].asks))
        for name, hearing in hearings(parts).items()
    )


def hearers(fact: type[Fact], among: Sequence[Party]) -> list[Party]:
    return [party for party in among if fact in party.hears]
