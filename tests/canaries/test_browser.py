"""A12 for the whole system: a browser that keeps its profile, and has seen every service."""

import httpx
import pytest

from shared.plumbing.session_cookie import COOKIE
from tests.canaries import asking, birds, meeting
from tests.canaries.house import a_house
from tests.referral.test_left_in_browser import visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with a_house(tmp_path_factory.mktemp("browser") / "house") as house:
        yield house


def left_in(house, profile) -> dict[str, list[str]]:
    """What is found of anybody in each file of a profile, and in what the files are called."""
    found = {}
    for path in profile.rglob("*"):
        if path.is_file():
            data = str(path.name).encode() + path.read_bytes()
            found[str(path.relative_to(profile))] = house.aviary.hits(data)
    return {path: hits for path, hits in found.items() if hits}


async def test_a12_nobody_is_left_in_a_browser_that_has_seen_every_service(house, tmp_path):
    case = asking.ask_for_help(house)
    asking.look_after(house, case)
    address, token = house.system.address, house.system.token()
    task = meeting.tasks_of(house)[0]
    paths = (
        *("/", "/referral/cases", case.page, f"{case.page}/parties", "/referral/people"),
        *(case.planning, "/scheduling/", "/notifications/", "/notifications/calls", task),
        "/referral/refer",
    )

    shown = await visit(tmp_path / "kept", *(f"{address}{one}" for one in paths), token=token)

    assert birds.STEM in shown[2].lower(), "it was really there to be seen"
    assert birds.STEM in shown[5].lower()
    assert left_in(house, tmp_path / "kept") == {}
    async with httpx.AsyncClient(base_url=address, cookies={COOKIE: token}) as client:
        for path in paths:
            assert "no-store" in (await client.get(path)).headers["cache-control"], path
