"""Keys and nonces are drawn from the seed: then a store is the same to its last byte."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from shared.plumbing.sealing import cipher


@contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """Whatever is sealed in here is sealed as it was the last time, for the same seed."""
    usual = cipher.os
    chance = random.Random(f"keys {seed}")
    cipher.os = SimpleNamespace(urandom=chance.randbytes)  # type: ignore[assignment]
    try:
        yield
    finally:
        cipher.os = usual  # type: ignore[assignment]
