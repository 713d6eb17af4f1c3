"""Why somebody opened a case in an emergency is looked at by somebody else, in time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.referral.actions import break_glass
from services.referral.channels.late_reviews import look
from services.referral.domain.break_glass import (
    AlreadyOver,
    AlreadyReviewed,
    MayNotReview,
    Review,
    SayWhy,
    month_began_at,
    review_due_at,
)
from shared.contracts.access import AccessRole, Relation
from shared.plumbing import alarms
from shared.plumbing.alarms import Kind
from shared.plumbing.metrics import Metrics
from tests.referral.builders import COORDINATOR, NOW
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.glass import REVIEWS, WHY, ask_for, kept, opened
from tests.referral.standing import ELSEWHERE, MANAGER, staff, stand
from tests.referral.told import facts
from tests.referral.web import case_path, visiting

DAY = timedelta(days=1)


def said(by: UUID, *, justified: bool = True, note: str = "") -> Review:
    return Review(NOW, by, justified, note)


async def reviewed(database, glass_id: UUID, review: Review) -> None:
    async with database.transaction() as session:
        await break_glass.review(session, glass_id, review)


@pytest.mark.parametrize(
    ("opened_at", "due_at"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)),
        (datetime(2026, 3, 6, 9, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)),
        (datetime(2026, 3, 26, 9, tzinfo=UTC), datetime(2026, 3, 30, 23, tzinfo=UTC)),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), datetime(2026, 7, 6, 23, tzinfo=UTC)),
    ],
)
def test_a_review_is_due_at_the_end_of_the_second_working_day_in_london(opened_at, due_at):
    assert review_due_at(opened_at) == due_at


def test_openings_are_counted_by_the_month_in_london():
    assert month_began_at(datetime(2026, 7, 31, 23, tzinfo=UTC)) == datetime(
        2026, 7, 31, 23, tzinfo=UTC
    )
    assert month_began_at(NOW) == datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_manager_reads_the_reason_and_says_what_to_make_of_it(database):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")
    async with visiting(database, MANAGER) as visit:
        listed = await visit.get(REVIEWS)
        page = await visit.get(f"{REVIEWS}/{glass.id}")
        sent = await visit.send(page, {"justified": "yes", "note": "Kim is safe."}, number=1)
        after = await visit.get(f"{REVIEWS}/{glass.id}")

    assert "To be reviewed" in listed.text
    assert "This month: 1 in all" in listed.text
    assert WHY in page.text
    assert sent.headers["location"] == f"{REVIEWS}?done=reviewed"
    assert "Kim is safe." in after.text
    assert "Demo Manager" in after.text
    review = (await kept(database, glass.id)).review
    assert review == Review(NOW, MANAGER.id, True, "Kim is safe.")


@pytest.mark.parametrize("roles", [(AccessRole.COORDINATOR,), (AccessRole.FACILITATOR,)])
async def test_nobody_but_a_manager_reviews(database, roles):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")
    async with visiting(database, staff(*roles, person_id=COORDINATOR)) as visit:
        for path in (REVIEWS, f"{REVIEWS}/{glass.id}"):
            assert (await visit.get(path)).status_code == 404


async def test_nobody_reviews_what_they_opened_themselves(database):
    await an_open_case(database)
    glass = await opened(database, "TEST-1", MANAGER.id)
    async with visiting(database, MANAGER) as visit:
        page = await visit.get(f"{REVIEWS}/{glass.id}")
        forced = await visit.post(f"{REVIEWS}/{glass.id}", {"justified": "yes"})

    assert "somebody else has to review it" in page.text
    assert "Record the review" not in page.text
    assert forced.status_code == 422
    assert (await kept(database, glass.id)).review is None
    with pytest.raises(MayNotReview):
        await reviewed(database, glass.id, said(MANAGER.id))


async def test_what_was_reviewed_is_not_reviewed_again(database):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")
    await reviewed(database, glass.id, said(MANAGER.id))

    with pytest.raises(AlreadyReviewed):
        await reviewed(database, glass.id, said(COORDINATOR))


async def test_what_was_not_justified_needs_a_note(database):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")

    with pytest.raises(SayWhy):
        await reviewed(database, glass.id, said(MANAGER.id, justified=False))
    note = "Nothing of it was so; we talked."
    await reviewed(database, glass.id, said(MANAGER.id, justified=False, note=note))

    async with visiting(database, MANAGER) as visit:
        assert "Not justified" in (await visit.get(REVIEWS)).text


async def test_a_manager_closes_it_before_its_time(database):
    case = await an_open_case(database)
    glass = await opened(database, "TEST-1")
    async with visiting(database, MANAGER) as visit:
        page = await visit.get(f"{REVIEWS}/{glass.id}")
        closed = await visit.send(page, {})
        again = await visit.post(f"{REVIEWS}/{glass.id}/close", {})
        visit.sits_down(staff(AccessRole.FACILITATOR))
        gone = await visit.get(case_path(case.referral_id))

    assert (closed.status_code, again.status_code, gone.status_code) == (303, 409, 404)
    assert (await facts(database))[-1] == "break_glass_ended"


async def test_what_has_run_out_is_over_and_still_reviewed(database, world):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")
    world.advance(timedelta(minutes=60))

    with pytest.raises(AlreadyOver):
        async with database.transaction() as session:
            await break_glass.close(session, glass.id, MANAGER.id)
    await reviewed(database, glass.id, said(MANAGER.id))


async def test_a_manager_behind_a_wall_learns_nothing_of_it(database):
    case = await an_open_case(database)
    glass = await opened(database, case.referral_id, MANAGER.id)
    near = staff(AccessRole.MANAGER)
    await stand(database, case, Relation.CONFLICT)
    async with visiting(database, near) as visit:
        listed = await visit.get(REVIEWS)
        page = await visit.get(f"{REVIEWS}/{glass.id}")
        nothing = await visit.get(f"{REVIEWS}/{UUID(int=1)}")
        review = await visit.post(f"{REVIEWS}/{glass.id}", {"justified": "yes"})

    assert "TEST-1" not in listed.text
    assert "Nobody has opened a case like this." in listed.text
    assert (page.status_code, page.content) == (404, nothing.content)
    assert review.status_code == 404


async def test_a_manager_of_another_area_reviews_as_well(database):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")
    elsewhere = staff(AccessRole.MANAGER, person_id=MANAGER.id, area=ELSEWHERE)
    async with visiting(database, elsewhere) as visit:
        assert (await visit.get(f"{REVIEWS}/{glass.id}")).status_code == 200


async def test_late_reviews_are_shown_counted_and_raise_an_alarm_each_day(database, world):
    await an_open_case(database)
    glass = await opened(database, "TEST-1")
    metrics, late = Metrics("referral"), []
    for step in (timedelta(), 3 * DAY, timedelta(hours=1), DAY):
        world.advance(step)
        late.append(await look(database, metrics))
    async with visiting(database, MANAGER) as visit:
        listed = await visit.get(REVIEWS)
        alarm_page = await visit.get("/referral/alarms")

    assert late == [0, 1, 1, 1]
    assert b"parley_break_glass_reviews_late 1.0" in metrics.text()
    assert b"parley_break_glass_this_month 1.0" in metrics.text()
    assert "Late" in listed.text
    assert alarm_page.text.count("Nobody has reviewed in time") == 2
    await reviewed(database, glass.id, said(MANAGER.id))
    assert await look(database, metrics) == 0
    assert b"parley_break_glass_reviews_late 0.0" in metrics.text()
    async with database.reading() as session:
        kinds = [one.kind for one in await alarms.newest(session)]
    assert kinds == [Kind.REVIEW_LATE, Kind.REVIEW_LATE]


async def test_what_waits_longest_for_its_review_comes_first(database, world):
    for number in (1, 2, 3):
        await a_waiting_referral(database, number)
    glasses = []
    for number in (1, 2, 3):
        glasses.append(await opened(database, f"TEST-{number}"))
        world.advance(timedelta(minutes=1))
    await reviewed(database, glasses[0].id, said(MANAGER.id))
    async with visiting(database, MANAGER) as visit:
        listed = await visit.get(REVIEWS)

    places = [listed.text.index(f"TEST-{number}") for number in (2, 3, 1)]
    assert places == sorted(places)


async def test_the_list_of_a_long_year_has_pages(database):
    for number in range(1, 28):
        await a_waiting_referral(database, number)
        await ask_for(database, f"TEST-{number}")
    async with visiting(database, MANAGER) as visit:
        first = await visit.get(REVIEWS)
        second = await visit.get(f"{REVIEWS}?page=2")

    assert (first.text.count("opened by Demo"), second.text.count("opened by Demo")) == (25, 2)
