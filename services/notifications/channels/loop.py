"""Keeps the sender going while this process leads: woken by each commit that gave it work."""

import asyncio
from datetime import timedelta
from typing import NoReturn

import structlog

from services.notifications.channels.deciding import Rules
from services.notifications.channels.sender import Sender
from services.notifications.channels.smtp import Courier, MailServer
from services.notifications.domain.addresses import guest_list
from services.notifications.store.waking import CHANNEL, bell
from services.notifications.wording import Letterhead
from shared.contracts.referral import ContactPermit, ContactPermitWanted
from shared.plumbing.asking import NoAnswer
from shared.plumbing.blueprint import Service
from shared.plumbing.leader import LeadershipLost, leadership
from shared.plumbing.outbox import know_own_stream
from shared.plumbing.settings import Settings

log = structlog.get_logger()

SAFETY_POLL = timedelta(seconds=5)
"""How soon something due is noticed when nobody woke the sender."""

PERMIT_PATIENCE = timedelta(seconds=3)


async def send_messages(service: Service) -> None:
    """Send for ever, whenever this process leads."""
    ringing = bell(service.database)
    while True:
        try:
            async with leadership(service.database, "sender", channel=CHANNEL, woken=ringing.set):
                log.info("sender_leads")
                sender = sender_for(service)
                await _lead(service, sender, ringing)
        except LeadershipLost:
            log.warning("sender_leadership_lost")


async def ask_permit(service: Service, question: ContactPermitWanted) -> ContactPermit:
    """May this person be contacted now? Raises NoAnswer, which means no."""
    answer = await service.bus.ask(question, PERMIT_PATIENCE)
    assert isinstance(answer, ContactPermit)  # noqa: S101 - the bus has checked it
    return answer


class Permits:
    """Permits for one lead: none before it is known what our own stream says of our messages.

    A store that was put back from an older copy believes that letters wait which have long been
    sent, or taken back.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._knows = False

    async def ask(self, question: ContactPermitWanted) -> ContactPermit:
        """As `ask_permit`."""
        if not self._knows:
            await self._look()
        return await ask_permit(self._service, question)

    async def _look(self) -> None:
        try:
            await know_own_stream(self._service.database, self._service.bus.publisher)
        except Exception as error:  # whatever it is, nobody may be written to
            log.warning("own_stream_not_known", error_type=type(error).__name__)
            raise NoAnswer("unavailable") from error
        self._knows = True


def sender_for(service: Service) -> Sender:
    """A sender that asks over this service's bus and speaks to its mail server."""
    server = MailServer.at(service.settings.smtp_url.get_secret_value())
    permits = Permits(service)
    return Sender(service.database, permits.ask, Courier(server), rules_of(service.settings))


def rules_of(settings: Settings) -> Rules:
    """Who may be written to, and what letters say of us.

    `*` opens the guest list only where mail cannot leave this machine.
    """
    server = MailServer.at(settings.smtp_url.get_secret_value())
    stays_here = settings.is_development and settings.smtp_stays_here and server.is_here
    return Rules(
        guests=guest_list(settings.guest_list, trial=settings.is_trial, mail_stays_here=stays_here),
        head=Letterhead(
            mail_from=settings.mail_from,
            service_name=settings.service_name,
            phone_number=settings.phone_number,
            site_url=settings.site_url,
        ),
    )


async def _lead(service: Service, sender: Sender, ringing: asyncio.Event) -> NoReturn:
    async with service.unit():
        await sender.take_over()
    while True:
        ringing.clear()
        async with service.unit():
            tried = await sender.send_due()
            if not tried:
                await sender.tidy()
        if not tried:
            await _rest(service, sender, ringing)


async def _rest(service: Service, sender: Sender, ringing: asyncio.Event) -> None:
    """Until something is due or the bell rings."""
    due_at = await sender.next_due_at()
    pause = SAFETY_POLL if due_at is None else min(due_at - service.world.now(), SAFETY_POLL)
    try:
        async with asyncio.timeout(max(pause.total_seconds(), 0)):
            await ringing.wait()
    except TimeoutError:
        return
