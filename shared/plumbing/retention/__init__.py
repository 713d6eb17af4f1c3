"""Destroying what has been kept long enough: marked first, destroyed 30 days later, never held.

A service says in its blueprint what it keeps (`Keeping`) and how to find what is over. Whoever
leads looks once a night; `parley retention` does the same by hand.
"""

from shared.plumbing.retention.keeping import Keeping, Sweeping, everywhere
from shared.plumbing.retention.nights import ClockNotBelieved, confirm_clock, is_clock_doubted
from shared.plumbing.retention.work import Planned, Work

__all__ = [
    "ClockNotBelieved",
    "Keeping",
    "Planned",
    "Sweeping",
    "Work",
    "confirm_clock",
    "everywhere",
    "is_clock_doubted",
]
