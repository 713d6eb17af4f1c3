"""What waits to be planned and what stands in the diary, on both databases."""

from datetime import timedelta

from sqlalchemy import true

from services.scheduling import actions, store
from services.scheduling.domain.planning import Party
from shared.contracts.words import (
    Side,
)
from tests.scheduling.builders import (
    FIRST,
    MEETING,
    STARTS,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import (
    a_case,
    an_office,
    book,
)

LATER = STARTS + timedelta(days=1)
OTHER = some_id(14)


async def test_what_waits_is_listed_longest_first(any_store, world):
    database = await an_office(any_store, world)
    async with database.transaction() as session:
        for number in (3, 1, 2):
            case_id = some_id(100 + number)
            opened_at = world.now() - timedelta(days=number)
            await actions.cases.open_case(
                session, a_case(case_id, opened_at), Party(FIRST, Side.BOTH)
            )
    await book(database, a_proposal())

    async with database.reading() as session:
        first = await store.cases.waiting(session, true(), skip=0, most=2)
        rest = await store.cases.waiting(session, true(), skip=2, most=2)

    assert [case.id for case in first] == [some_id(103), some_id(102)]
    assert [case.id for case in rest] == [some_id(101)]


async def test_the_diary_shows_what_is_on_and_what_is_overdue(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    await book(database, a_preparation(meeting_id=OTHER, starts_at=LATER))

    async def shown(now):
        async with database.reading() as session:
            coming = await store.diary.coming(session, true(), now, now + timedelta(days=28))
            overdue = await store.diary.overdue(session, true(), now, skip=0, most=10)
            return [one.id for one in coming], [one.id for one in overdue]

    async def waits_to_be_recorded(now):
        async with database.reading() as session:
            second = await store.diary.overdue(session, true(), now, skip=1, most=1)
            return await store.diary.count_overdue(session, true(), now), [one.id for one in second]

    hour, moment = timedelta(hours=1), timedelta(seconds=1)
    assert await shown(STARTS - hour) == ([MEETING, OTHER], [])
    assert await shown(STARTS + hour - moment) == ([MEETING, OTHER], [])
    assert await shown(STARTS + hour) == ([OTHER], [MEETING])
    assert await shown(LATER + hour) == ([], [MEETING, OTHER])
    assert await waits_to_be_recorded(STARTS + hour) == (1, [])
    assert await waits_to_be_recorded(LATER + hour) == (2, [OTHER])
