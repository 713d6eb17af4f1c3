"""What a service hears and answers, known without any connection: docs and topology read it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from shared.contracts.ask import Answer, Ask
from shared.contracts.fact import Envelope, Fact
from shared.plumbing.database import Session

F = TypeVar("F", bound=Fact)
A = TypeVar("A", bound=Ask)

Handler = Callable[[F, Envelope, Session], Awaitable[None]]
"""Acts on one fact inside the transaction that also remembers it was heard."""

Answerer = Callable[[A, Session], Awaitable[Answer]]
"""Answers one question inside one transaction, committed before the answer leaves."""


def durable_name(reader: str, teller: str) -> str:
    """The one consumer with which `reader` hears all it hears of `teller`."""
    return f"{reader}-{teller}"


class Hearing:
    """The facts a service hears and the asks it answers, each with its one function."""

    def __init__(self) -> None:
        self.facts: dict[type[Fact], Handler[Any]] = {}
        self.asks: dict[type[Ask], Answerer[Any]] = {}

    def hears(self, fact: type[F], handler: Handler[F]) -> None:
        """Let `handler` act on every `fact`, in the order it was told, each exactly once.

        Raises ValueError when the fact has a handler already: two effects of one fact belong in
        one function, so that they are stored together or not at all.
        """
        if fact in self.facts:
            raise ValueError(f"{fact.__name__} has a handler already: {self.facts[fact].__name__}")
        self.facts[fact] = handler

    def answers(self, ask: type[A], answerer: Answerer[A]) -> None:
        """Let `answerer` answer every `ask`. Raises ValueError when somebody does already."""
        if ask in self.asks:
            raise ValueError(f"{ask.__name__} has an answerer already: {self.asks[ask].__name__}")
        self.asks[ask] = answerer

    @property
    def heard(self) -> dict[str, list[type[Fact]]]:
        """The facts heard, by the service that tells them: one durable consumer for each key."""
        by_teller: dict[str, list[type[Fact]]] = {}
        for fact in self.facts:
            by_teller.setdefault(fact.teller(), []).append(fact)
        return by_teller
