"""Each service's store: is it there, level with the code, and is nothing stuck in it?"""

from datetime import datetime, timedelta

from sqlalchemy import text

from deploy.parts import blueprints
from deploy.upkeep.finding import Finding, look, well
from deploy.upkeep.where import Where
from shared.plumbing import migrations, parked
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.database import Database
from shared.plumbing.health import OLD_OUTBOX
from shared.plumbing.outbox import oldest_unsent_age, stuck
from shared.plumbing.sealing import kids

FURTHEST_CLOCKS = timedelta(seconds=2)


async def examine(where: Where) -> list[Finding]:
    findings: list[Finding] = []
    for name, blueprint in blueprints().items():
        if not where.has_store(name):
            findings.append(well(f"{name} has no store yet: the first run makes it."))
            continue
        try:
            findings += await _one(where, blueprint)
        except Exception as error:
            kind = type(error).__name__
            findings.append(
                look(f"The store of {name} cannot be read ({kind}): start its database again.")
            )
    return findings


async def _one(where: Where, blueprint: Blueprint) -> list[Finding]:
    name = blueprint.name
    state = await migrations.state(where.store_url(name), name)
    if state.is_newer:
        return [look(f"The store of {name} is newer than this Parley: install that version.")]
    if state.is_behind:
        return [look(f"The store of {name} is older than this Parley: start Parley once.")]
    async with where.store(blueprint) as database:
        return [
            well(f"The store of {name} is level with the code."),
            await _parked(name, database),
            await _outbox(name, database),
            await _keys(name, database),
            *await _clock(name, database),
        ]


async def _parked(name: str, database: Database) -> Finding:
    async with database.reading() as session:
        count = await parked.count(session)
    if not count:
        return well(f"Nothing is parked in {name}.")
    return look(f"Parked in {name}: {count}. Look at them with `parley parked list`.")


async def _keys(name: str, database: Database) -> Finding:
    away = await kids.trouble(database)
    if away is None:
        return well(f"The keys of {name} fit its store.")
    return look(f"Nothing personal in {name} can be shown or stored. {away.hint}")


async def _outbox(name: str, database: Database) -> Finding:
    async with database.reading() as session:
        age = await oldest_unsent_age(session, session.now()) or timedelta()
        at = await stuck(session)
    if age <= OLD_OUTBOX:
        return well(f"Nothing {name} has to tell has waited for more than a minute.")
    waited = f"{name} has had something to tell for {age.total_seconds():.0f} seconds"
    if at is None:
        return look(f"{waited}: is {name} running?")
    return look(
        f"{waited} and the NATS server did not take it {at.attempts} times ({at.last_error}): look "
        "at the server."
    )


async def _clock(name: str, database: Database) -> list[Finding]:
    """How far the database server's clock is from ours; SQLite has none of its own."""
    if database.dialect == "sqlite":
        return []
    async with database.reading() as session:
        theirs: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
        apart = abs(theirs - session.now())
    return [clocks(f"the database of {name}", apart)]


def clocks(whose: str, apart: timedelta) -> Finding:
    """What to say of the distance between a server's clock and ours."""
    seconds = f"{apart.total_seconds():.1f} seconds"
    if apart <= FURTHEST_CLOCKS:
        return well(f"The clock of {whose} is {seconds} from ours.")
    return look(f"The clock of {whose} is {seconds} from ours: set both by a time server.")
