"""Whoever leads links what was recorded, signs it, anchors it, and looks once a day at it all."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import NoReturn

import structlog

from shared.plumbing.audit import anchors
from shared.plumbing.audit.chain import Chain, Rewritten
from shared.plumbing.audit.keys import SigningKey, public_keys
from shared.plumbing.audit.report import TAMPERED, Report
from shared.plumbing.audit.verifying import verify
from shared.plumbing.blueprint import Service
from shared.plumbing.crash import crash_point
from shared.plumbing.health import Ailment, ailment
from shared.plumbing.leader import LeadershipLost, leadership

EVERY = timedelta(seconds=3)
"""How long an entry waits for its link and its signature, about."""

LOOK_EVERY = timedelta(hours=24)
"""How often all of it is verified; first when somebody begins to lead."""

AFTER_TROUBLE = timedelta(minutes=5)

LOOP = "audit"

log = structlog.get_logger()


class Keeper:
    """Keeps one service's audit, in one process of it."""

    def __init__(self, service: Service, key: SigningKey) -> None:
        self._service = service
        self._chain = Chain(service.database, key)
        self._tampered = 0
        """How many signs of tampering the last whole look found."""
        self._rewritten = False

    async def run(self) -> NoReturn:
        """Keep it for ever, whenever this process leads. Ends only by being cancelled."""
        name = self._service.name
        while True:
            try:
                async with leadership(self._service.database, "audit"):
                    log.info("audit_keeper_leads", service=name)
                    self._chain.look_at_all()
                    await self._lead()
            except LeadershipLost:
                log.warning("audit_leadership_lost", service=name)

    async def _lead(self) -> None:
        looking = asyncio.create_task(self._look_daily())
        try:
            while True:
                async with self._service.unit():
                    await self.keep()
                self._service.bus.loops.well(LOOP)
                await self._service.pause(EVERY)
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def keep(self) -> None:
        """Link, sign and anchor once. Raises when the store cannot be reached."""
        await self._chain.link()
        try:
            await self._chain.sign()
        except Rewritten as where:
            # Not signed: what is there now is not what was there when we signed it.
            if not self._rewritten:
                log.error("audit_rewritten", service=self._service.name, entry=str(where))
            self._rewritten = True
            return
        crash_point("audit.after_sign")
        await self._anchor()

    async def _anchor(self) -> None:
        client = self._service.bus.publisher.client
        if client is None or not client.is_connected:
            return  # the broker's trouble, which others tell; what is signed waits
        try:
            await anchors.tell_heads(self._service.database, client)
        except Exception as error:
            log.warning(
                "audit_not_anchored", service=self._service.name, error_type=type(error).__name__
            )

    async def _look_daily(self) -> NoReturn:
        while True:
            try:
                await self.look()
                rest = LOOK_EVERY
            except Exception as error:
                log.warning("audit_not_verified", error_type=type(error).__name__)
                rest = AFTER_TROUBLE
            await asyncio.sleep(rest.total_seconds())
            self._chain.look_at_all()

    async def look(self) -> Report:
        """Verify all of it, but for the anchors, which a service may not read."""
        service = self._service
        publics = public_keys(service.settings.key_folder, service.name)
        report = await verify(service.database, publics)
        self._tampered = report.tampered
        service.metrics.audit_faults.set(report.tampered)
        for finding in report.findings:
            level = log.error if finding.fault in TAMPERED else log.info
            level("audit_fault", service=service.name, fault=finding.fault.value)
        return report

    async def probe(self) -> Sequence[Ailment]:
        """Health asks: has anybody changed what was written?"""
        if self._rewritten:
            return [ailment("audit_broken", "rewritten")]
        return [ailment("audit_broken", str(self._tampered))] if self._tampered else []
