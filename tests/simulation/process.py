"""One service's process: everything it holds in memory, and loses when it dies."""

from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import FastAPI

from deploy.parts import blueprints
from services.notifications.channels import loop
from services.notifications.channels.sender import Sender
from services.referral import main as referral
from shared.plumbing import asking, metrics, outbox, service
from shared.plumbing.blueprint import Service
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database
from shared.plumbing.delivery import Deliverer
from shared.plumbing.health import Health
from shared.plumbing.settings import Settings
from shared.plumbing.world import REAL
from tests.fixtures import keys
from tests.simulation import stores, wire

if TYPE_CHECKING:
    from tests.simulation.house import House

SECRET = b"0123456789abcdef0123456789abcdef"


class Process:
    """One service between a start and its end."""

    def __init__(self, house: "House", name: str) -> None:
        self.house, self.name = house, name
        self.alive = True
        self.has_led = False
        """Whether the sender has taken over what the one before left."""
        blueprint = blueprints()[name]
        settings = settings_for(house.disks[name].url)
        self.database = Database(
            settings.database_url, blueprint.schema, house.world, keys.keyring(name)
        )
        self.bus = Bus(name, self.database, settings.nats_url)
        blueprint.listen(self.bus)
        self.wire = wire.Wire(house, name)
        self.bus._broker = SimpleNamespace(connection=self.wire)  # type: ignore[assignment]
        self.bus.publisher.client = self.wire  # type: ignore[assignment]
        counted = metrics.of(name)
        self.service = Service(
            name, settings, house.world, self.database, self.bus, Health({}), counted
        )
        self.deliverer = Deliverer(name, self.database, self.bus)
        self.relay = outbox.Relay(self.database, self.bus.publisher)
        self.sender: Sender | None = None
        if name == "notifications":
            ask = partial(loop.ask_permit, self.service)
            self.sender = Sender(self.database, ask, house.mail, loop.rules_of(settings))

    async def start(self) -> None:
        self.answering = asking.Answering(self.name, self.database, self.bus.asks)
        await self.answering.start(self.wire)  # type: ignore[arg-type]


def settings_for(url: str) -> Settings:
    return Settings(
        database_url=url,
        secret_file=secret_file(),
        guest_list=("@example.org", "@parley.example"),
        log_level="error",
    )


@cache
def secret_file() -> Path:
    path = stores.folder() / "secret"
    path.write_bytes(SECRET)
    return path


@cache
def referral_app() -> FastAPI:
    """The app as it is served; which process is behind it is set for each request."""
    settings = settings_for(f"sqlite+aiosqlite:///{stores.folder()}/nobody.db")
    # References are kept in the audit; an id made up on the day would be another each time.
    one_reference = replace(REAL, new_id=lambda: UUID(int=1))
    return service.create(referral.BLUEPRINT, settings, one_reference)
