"""The whole of Parley in one process, for trying it out on one machine: `make run`.

The services are the same as in production and know nothing of each other; only here they share a
process, a port and a folder.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp

from deploy import mailbox, nats, seeds, server, site
from deploy.dispatcher import Dispatcher
from deploy.home import Home, Run
from deploy.mail_store import MailStore
from deploy.parts import blueprints
from deploy.upkeep import keys
from deploy.upkeep.where import Where
from shared.plumbing import logs, migrations, service
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.sealing.keyring import keyring_of
from shared.plumbing.sealing.trouble import KeysAway
from shared.plumbing.settings import LOOPBACK, CannotStart, Settings
from shared.plumbing.trust import Trust
from shared.plumbing.world import REAL, World

Say = Callable[[str], None]
Links = list[tuple[str, str]]
"""Who signs in with each link, and its path."""

ONE_MACHINE_ONLY = (
    "`parley run` is for trying Parley out on one machine: unset PARLEY_ENVIRONMENT and "
    "PARLEY_HOST, or deploy the services one by one."
)


async def run(settings: Settings, say: Say, world: World = REAL) -> None:
    """Run until SIGINT or SIGTERM, then finish what is going on. Raises CannotStart."""
    if not settings.is_development or settings.host not in LOOPBACK:
        raise CannotStart(ONE_MACHINE_ONLY)
    settings = _quiet(settings)
    logs.configure(settings)
    stopping = server.Stopping()
    with stopping.by_signals(), server.take_port(settings.host, settings.port) as port:
        address = _address(settings.host, port.getsockname()[1])
        async with _system(settings, address, say, world) as (app, home, links):
            await stopping.serve(app, port, started=lambda: say(_welcome(address, home, links)))
            say("Parley is finishing what is going on.")
    say(f"Parley has stopped. Everything is kept in {home.root}.")


@asynccontextmanager
async def _system(
    settings: Settings, address: str, say: Say, world: World
) -> AsyncIterator[tuple[ASGIApp, Home, Links]]:
    """Everything behind the port, started in the order in which one part needs another.

    With it come the links by which the people of the demonstration sign in, once each.
    """
    home, parts = Home(settings.var), blueprints()
    home.make()
    async with AsyncExitStack() as stack:
        stack.enter_context(home.taken())
        settings = await _with_keys(settings, home, parts, say, world)
        await _migrate(settings, home, parts)
        url, trusted = await stack.enter_async_context(nats.nats_server(home, parts, world))
        mails = MailStore(home.mailbox)
        mail_leaves = "smtp_url" in settings.model_fields_set
        if not mail_leaves:
            settings = _with_mailbox(
                settings, await stack.enter_async_context(mailbox.serve_smtp(mails, world))
            )
        apps = _apps(settings, home, parts, url, trusted, address, world)
        stores = {name: app.state.service.database for name, app in apps.items()}
        await stack.enter_async_context(nats.streams(url, trusted, parts))
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        await seeds.seed(stores)
        links = await seeds.demonstration_links(stores["referral"])
        stack.enter_context(home.told(Run(os.getpid(), address, url)))
        sessions = apps["referral"].state.sessions
        mail = mailbox.create(mails, sessions, world, mail_leaves=mail_leaves, settings=settings)
        yield _site(apps, mail), home, links


async def _with_keys(
    settings: Settings, home: Home, parts: Mapping[str, Blueprint], say: Say, world: World
) -> Settings:
    """Keys for each service that never had any; in production `parley init` makes them."""
    settings = settings.model_copy(update={"keys": settings.keys or home.sealing})
    where = Where(settings)
    made = [one for one in parts if await keys.make(where, one, world.now())]
    if made:
        say(f"Made new keys for {', '.join(made)}, in {settings.keys}.")
    return settings


async def _migrate(settings: Settings, home: Home, parts: Mapping[str, Blueprint]) -> None:
    for name in parts:
        url = home.store_url(name)
        try:
            await migrations.upgrade(url, name, keyring_of(settings, name, make_url(url)))
        except KeysAway as away:
            raise CannotStart(f"The store of {name} has to be sealed first. {away.hint}") from None
        except migrations.StoreIsNewer:
            raise CannotStart(
                f"The store of {name} in {home.stores} was written by a newer version of Parley: "
                "install that version, or set PARLEY_VAR to another folder."
            ) from None


def _with_mailbox(settings: Settings, port: int) -> Settings:
    """Mail goes to our own mailbox; as none can leave this machine, anybody may be written to."""
    return settings.model_copy(
        update={
            "smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"),
            "smtp_stays_here": True,
            "guest_list": settings.guest_list or ("*",),
        }
    )


def _apps(
    settings: Settings,
    home: Home,
    parts: Mapping[str, Blueprint],
    url: str,
    trusted: Trust,
    address: str,
    world: World,
) -> dict[str, FastAPI]:
    made = {}
    for name, blueprint in parts.items():
        own = {
            "database_url": home.store_url(name),
            "nats_url": url,
            "nats_creds": trusted.creds(name),
            "secret_file": home.secret(),
            "keys": settings.keys or home.sealing,
            "ledger": settings.ledger or home.ledger,
            "site_url": address,
        }
        made[name] = service.create(blueprint, settings.model_copy(update=own), world)
    return made


def _site(apps: Mapping[str, FastAPI], mail: FastAPI) -> Dispatcher:
    whole = site.create({name: app.state.service for name, app in apps.items()})
    by_word = {**apps, "mailbox": mail, "health": whole, "metrics": whole}
    return Dispatcher(by_word, usual="referral")


def _quiet(settings: Settings) -> Settings:
    """Without a line for every request, unless somebody asked for it: the address must be seen."""
    if "log_level" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"log_level": "warning"})


def _welcome(address: str, home: Home, links: Links) -> str:
    ways_in = "\n".join(f"  {name:<22} {address}{path}" for name, path in links)
    return f"""
Parley is running. Everything stays on this machine, in {home.root}.

  Ask for help, as somebody would     {address}/
  Look after referrals, as staff      {address}/referral/cases
  Plan and record meetings            {address}/scheduling/
  Read the messages that were sent    {address}/mailbox

Staff pages ask who you are. Each of these signs you in once; `parley staff demo` makes new ones:

{ways_in}

Begin with the first address: refer yourself, then look at it as staff. Ctrl-C stops Parley.
"""


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
