"""Where the stores and the NATS server are that a command is about.

Without PARLEY_DATABASE_URL that is the embedded run in PARLEY_VAR. With it, `{service}` in it
stands for each service's name, and PARLEY_NATS_CREDS is the deploy user's file: the files of the
other users lie beside it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from deploy.home import Home, Run
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.connection import SERVER_TROUBLE, NatsRefuses, connected
from shared.plumbing.database import Database
from shared.plumbing.sealing.keyring import Keyring, keyring_of
from shared.plumbing.settings import CannotStart, Settings
from shared.plumbing.trust import DEPLOY_USER


class Where:
    """The deployment a command looks at."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = Home(settings.var)
        self.is_embedded = not settings.database_url

    @property
    def run(self) -> Run | None:
        """The embedded run that is alive, or was when it was cut short."""
        return self.home.run() if self.is_embedded else None

    def store_url(self, service: str) -> str:
        if self.is_embedded:
            return self.home.store_url(service)
        return self.settings.database_url.replace("{service}", service)

    @property
    def keys(self) -> Path:
        """The folder of the key files. Raises CannotStart where nobody said which."""
        if self.settings.keys is not None:
            return self.settings.keys
        if not self.is_embedded:
            raise CannotStart("Say where the key files are: set PARLEY_KEYS to their folder.")
        return self.home.sealing

    @property
    def ledger(self) -> Path:
        """The file of who was erased."""
        return self.settings.ledger or (
            self.home.ledger if self.is_embedded else self.settings.ledger_file
        )

    def keyring(self, service: str) -> Keyring:
        """A service's keyring; one without keys where nobody said where they are."""
        folder = self.home.sealing if self.is_embedded else None
        told = self.settings.model_copy(update={"keys": self.settings.keys or folder})
        return keyring_of(told, service, make_url(self.store_url(service)))

    def has_store(self, service: str) -> bool:
        """Whether there is a store to look at: an embedded one is made by the first run."""
        return not self.is_embedded or (self.home.stores / f"{service}.db").exists()

    @asynccontextmanager
    async def store(self, blueprint: Blueprint) -> AsyncIterator[Database]:
        """A service's store. Raises CannotStart when there is none."""
        if not self.has_store(blueprint.name):
            raise CannotStart(f"There is no store in {self.home.stores}: start Parley once first.")
        name = blueprint.name
        database = Database(self.store_url(name), blueprint.schema, keyring=self.keyring(name))
        try:
            yield database
        finally:
            await database.close()

    def creds(self, user: str) -> Path | None:
        if self.is_embedded:
            return self.home.user_creds(user)
        given = self.settings.nats_creds
        return given.with_name(f"{user}.creds") if given else None

    @asynccontextmanager
    async def nats(self, user: str = DEPLOY_USER) -> AsyncIterator[Any]:
        """A connection to the NATS server.

        Raises CannotStart when it cannot be reached, or does not do what it is asked in here.
        """
        run = self.run
        if self.is_embedded and run is None:
            raise CannotStart("Parley is not running here: start it with `make run`.")
        url = run.nats_url if run else self.settings.nats_url
        async with AsyncExitStack() as stack:
            try:
                opening = connected(user, url, self.creds(user))
                client = await stack.enter_async_context(opening)
            except NatsRefuses as why:
                raise CannotStart(str(why)) from None
            except Exception:
                raise CannotStart(
                    f"The NATS server at {url} cannot be reached: start it, or Parley, again."
                ) from None
            try:
                yield client
            except SERVER_TROUBLE as trouble:
                raise CannotStart(
                    f"The NATS server at {url} did not do what it was asked "
                    f"({type(trouble).__name__}): look at its log, and try again in a moment."
                ) from None
