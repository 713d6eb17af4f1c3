import os
from contextlib import AsyncExitStack

import pytest

from deploy import nats
from deploy.home import Home, Run
from deploy.parts import blueprints
from shared.plumbing import migrations
from shared.plumbing.world import REAL
from tests.deploy.deployment import Deployment


@pytest.fixture
async def deployment(tmp_path, monkeypatch):
    made = Deployment(Home(tmp_path / "var"))
    made.home.make()
    parts = blueprints()
    for name in parts:
        await migrations.upgrade(made.home.store_url(name), name)
    monkeypatch.setenv("PARLEY_VAR", str(made.home.root))
    monkeypatch.setenv("COLUMNS", "250")
    async with AsyncExitStack() as stack:
        serving = nats.nats_server(made.home, parts, REAL)
        made.url, made.trusted = await stack.enter_async_context(serving)
        async with nats.streams(made.url, made.trusted, parts):
            pass
        stack.enter_context(made.home.told(Run(os.getpid(), "", made.url)))
        yield made
