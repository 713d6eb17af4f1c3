"""The kinds of facts there are: any other subject was made up by somebody, and may say anything."""

from shared.contracts.catalogue import FACTS
from shared.contracts.fact import Fact
from shared.plumbing.envelope import NotUnderstood, read_envelope, read_fact
from shared.plumbing.parked import Parked

KINDS: dict[str, type[Fact]] = {kind.subject: kind for kind in FACTS}

UNKNOWN = "[a kind there is not]"


def known(subject: str) -> str:
    """A subject, if it is one of ours."""
    return subject if subject in KINDS else UNKNOWN


def understood(event: Parked) -> Fact | None:
    """The fact a parked event tells; None when its envelope or its body is not as it must be."""
    kind = KINDS.get(event.subject)
    if kind is None:
        return None
    try:
        return read_fact(kind, event.body, read_envelope(event.subject, event.headers))
    except NotUnderstood:
        return None
