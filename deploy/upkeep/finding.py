"""One line of the doctor's: something is well, or what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What was looked at, in a sentence; one that is not well also says what to do."""

    said: str
    is_well: bool


def well(said: str) -> Finding:
    return Finding(said, is_well=True)


def look(said: str) -> Finding:
    return Finding(said, is_well=False)
