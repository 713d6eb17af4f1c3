"""A13: somebody who opens everything they can reach is slowed down, and people are told of it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import APIRouter
from sqlalchemy import func, select
from starlette.responses import PlainTextResponse, Response

from shared.plumbing import alarms, reads, service
from shared.plumbing.staff import STAFF_ONLY
from tests.fixtures.signed_in import COORDINATOR
from tests.fixtures.web import visitor
from tests.plumbing import diary

records = APIRouter(prefix="/diary/records", dependencies=[STAFF_ONLY])


@records.get("/{record_id}")
async def show(record_id: UUID) -> Response:
    return PlainTextResponse(str(record_id))


BLUEPRINT = replace(diary.BLUEPRINT, router=records, record_parameter="record_id")


@pytest.fixture
async def database(any_store, world):
    return await any_store(diary.SCHEMA, world=world)


@pytest.fixture
async def browser(database, world):
    url = database.url.render_as_string(hide_password=False)
    app = service.create(BLUEPRINT, diary.settings(url), world)
    async with visitor(app) as client:
        yield client
    await app.state.service.database.close()


def record(number: int) -> str:
    return f"/diary/records/{UUID(int=number)}"


async def raised(database) -> list[alarms.Alarm]:
    async with database.reading() as session:
        return await alarms.newest(session)


async def test_a13_the_fortieth_record_within_an_hour_raises_one_alarm(
    browser, database, world, capsys
):
    for number in range(39):
        for _ in range(2):  # the same record twice is one record
            assert (await browser.get(record(number))).status_code == 200
        world.advance(timedelta(seconds=30))
    assert await raised(database) == []

    for number in range(39, 80):
        await browser.get(record(number))
        world.advance(timedelta(seconds=10))

    (alarm,) = await raised(database)
    assert (alarm.kind, alarm.about) == (alarms.Kind.MANY_RECORDS, COORDINATOR.id)
    assert capsys.readouterr().err.count("alarm_raised") == 1
    page = await browser.get("/diary/alarms")
    assert str(COORDINATOR.id) in page.text
    assert "40 different records" in page.text
    assert 'parley_alarms_total{kind="many_records"}' in (await browser.get("/metrics")).text


async def test_a13_more_than_a_page_a_second_has_to_wait_and_is_told_how_long(browser, world):
    answers = [await browser.get(record(1)) for _ in range(61)]

    assert [one.status_code for one in answers] == [200] * 60 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert "You have opened many pages in a short time. Wait 1 second" in answers[-1].text
    world.advance(timedelta(seconds=1))
    assert (await browser.get(record(1))).status_code == 200


async def test_forty_records_over_a_whole_day_raise_nothing(browser, database, world):
    for number in range(45):
        await browser.get(record(number))
        world.advance(timedelta(minutes=2))

    assert await raised(database) == []
    async with database.reading() as session:
        table = diary.SCHEMA.tables.opened_record
        kept = await session.scalar(select(func.count()).select_from(table))
    assert kept <= 31


async def test_the_alarm_comes_again_only_when_an_hour_has_gone_by(database, world):
    async def open_forty(first: int) -> None:
        async with database.transaction() as session:
            for number in range(first, first + 40):
                await reads.note_record(session, COORDINATOR.id, UUID(int=number))

    await open_forty(0)
    world.advance(timedelta(minutes=59))
    await open_forty(40)
    assert len(await raised(database)) == 1
    world.advance(timedelta(minutes=1))
    await open_forty(80)
    assert len(await raised(database)) == 2


async def test_each_member_of_staff_is_counted_for_themselves(database):
    for staff in (UUID(int=1), UUID(int=2)):
        async with database.transaction() as session:
            for number in range(39):
                await reads.note_record(session, staff, UUID(int=number))

    assert await raised(database) == []


async def test_without_an_alarm_the_page_says_so(browser):
    assert "There is no alarm" in (await browser.get("/diary/alarms")).text
