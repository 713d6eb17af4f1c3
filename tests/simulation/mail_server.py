"""A mail server at the far end of the sender: it takes letters, or does not, and remembers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

from services.notifications.actions.sending import Delivered, Delivery
from tests.fixtures.clock import FixedWorld
from tests.simulation.faults import Faults, refuse_the_dead


@dataclass
class Attempt:
    """One time somebody handed a letter over."""

    intent_id: UUID
    address: str
    at: datetime
    taken: bool
    said: Delivered
    """What was answered, whether or not the sender lived to hear it."""

    @property
    def may_be_taken(self) -> bool:
        """For all the sender can know."""
        return self.said in (Delivered.ACCEPTED, Delivered.UNKNOWN)


class MailServer:
    """Speaks to a sender as a mail server's outcome reaches it, without the network between."""

    def __init__(
        self, world: FixedWorld, faults: Faults, meanwhile: Callable[[str], Awaitable[None]]
    ) -> None:
        self._world, self._faults, self._meanwhile = world, faults, meanwhile
        self.attempts: list[Attempt] = []
        self.on_handed_in: Callable[[UUID], None] = lambda intent_id: None
        """Called before anything else happens to a letter."""

    async def deliver(
        self, envelope: EmailMessage, _sender: str, address: str, allowed: Callable[[], bool]
    ) -> Delivery:
        """Take one letter, or not; as `Courier` promises."""
        refuse_the_dead()
        intent_id = UUID(str(envelope["Message-ID"]).strip("<>").partition("@")[0])
        self.on_handed_in(intent_id)
        if self._faults.strikes("mail server down"):
            return Delivery(Delivered.BUSY)
        if self._faults.strikes("mail server slow"):
            self._world.advance(timedelta(seconds=45))
        await self._meanwhile("speaking to the mail server")
        if self._faults.strikes("address refused"):
            return Delivery(Delivered.ADDRESS_REFUSED, 550)
        if not allowed():
            return Delivery(Delivered.BUSY)
        delivery, taken = self._outcome()
        self.attempts.append(
            Attempt(intent_id, address, self._world.now(), taken, delivery.outcome)
        )
        await self._meanwhile("the mail server has the letter")
        return delivery

    def _outcome(self) -> tuple[Delivery, bool]:
        if self._faults.strikes("mail server busy"):
            return Delivery(Delivered.BUSY, 451), False
        if self._faults.strikes("letter refused"):
            return Delivery(Delivered.REFUSED, 554), False
        if self._faults.strikes("letter taken but nobody told"):
            return Delivery(Delivered.UNKNOWN), True
        if self._faults.strikes("letter lost and nobody told"):
            return Delivery(Delivered.UNKNOWN), False
        return Delivery(Delivered.ACCEPTED, 250), True
