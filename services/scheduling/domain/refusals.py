"""Every way in which planning says no, in words fit to show to a member of staff."""

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from shared.contracts.refusal import Refusal


class NotKnown(Refusal):
    """The address names something that is not here."""

    status: ClassVar[int] = 404

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what} here.")


class CannotBook(Refusal):
    """The proposal breaks one rule or more; every reason is told at once."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


class NotGranted(CannotBook):
    """The referral service says that this meeting may not be held now."""


class NoGrantAnswer(Refusal):
    """Nobody answered whether the meeting may be held; silence is no."""

    status: ClassVar[int] = 503

    def __init__(self) -> None:
        super().__init__(
            "We could not check whether this meeting may be held, so nothing has been booked. "
            "Please try again in a few minutes."
        )


class TimeTaken(CannotBook):
    """Somebody or somewhere needed for the meeting is already booked at that time."""

    status: ClassVar[int] = 409

    def __init__(self, reasons: Iterable[str], taken: Iterable[UUID] = ()) -> None:
        self.taken = frozenset(taken)
        super().__init__(reasons)


class JointMeetingOpen(Refusal):
    """A case has at most one joint meeting ahead of it."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "This case already has a joint meeting booked. Move that one, or cancel it first, "
            "or record what happened, if it has begun."
        )


class FormAlreadyUsed(Refusal):
    """The same form was sent before, with other answers, and something was booked with it."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "This form has already been used to book a meeting. Nothing more has been booked. "
            "To change that meeting, open it; to book another one, start again from the case."
        )


class AlreadyEnded(Refusal):
    """The meeting came to another end while this page was open."""

    status: ClassVar[int] = 409


class PageIsStale(Refusal):
    """What the page showed has changed since."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "This has changed since you opened the page, so nothing was stored. "
            "Look at how it stands now, then try again."
        )


class NotYet(Refusal):
    """An outcome was given before the meeting began."""

    def __init__(self) -> None:
        super().__init__(
            "This meeting has not started yet. You can record what happened once it has started."
        )


class AlreadyStarted(Refusal):
    """Only a meeting that has not begun can be moved or called off."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "This meeting has already started, so it can no longer be moved or cancelled. "
            "Record whether it was held instead."
        )


class CannotRecord(Refusal):
    """The outcome as given does not fit the meeting."""


class VenueRefused(Refusal):
    """The venue as described cannot be taken into the list."""
