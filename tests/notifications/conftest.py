"""An office on each kind of store."""

import pytest

from services.notifications.channels.smtp import Courier, MailServer
from services.notifications.store import SCHEMA
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.mail import MailSink
from tests.notifications.desk import desk, new_app
from tests.notifications.house import house, open_house
from tests.notifications.office import Office, PromptCourier
from tests.notifications.test_smtp import QUICK

__all__ = ["desk", "house", "new_app", "open_house"]


@pytest.fixture
def courier(world: FixedWorld) -> PromptCourier:
    return PromptCourier(world)


@pytest.fixture
async def office(any_store: Store, world: FixedWorld, courier: PromptCourier) -> Office:
    """Its courier needs no network."""
    return Office(await any_store(SCHEMA, world=world), world, courier)


@pytest.fixture
async def post_office(any_store: Store, world: FixedWorld, mail_sink: MailSink) -> Office:
    """It speaks real SMTP."""
    courier = Courier(MailServer.at(mail_sink.url), QUICK)
    return Office(await any_store(SCHEMA, world=world), world, courier)
