"""What planning calls a case, and what it says of one it has not heard of yet."""

import pytest

from tests.scheduling.builders import CASE, MEETING, REFERRAL, a_proposal, some_id
from tests.scheduling.office import book
from tests.scheduling.test_booking_pages import answers

REFERENCE = "VZ5-SMGY-3VP"
SHORT = str(CASE)[-6:].upper()
UNHEARD = some_id(99)


async def where_a_case_is_named(desk):
    waiting = await desk.get("/")
    await book(desk.database, a_proposal())
    return [waiting, await desk.get(f"/cases/{CASE}"), await desk.get(f"/sessions/{MEETING}")]


async def test_a_case_is_called_by_the_reference_everybody_knows(desk):
    for page in await where_a_case_is_named(desk):
        assert f"Case {REFERENCE}" in page.text
        assert f"Case {SHORT}" not in page.text


async def test_a_case_whose_reference_is_not_told_is_called_by_the_end_of_its_id(desk):
    del desk.referral.references[REFERRAL]

    for page in await where_a_case_is_named(desk):
        assert f"Case {SHORT}" in page.text


async def test_without_referral_cases_are_called_by_the_end_of_their_ids(desk):
    await desk.referral.goes_down()

    for page in await where_a_case_is_named(desk):
        assert f"Case {SHORT}" in page.text
        assert "Names cannot be shown" in page.text


@pytest.mark.parametrize("path", ["", "/book?kind=joint", "/book?kind=preparation"])
async def test_a_case_not_heard_of_yet_can_be_tried_again_in_a_moment(desk, path):
    page = await desk.get(f"/cases/{UNHEARD}{path}")

    assert page.status_code == 404
    assert "it was made a moment ago: then try again in a moment." in page.text


async def test_a_meeting_for_a_case_not_heard_of_yet_can_be_tried_again_in_a_moment(desk):
    page = await desk.post(f"/cases/{UNHEARD}/book?kind=joint", **answers())

    assert page.status_code == 404
    assert "then try again in a moment." in page.text
