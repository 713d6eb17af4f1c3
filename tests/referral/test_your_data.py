"""The public page that says who answers for people's data, and how to complain."""

from tests.referral.web import visiting


async def test_anybody_can_read_how_to_ask_and_how_to_complain(sqlite_database):
    told = {"controller": "Marsh & Fen", "privacy_contact": "write to data@example.org"}
    async with visiting(await sqlite_database(), **told) as visit:
        page = await visit.get("/referral/refer/your-data")
        last = await visit.answered()
        talk = await visit.get("/referral/refer/talk")

    assert page.status_code == 200
    for words in ("Marsh &amp; Fen", "data@example.org", "within 30 days", "ico.org.uk", "0303"):
        assert words in page.text
    for way_there in (last, talk):
        assert "/referral/refer/your-data" in way_there.text
