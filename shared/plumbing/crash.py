"""Named places where a test can make the process die: nothing happens there in real life.

`PARLEY_CRASH_AT=relay.after_puback` ends the process, without any clean-up, the first time that
place is reached. A simulation that lives in one process sets `crash.hook` instead and raises.
"""

import os
from collections.abc import Callable

CRASH_POINTS = frozenset(
    {
        "relay.before_publish",
        "relay.after_puback",
        "relay.after_mark",
        "handler.before_commit",
        "handler.after_commit",
        "handler.after_ack",
        "second_chance.before_commit",
        "sender.before_smtp",
        "sender.after_smtp",
        "request.after_commit",
        "audit.after_link",
        "audit.after_sign",
        "ledger.after_append",
        "rewrap.after_read",
        "rewrap.before_commit",
        "rewrap.after_commit",
        "retention.after_mark",
        "retention.before_commit",
        "retention.after_destroy",
    }
)
"""Every place there is; a guard test proves that each is really in the code."""

EXIT_STATUS = 86
"""What the process ends with when it was made to die here."""

hook: Callable[[str], None] | None = None
"""Called at every point with its name, when set. May raise."""

_AT = os.environ.get("PARLEY_CRASH_AT", "")


def crash_point(name: str) -> None:
    """Die here, if this is the place that was asked for."""
    if hook is not None:
        hook(name)
    if _AT and name == _AT:
        os._exit(EXIT_STATUS)
