"""The doctor on a reader whose store was put back from an older copy."""

from sqlalchemy import select

from shared.plumbing import inbox, parked
from tests.deploy.deployment import READER, Deployment

REMEMBERS = "Every reader remembers what it has acknowledged."
FORGOT = "reporting has acknowledged an event of referral that its store does not know"


async def doctor(deployment: Deployment) -> str:
    said = await deployment.parley("doctor")
    assert "Traceback" not in said.output
    return str(said.output)


async def act_on_everything(deployment: Deployment) -> None:
    async with deployment.store() as referral, deployment.store("reporting") as reporting:
        told = referral.schema.tables.outbox.c.event_id
        async with referral.reading() as session:
            events = list(await session.scalars(select(told)))
        async with reporting.transaction() as session:
            await inbox.remember(session, READER, events)


async def test_a_reader_that_has_acted_on_what_it_acknowledged_is_well(deployment):
    await deployment.tell("North", "South")
    await act_on_everything(deployment)
    await deployment.acknowledge(1)

    assert REMEMBERS in await doctor(deployment)


async def test_one_that_has_not_heard_anything_yet_is_well(deployment):
    await deployment.tell("North")

    assert REMEMBERS in await doctor(deployment)


async def test_one_that_has_acknowledged_what_its_store_does_not_know_is_named(deployment):
    await deployment.tell("North")
    await act_on_everything(deployment)
    await deployment.tell("South")
    await deployment.acknowledge(2)

    said = await doctor(deployment)

    assert FORGOT in said
    assert REMEMBERS not in said


async def test_an_event_that_was_set_aside_is_not_forgotten(deployment):
    await deployment.slip_in()
    async with deployment.at("deploy") as client:
        slipped = await client.jetstream().get_msg("referral", seq=1)
    async with deployment.store("reporting") as reporting, reporting.transaction() as session:
        await parked.park(
            session, READER, slipped.headers, slipped.data, slipped.subject, 1, "UnknownFact"
        )
    await deployment.tell("North")
    await act_on_everything(deployment)
    await deployment.acknowledge(1)

    assert REMEMBERS in await doctor(deployment)
