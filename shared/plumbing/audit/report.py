"""What a look at one service's audit came to, in sentences a person can act on."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST_SHOWN = 100


class Fault(StrEnum):
    """What was found. All but the last two mean that somebody changed something."""

    EDITED = "edited"
    DELETED = "deleted"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    FORGED = "forged"
    UNPROVEN = "unproven"
    """It could not be found out."""
    WAITING = "waiting"
    """Not linked or not signed yet: only the latest may be so, while the service runs."""


TAMPERED = frozenset({Fault.EDITED, Fault.DELETED, Fault.TRUNCATED, Fault.REWRITTEN, Fault.FORGED})


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be."""

    fault: Fault
    sentence: str


@dataclass
class Report:
    """One service's audit, looked at from the first entry to the last."""

    service: str
    entries: int = 0
    heads: int = 0
    anchors: int | None = None
    """None where the anchors were not compared."""
    faults: dict[Fault, int] = field(default_factory=dict)
    """How many of each there are."""
    findings: list[Finding] = field(default_factory=list)
    """The first of them."""

    def add(self, fault: Fault, sentence: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1
        if len(self.findings) < MOST_SHOWN:
            self.findings.append(Finding(fault, sentence))

    @property
    def tampered(self) -> int:
        """How many signs there are that somebody changed something."""
        return sum(count for fault, count in self.faults.items() if fault in TAMPERED)

    @property
    def is_unproven(self) -> bool:
        return Fault.UNPROVEN in self.faults
