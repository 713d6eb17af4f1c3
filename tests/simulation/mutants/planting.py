"""How a mistake is planted, and taken out again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """One mistake somebody could make."""

    name: str
    plant: Callable[[], AbstractContextManager[None]]

    def __str__(self) -> str:
        return self.name


@contextmanager
def swapped(*swaps: tuple[Any, str, Any]) -> Iterator[None]:
    """Put these in place of what is there: where, under which name, and what."""
    usual = [(owner, name, getattr(owner, name)) for owner, name, _ in swaps]
    try:
        for owner, name, new in swaps:
            setattr(owner, name, new)
        yield
    finally:
        for owner, name, old in usual:
            setattr(owner, name, old)


def mutant(name: str, *swaps: tuple[Any, str, Any]) -> Mutant:
    """A mistake that is nothing but other code in some places."""
    return Mutant(name, lambda: swapped(*swaps))


async def nothing(*_: object, **__: object) -> None:
    """Does not do what it should."""


def always(*_: object, **__: object) -> bool:
    return True
