"""Messages and their histories as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.notifications.domain.message import Message, State
from services.notifications.routes import words
from services.notifications.routes.names import Names
from services.notifications.store.history import Entry


@dataclass(frozen=True)
class Shown:
    """A message in words."""

    message: Message
    what: str
    who: str
    state: str
    colour: str
    reason: str
    how: str
    """For a task: what somebody has to do."""


def show(message: Message, names: Names) -> Shown:
    """The message in words, for one member of staff."""
    state, colour = words.STATES[message.state]
    if message.outcome is not None:
        a_call = message.state is State.NEEDS_A_CALL
        state, colour = "Call closed" if a_call else "Told another way", "grey"
    return Shown(
        message=message,
        what=words.PURPOSES[message.purpose],
        who=names.of(message.person_id),
        state=state,
        colour=colour,
        reason=words.reason(message),
        how=words.CHANNELS[message.channel] if message.channel else "",
    )


@dataclass(frozen=True)
class Line:
    """One line of a history, as the `history` macro takes it."""

    at: datetime
    text: str


def show_entries(entries: Iterable[Entry], names: Names) -> list[Line]:
    """What became of a message, newest first."""
    return [Line(entry.at, _line(entry, names)) for entry in reversed(list(entries))]


def _line(entry: Entry, names: Names) -> str:
    text = words.HAPPENED[entry.happened]
    if entry.code is not None:
        text += f" It said {entry.code}."
    if entry.staff_id is not None:
        text += f" ({names.of(entry.staff_id)})"
    return text


def dialled(address: str) -> str:
    """A British number the way it is dialled here; any other address as it is."""
    return f"0{address[3:]}" if address.startswith("+44") else address
