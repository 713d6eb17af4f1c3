"""Who looked at a case, and at whose details: pages in each service that note their own looks."""

import pytest

from shared.contracts.catalogue import SERVICES
from tests.audit.furnished import furnished


async def test_whoever_looked_at_a_case_is_listed_with_when_what_and_why(sqlite_store, world):
    async with furnished("referral", sqlite_store, world) as desk:
        case = desk.ids["referral_id"]
        page = await desk.browser.get(f"/referral/cases/{case}")
        listed = await desk.browser.get(f"/referral/audit/cases/{case}")

    assert f'href="/referral/audit/cases/{case}"' in page.text
    assert "Who looked at this case" in listed.text
    assert "Demo Manager (manager)" in listed.text
    assert "Looked at name, contact, agreement, referral, history" in listed.text
    assert "of Sam Example" in listed.text
    assert "Case page" in listed.text
    assert "Monday 2 March 2026 at 9am" in listed.text


async def test_looking_at_the_list_is_noted_too(sqlite_store, world):
    async with furnished("referral", sqlite_store, world) as desk:
        path = f"/referral/audit/cases/{desk.ids['referral_id']}"
        first = await desk.browser.get(path)
        second = await desk.browser.get(path)

    assert "Audit page" not in first.text
    assert "Looked at audit" in second.text


async def test_the_looks_at_one_person_are_listed_apart(sqlite_store, world):
    async with furnished("referral", sqlite_store, world) as desk:
        await desk.browser.get(f"/referral/cases/{desk.ids['referral_id']}")
        page = await desk.browser.get(f"/referral/audit/people/{desk.ids['person_id']}")

    assert "Who looked at this person" in page.text
    assert "of Sam Example" in page.text
    assert "Kim Example" not in page.text


async def test_a_long_list_has_pages(sqlite_store, world):
    async with furnished("referral", sqlite_store, world) as desk:
        for _ in range(30):
            await desk.browser.get(f"/referral/cases/{desk.ids['referral_id']}")
        path = f"/referral/audit/cases/{desk.ids['referral_id']}"
        first = await desk.browser.get(path)
        second = await desk.browser.get(f"{path}?page=2")

    assert first.text.count("Case page") == 50
    assert "page=2" in first.text
    assert "Accepted" in second.text


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_has_the_list_and_says_where_the_others_are(
    sqlite_store, world, service
):
    async with furnished(service, sqlite_store, world) as desk:
        page = await desk.browser.get(f"/{service}/audit/cases/{desk.ids['case_id']}")

    assert page.status_code == 200
    others = [other for other in SERVICES if other != service]
    assert all(f"/{other}/audit/cases/" in page.text for other in others)


async def test_a_case_is_found_by_its_own_id_and_by_its_referrals(sqlite_store, world):
    from tests.scheduling.builders import CASE, REFERRAL

    async with furnished("scheduling", sqlite_store, world) as desk:
        by_case = await desk.browser.get(f"/scheduling/audit/cases/{CASE}")
        by_referral = await desk.browser.get(f"/scheduling/audit/cases/{REFERRAL}")

    assert "Book meeting" in by_case.text
    assert "Book meeting" in by_referral.text


async def test_an_id_nobody_has_shows_an_empty_list(sqlite_store, world):
    async with furnished("referral", sqlite_store, world) as desk:
        page = await desk.browser.get(f"/referral/audit/cases/{world.new_id()}")
        nonsense = await desk.browser.get("/referral/audit/cases/nonsense")

    assert (page.status_code, nonsense.status_code) == (200, 404)
    assert "Nothing is noted here yet." in page.text
