"""Nobody anywhere but where they have to be: every personal field planted, every journey told with
every library at DEBUG, every place searched (A19, A20, A26, A27; `docs/security-tests.md`)."""

import hashlib

import pytest

from tests.canaries import birds, leaks, planting
from tests.canaries.house import a_house
from tests.canaries.journey import RIGHTLY, Walked, walk
from tests.canaries.places import EARLY, PLACES
from tests.fixtures.backends import measured
from tests.fixtures.patience import eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

ANSWERS_OF_OURS = {
    "TakenIn.reference": "made up by us, and sent by nobody",
    "AreaShape.label": "what an operator calls an area",
}
"""Fields that nobody fills in."""


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    with a_house(tmp_path_factory.mktemp("canaries") / "house") as house:
        done = walk(house)
        for place, data in done.searched.items():
            measured(f"canaries: {place}", f"{len(data):,} bytes, nobody in them")
        for place, (why, look) in RIGHTLY.items():
            measured(f"canaries: {place}", f"{len(look(house)):,} bytes, rightly there: {why}")
        yield done


@pytest.mark.parametrize("place", PLACES)
def test_nobody_is_in(walked: Walked, place):
    data = walked.searched[place]

    assert data, "nothing was searched"
    assert walked.house.aviary.hits(data) == []


def test_a19_the_store_of_reporting_names_nobody(walked: Walked):
    data = walked.searched["store of reporting, raw, write-ahead log too"]

    assert walked.house.aviary.hits(data) == []
    assert b"referral_counted" in data, "it is a store in which something was counted"


def test_a20_a_backup_without_its_keys_names_nobody(walked: Walked):
    data = walked.searched["backup without its keys"]

    assert walked.house.aviary.hits(data) == []
    assert all(f"stores/{name}.db".encode() in data for name in ("referral", "reporting"))
    assert b"referral.keys" not in data


def test_a26_the_support_bundle_names_nobody(walked: Walked):
    data = walked.searched["support bundle"]

    assert walked.house.aviary.hits(data) == []
    assert b"parley_events_heard" in data
    assert b"nats-server.log" in data


def test_a27_logs_at_debug_name_nobody(walked: Walked):
    data = walked.searched["log of the processes, every library at DEBUG"]

    assert walked.house.aviary.hits(data) == []
    for talkative in (b"sqlalchemy.engine", b"aiosqlite", b"[debug"):
        assert talkative in data, f"{talkative!r} was not turned up"


@pytest.mark.parametrize("column", planting.COLUMNS)
async def test_every_personal_column_was_planted(walked: Walked, column):
    """Opened with the system's own keys: what was planted is really there, and sealed."""
    values = await planting.opened(walked.house, *planting.COLUMNS[column])

    planted = [one for one in values if walked.house.aviary.hits(one)]
    assert planted, f"nothing was planted in {column}: {len(values)} values"


def test_every_field_of_every_form_was_planted(walked: Walked):
    sent = walked.house.recorder.sent
    planted = {name for _, name, value in sent if walked.house.aviary.hits(value.encode())}
    fields = planting.text_fields()

    assert "ContactAnswers.email" in fields
    left = {field for field, name in fields.items() if name not in planted}
    assert left <= ANSWERS_OF_OURS.keys()


def test_everything_people_could_write_into_was_planted(walked: Walked):
    recorder = walked.house.recorder
    planted = {
        (path, name)
        for path, name, value in recorder.sent
        if walked.house.aviary.hits(value.encode())
    }

    assert len(recorder.shown) > 30
    assert recorder.shown - planted == set()


def test_every_route_was_walked(walked: Walked):
    assert list(planting.not_walked(walked.house)) == []


@pytest.mark.parametrize("place", RIGHTLY)
def test_where_somebody_rightly_is_the_search_finds_them(walked: Walked, place):
    _, look = RIGHTLY[place]

    assert walked.house.aviary.hits(look(walked.house))


@pytest.mark.parametrize("how", birds.every_way_of_writing(birds.text("ada")))
def test_a_canary_is_found_however_it_is_written(how):
    written = birds.every_way_of_writing(birds.text("ada"))[how]

    assert birds.Aviary().hits(written)


@pytest.mark.parametrize(
    "written",
    [
        *("+447700900140", "07700 900 140", "(07700) 900-140", "0044 7700.900140"),
        *("1913-02-27", "27 February 1913", "27/02/1913"),
    ],
)
def test_a_number_or_a_date_is_found_however_it_is_written(written):
    assert birds.Aviary().hits(f"x {written} y".encode())


def test_a_plain_digest_of_something_that_can_be_guessed_is_found():
    aviary = birds.Aviary(digested=[birds.PHONES[0]])
    digest = hashlib.sha256(birds.PHONES[0].encode())

    assert aviary.hits(b"x" + digest.digest())
    assert aviary.hits(digest.hexdigest().upper().encode())
    assert not aviary.hits(hashlib.sha256(b"nobody").digest())


def test_every_place_has_a_control():
    assert set(leaks.LEAKS) == set(PLACES)
    assert set(EARLY) <= set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_what_is_put_there_on_purpose_is_found(walked: Walked, place):
    """The same search, in the same place, after somebody was careless: else it shows nothing."""
    leaks.LEAKS[place](walked.house)

    eventually(lambda: walked.house.aviary.hits(PLACES[place](walked.house)))
