"""F38, A20: a store without its keys, or with others, says nothing about anybody and goes on."""

import asyncio
import os
from pathlib import Path

import pytest

from services.referral import store
from services.referral.domain.erasure import Basis, Erasure
from services.referral.store.people import PERSON
from shared.plumbing import parked
from shared.plumbing.columns import Blob
from shared.plumbing.database import Database
from shared.plumbing.sealing import keyfile
from shared.plumbing.sealing.keyring import keyring_of
from shared.plumbing.sealing.trouble import KeysAway
from shared.plumbing.settings import Settings
from tests.fixtures import keys
from tests.fixtures.clock import NOW
from tests.referral.builders import a_newcomer, some_id
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.door import at_the_door
from tests.referral.standing import MANAGER
from tests.referral.web import case_path, visiting

CANARY = "Zebedee Canary"
CANNOT = "This cannot be shown:"


@pytest.fixture
async def told(database):
    """A case of somebody whose name would be noticed anywhere."""
    return await an_open_case(database, sam=a_newcomer(CANARY), kim=a_newcomer(CANARY))


async def ailments(visit):
    answer = await visit.get("/referral/health/ready")
    return {one["code"] for one in answer.json()["ailments"]}


def others(folder: Path) -> Path:
    """Key files that are whole, and not those the store was sealed with."""
    keyfile.save(keyfile.path_of(folder, "referral"), keyfile.made("referral", NOW))
    return folder


def open_to_others(folder: Path) -> Path:
    path = keyfile.path_of(folder, "referral")
    keyfile.save(path, keys.keys_for("referral"))
    path.chmod(0o644)
    return folder


@pytest.mark.parametrize(
    ("away", "code", "why"),
    [
        (lambda folder: folder, "keys_missing", "the keys of this service are missing"),
        (others, "keys_wrong", "it was sealed with a key this service does not have"),
        (
            open_to_others,
            "keys_refused",
            "the key file of this service is refused",
        ),
    ],
)
async def test_f38_with_missing_wrong_or_open_keys_what_is_personal_is_refused_and_the_rest_goes_on(
    database, told, tmp_path, away, code, why
):
    before = await a_waiting_referral(database, 77, a_newcomer(CANARY))
    folder = away(tmp_path / "keys")
    async with visiting(database, as_staff=MANAGER, keys=folder) as visit:
        listed = await visit.get("/referral/cases")
        case = await visit.get(case_path(told.referral_id))
        areas = await visit.get("/referral/areas")
        found = await visit.post("/referral/people", {"email": "sam@example.org"})
        ready = await ailments(visit)
        async with asyncio.timeout(20):
            while code not in ready:  # health looks at the keys now and then
                await asyncio.sleep(0.1)
                ready = await ailments(visit)

    assert code in ready
    assert listed.status_code == areas.status_code == 200
    assert f"{CANNOT} " in listed.text
    assert before.reference in listed.text
    assert case.status_code == 503
    assert f"{CANNOT} {why}" in case.text
    assert found.status_code == 503
    for page in (listed, case, areas, found):
        assert CANARY not in page.text


async def test_f38_without_keys_the_form_is_refused_and_nothing_is_written(
    sqlite_database, tmp_path
):
    database = await sqlite_database()
    async with visiting(database) as visit:
        last = await visit.answered()
    async with visiting(database, keys=tmp_path) as visit:
        page = await visit.answered()
        answer = await visit.send(page, {}, number=1)

    assert last.status_code == 200
    assert answer.status_code == 503
    assert "was not stored" in answer.text
    assert b"sam@example.org" not in raw(database)
    async with database.reading() as session:
        everything = store.reach.referrals(MANAGER, session.now())
        listed, _ = await store.intake.page(session, store.intake.Tab.WAITING, 1, 25, everything)
    assert listed == []


async def test_f38_without_keys_nobody_with_a_code_gets_in_and_known_and_unknown_see_the_same(
    database, tmp_path
):
    async with at_the_door(database) as door:
        who = await door.set_up()
    async with at_the_door(database, keys=tmp_path) as door:
        wrong = [
            (await door.password(email, "not the password")).status_code
            for email in (who.email, "nobody@parley.example")
        ]
        refused = await door.sign_in(who)
        stayed = await door.browser.get("/referral/cases")

    assert wrong == [422, 422]
    assert refused.status_code == 503
    assert "Sign-in is unavailable" in refused.text
    assert stayed.headers["location"].startswith("/referral/sign-in")


async def test_f38_with_the_wrong_keys_nothing_new_is_sealed_with_them(database, told, tmp_path):
    async with visiting(database, keys=others(tmp_path / "keys")) as visit:
        app = visit.browser._transport.app
        assert await ailments(visit) >= {"keys_wrong"}  # as the start finds out
        with pytest.raises(KeysAway, match="a key this service does not have"):
            await a_waiting_referral(app.state.service.database, 5)
        async with app.state.service.database.reading() as session:
            assert not await store.people.exists(session, some_id(5))
    assert await a_waiting_referral(database, 6)


async def test_f38_keys_swapped_under_a_running_service_seal_nothing(sqlite_database, tmp_path):
    database = await sqlite_database()
    path = keyfile.path_of(tmp_path, "referral")
    keyfile.save(path, keys.keys_for("referral"))
    async with visiting(database, keys=tmp_path) as visit:
        running = visit.browser._transport.app.state.service.database
        await a_waiting_referral(running, 1)
        keyfile.save(path, keyfile.made("referral", NOW))
        with pytest.raises(KeysAway):
            await a_waiting_referral(running, 2)
        keyfile.save(path, keys.keys_for("referral"))
        assert await a_waiting_referral(running, 3)


async def test_f38_a_key_file_that_is_put_back_is_used_without_a_restart(sqlite_database, tmp_path):
    database = await sqlite_database()
    referral = await a_waiting_referral(database, 1, a_newcomer(CANARY))
    async with visiting(database, keys=tmp_path) as visit:
        refused = await visit.get(case_path(referral.id))
        keyfile.save(keyfile.path_of(tmp_path, "referral"), keys.keys_for("referral"))
        shown = await visit.get(case_path(referral.id))

    assert (refused.status_code, shown.status_code) == (503, 200)
    assert CANARY in shown.text


async def test_one_damaged_name_hides_no_other_and_does_not_break_the_list(database):
    damaged = await a_waiting_referral(database, 1, a_newcomer(CANARY))
    await a_waiting_referral(database, 2, a_newcomer("Kim Whole"))
    async with database.transaction() as session:
        this = PERSON.update().where(PERSON.c.id == damaged.person_id)
        await session.execute(this.values(name=Blob(b"\x01" + os.urandom(60))))

    async with visiting(database) as visit:
        listed = await visit.get("/referral/cases")
        case = await visit.get(case_path(damaged.id))

    assert listed.status_code == 200
    assert "Kim Whole" in listed.text
    assert f"{CANNOT} what is stored here was changed or moved." in listed.text
    assert (case.status_code, CANARY in case.text) == (503, False)


async def test_names_that_two_people_of_one_store_swapped_do_not_open(database):
    one = await a_waiting_referral(database, 1, a_newcomer(CANARY))
    other = await a_waiting_referral(database, 2, a_newcomer("Kim Whole"))
    async with database.transaction() as session:
        rows = (await session.execute(PERSON.select())).all()
        names = {row.id: row.name for row in rows}
        for to, of in ((one, other), (other, one)):
            this = PERSON.update().where(PERSON.c.id == to.person_id)
            await session.execute(this.values(name=names[of.person_id]))

    async with visiting(database) as visit:
        listed = await visit.get("/referral/cases")

    assert listed.text.count(CANNOT) == 2
    assert CANARY not in listed.text


def raw(database: Database) -> bytes:
    path = Path(str(database.url.database))
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


async def test_a20_a_copy_of_a_store_without_its_keys_holds_nothing_about_anybody(
    sqlite_database, tmp_path
):
    database = await sqlite_database()
    newcomer = a_newcomer(CANARY)
    referral = await a_waiting_referral(database, 1, newcomer)
    async with database.transaction() as session:
        body = f'{{"name": "{CANARY}"}}'.encode()
        headers = {"x": CANARY}
        parked_id = await parked.park(session, "r", headers, body, "a.b.v1", 1, "E")
        await parked.ask_discard(session, parked_id, f"{CANARY} said so")

    found = raw(database)
    canaries = (CANARY, "Zebedee", "sam@example.org", "example.org", "said so")
    assert [one for one in canaries if one.encode() in found] == []
    copy = keyring_of(Settings(keys=tmp_path), "referral", database.url)
    without = Database(database.url, database.schema, keyring=copy)
    async with without.reading() as session:
        with pytest.raises(KeysAway, match="the keys of this service are missing"):
            await store.people.find(session, referral.person_id)
    await without.close()


async def test_a20_a_backup_that_left_the_keys_out_is_told_from_one_whose_people_were_erased(
    database, told
):
    async with database.transaction() as session:
        await session.execute(database.schema.tables.sealed_key.delete())

    async with visiting(database) as visit:
        case = await visit.get(case_path(told.referral_id))

    assert case.status_code == 503
    assert f"{CANNOT} its key is not in the store" in case.text
    assert "Erased" not in case.text


async def test_somebody_erased_is_shown_as_erased_and_cannot_be_changed_back(database, told):
    async with database.transaction() as session:
        await store.erasures.erase(session, Erasure(told.sam, NOW.date(), Basis.REQUEST))

    async with visiting(database) as visit:
        case = await visit.get(case_path(told.referral_id))
        listed = await visit.get("/referral/cases?tab=open")
        page = await visit.get(f"{case_path(told.referral_id)}/people/{told.sam}/safe-contact")
        filled = {"name": "Back Again", "ways": ["email"], "email": "back@example.org"}
        more = {"safe_when": "any", "who_else": "nobody", "because": "They came back."}
        changed = await visit.send(page, {**filled, **more})

    assert (case.status_code, listed.status_code, page.status_code) == (200, 200, 200)
    assert "Erased person" in case.text
    assert "Erased person" in listed.text
    assert changed.status_code == 409
    async with database.reading() as session:
        person = await store.people.find(session, told.sam)
        assert person.name == "Erased person"
        assert await store.people.contact_of(session, told.sam) is None


async def test_a20_keys_from_an_older_backup_than_the_store_open_nothing_that_came_later(
    sqlite_database, tmp_path
):
    """The file was put back as it was before the last rotation, and the store was not."""
    database = await sqlite_database()
    older = keys.keys_for("referral")
    now, path = older.rotated(NOW), keyfile.path_of(tmp_path, "referral")
    keyfile.save(path, now)
    async with visiting(database, keys=tmp_path) as visit:
        running = visit.browser._transport.app.state.service.database
        referral = await a_waiting_referral(running, 1, a_newcomer(CANARY))
    keyfile.save(path, older)
    async with visiting(database, keys=tmp_path) as visit:
        running = visit.browser._transport.app.state.service.database
        ready = await ailments(visit)
        refused = await visit.get(case_path(referral.id))
        listed = await visit.get("/referral/cases")
        with pytest.raises(KeysAway):
            await a_waiting_referral(running, 2)
        keyfile.save(path, now)
        shown = await visit.get(case_path(referral.id))

    assert "keys_wrong" in ready
    assert (refused.status_code, listed.status_code, shown.status_code) == (503, 200, 200)
    assert f"{CANNOT} " in refused.text
    assert CANARY not in refused.text + listed.text
    assert CANARY in shown.text
