"""A canary put into each place on purpose, as far from the search as can be: each must be found.

A search that cannot find anything shows nothing. Where a process has to do it, `careless.py` does.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress

import nats.errors

from shared.plumbing.connection import connected
from tests.canaries import birds, places
from tests.canaries.careless import KEPT, REFUSED
from tests.canaries.house import MANAGER, House
from tests.fixtures.patience import eventually

Leak = Callable[[House], None]
SAID = birds.text("leak")


def into_the_stream(house: House) -> None:
    house.tap.publish(f"referral.{SAID}.v1", SAID.encode(), **{SAID: SAID})


def into_an_advisory(house: House) -> None:
    """A consumer that is named after somebody: the server tells everybody of it."""
    house.tap.consume("referral", SAID)


def into_the_brokers_log(house: House) -> None:
    """What a service may not publish the server writes down with its subject."""

    async def publish() -> None:
        run = house.home.run()
        assert run is not None
        creds = house.home.user_creds("notifications")
        async with connected("notifications", run.nats_url, creds) as client:
            await client.publish(f"referral.{SAID}", b"")
            with suppress(nats.errors.Error):
                await client.flush()

    asyncio.run(publish())


def into_the_store(service: str) -> Leak:
    """Written past Parley, by somebody who has the file: it lies in the write-ahead log first."""

    def leak(house: House) -> None:
        path = house.home.stores / f"{service}.db"
        with closing(sqlite3.connect(path, timeout=30)) as store, store:
            store.execute("CREATE TABLE IF NOT EXISTS careless (note TEXT)")
            store.execute("INSERT INTO careless VALUES (?)", (SAID,))

    return leak


def into_what_a_command_prints(house: House) -> None:
    """`parley staff list` shows colleagues: that is what it is for, so else it is not searched."""
    house.commands(("staff", "list"))


def into_the_figures(house: House) -> None:
    """An area that is called after somebody is on the page for funders a moment later."""
    manager = house.visitor(MANAGER)
    page = manager.open("/referral/areas").follow("Riverside")
    page.press("Rename the area", label=SAID).expect(200)
    eventually(lambda: SAID in manager.open("/reporting/").main)


def into_pages_at(path: str) -> Leak:
    """Names of colleagues, on a page that stands somewhere else."""

    def leak(house: House) -> None:
        manager = house.visitor(MANAGER)
        manager.client.get(path, params={"tab": SAID})
        house.recorder.note(manager.client.get("/referral/staff"))
        house.recorder.answers[-1].request.url = manager.client.base_url.join(path)

    return leak


def into_an_error(house: House) -> None:
    house.careless()
    house.visitor(None).client.get(REFUSED)


def into_headers(house: House) -> None:
    """Where somebody who is not signed in wanted to go stands in what leads to the sign-in."""
    house.visitor(None).client.get("/referral/cases", params={"who": SAID})


def into_what_may_be_kept(house: House) -> None:
    house.careless()
    house.visitor(None).client.get(KEPT)


def careless(house: House) -> None:
    house.careless()


LEAKS: dict[str, Leak] = {
    "streams: subjects, headers, bodies, settings": into_the_stream,
    "advisories and the server's own subjects": into_an_advisory,
    "all else on the NATS server but asks": into_the_stream,
    "files of the NATS server": into_the_stream,
    "log of the NATS server": into_the_brokers_log,
    "log of the processes, every library at DEBUG": careless,
    "metrics": careless,
    "traces": careless,
    "health": careless,
    **{
        f"store of {service}, raw, write-ahead log too": into_the_store(service)
        for service in places.SERVICES
    },
    "what commands print, parked events among it": into_what_a_command_prints,
    "pages of parked events": into_pages_at("/referral/parked"),
    "what partner officers are shown of their referrals": into_pages_at("/referral/partner"),
    "figures and their spreadsheets": into_the_figures,
    "problem+json and error pages": into_an_error,
    "headers of every answer": into_headers,
    "addresses opened, linked or led to": into_headers,
    "answers that may be kept": into_what_may_be_kept,
    "support bundle": careless,
    "backup without its keys": into_the_store("reporting"),
    "other files of the run": careless,
    "temporary files": careless,
    "command lines of the processes": careless,
}
