"""Lists longer than a page: nothing on them is cut off without a word."""

import re

from services.notifications.actions import by_hand
from services.notifications.routes.names import names_of
from shared.contracts.words import Channel, Purpose
from shared.plumbing.staff import Staff
from tests.fixtures.signed_in import COORDINATOR
from tests.notifications.builders import CORA, an_id, session_cancelled, session_scheduled
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.desk import Desk

ALONE = {"facilitator_ids": ()}


async def test_more_than_fits_on_a_page_is_reached_page_by_page(desk: Desk) -> None:
    people = [an_id(f"person {number}") for number in range(53)]
    for person in people:
        desk.office.referral.will_say(person, by_hand_permit())
    await desk.office.hear(session_scheduled(participant_ids=tuple(people), **ALONE))
    await desk.office.send_all()
    for message in await desk.office.messages(Purpose.MEETING_BOOKED):
        async with desk.office.database.transaction() as session:
            await by_hand.note_shown(session, message.id, CORA, Channel.PHONE)

    to_do = await every_page(desk, "/calls", "page")
    await desk.office.hear(session_cancelled(participant_ids=tuple(people), **ALONE))
    taken_back = await every_page(desk, "/calls", "back")

    assert (len(to_do), len(set(to_do))) == (53, 53)
    assert sorted(taken_back) == sorted(to_do)


async def every_page(desk: Desk, path: str, number: str) -> list[str]:
    """The tasks on a list, read by its own links to the next page."""
    found: list[str] = []
    following: str | None = path
    while following is not None:
        page = await desk.get(following)
        found += re.findall(r'href="/notifications/calls/([0-9a-f-]{36})"', page.text)
        further = re.search(
            rf'href="/notifications(/calls\?{number}=\d)"[^>]*rel="next"', page.text
        )
        following = further[1] if further else None
    return found


async def test_names_of_more_people_than_one_question_takes_are_all_shown(desk: Desk) -> None:
    people = [an_id(f"person {number}") for number in range(230)]
    desk.referral.names = {person: f"Name of {person}" for person in people}
    staff = Staff(COORDINATOR.id, frozenset())

    names = await names_of(desk.service, staff, people)

    assert {names.of(person) for person in people} == set(desk.referral.names.values())
