"""Who was erased stays erased, whatever becomes of the store.

A store that is put back from an older copy knows of nobody who was erased since. Two places do:
the ledger, a file that no copy of the store holds, and our own stream, in which each erasure was
told and from which nothing is ever removed. The ledger is read before anything is served; the
stream as soon as it has been compared with the outbox, which needs the NATS server.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from services.referral.actions import erasure
from services.referral.actions.erasure import Reapplied
from shared.contracts.referral import PersonErased
from shared.plumbing.database import Database
from shared.plumbing.leader import leadership
from shared.plumbing.ledger import Ledger, NotWrittenDown
from shared.plumbing.outbox import strangers
from shared.plumbing.service import Service
from shared.plumbing.settings import CannotStart
from shared.ui.london import local

EVERY = timedelta(minutes=1)

log = structlog.get_logger()


async def before_serving(service: Service) -> None:
    """Erase again whoever has come back. Raises CannotStart when the ledger cannot be used."""
    await settle(service.database, Ledger(service.settings.ledger_file))


async def settle(database: Database, ledger: Ledger) -> Reapplied:
    """Let store and ledger know of the same people. Raises CannotStart."""
    try:
        async with database.transaction() as session:
            done = await erasure.reapply(session, ledger)
    except NotWrittenDown:
        raise CannotStart(
            f"{ledger.path} cannot be written, and it lacks people who were erased: make it "
            "writable, or set PARLEY_LEDGER to another file."
        ) from None
    except ValueError:
        raise CannotStart(
            f"{ledger.path} was written by a newer version of Parley: install that version."
        ) from None
    if done.again:
        log.warning("erased_again", people=len(done.again))
    return done


async def keep_erased(service: Service) -> None:
    """Look again and again, in one process at a time, for anybody who has come back."""
    ledger = Ledger(service.settings.ledger_file)
    async with leadership(service.database, "erased"):
        while True:
            async with service.unit():
                await look(service.database, ledger)
            await service.pause(EVERY)


async def look(database: Database, ledger: Ledger) -> None:
    """Erase whoever has come back, by the ledger or by what our stream says we told."""
    await settle(database, ledger)
    async with database.transaction() as session:
        told: set[UUID] = await strangers.told_about(session, PersonErased.subject)
        if told:
            on = local(session.now()).date()
            found = await erasure.erase_as_told(session, ledger, told, on)
            await strangers.settle(session, PersonErased.subject, told)
            if found:
                log.warning("erased_again_as_told", people=found)
