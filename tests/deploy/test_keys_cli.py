"""`parley init` and `parley keys`, on stores made by the real migrations."""

import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.home import Home
from deploy.parts import blueprints
from deploy.upkeep import keys as upkeep
from deploy.upkeep.where import Where
from shared.plumbing import migrations
from shared.plumbing.sealing import keyfile, keys
from shared.plumbing.sealing.keyring import Kind
from shared.plumbing.settings import CannotStart, Settings

PEOPLE = [UUID(int=number) for number in range(1, 30)]
LATER = timedelta(minutes=11)


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = Home(tmp_path / "var")
    home.make()
    monkeypatch.setenv("PARLEY_VAR", str(home.root))
    monkeypatch.delenv("PARLEY_KEYS")
    return home


@pytest.fixture
def parley(home):
    return lambda *words: CliRunner().invoke(app, words)


def where(home):
    return Where(Settings(var=home.root))


async def _stores(home):
    for service in blueprints():
        await migrations.upgrade(home.store_url(service), service)
    async with where(home).store(blueprints()["referral"]) as store, store.transaction() as session:
        for person in PEOPLE:
            await keys.new(session, person, Kind.PERSON)


async def _readable(home):
    async with where(home).store(blueprints()["referral"]) as store, store.reading() as session:
        return set((await keys.of_all(session, PEOPLE)).values()) != {None}


def kids(home, service="referral"):
    found = json.loads(keyfile.path_of(home.sealing, service).read_text())
    return [one["kid"] for one in found["keys"]]


def test_init_makes_the_key_files_and_shows_what_to_keep_of_them_once(parley, home):
    first = parley("init")
    again = parley("init")

    assert (first.exit_code, again.exit_code) == (0, 0)
    for service in blueprints():
        path = keyfile.path_of(home.sealing, service)
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        assert path.read_text() in first.output
    assert "RECOVERY SHEET" in first.output
    assert "This was done before" in again.output
    assert "secret" not in again.output


def test_what_the_recovery_sheet_shows_can_be_typed_in_again(parley, home, tmp_path):
    shown = parley("init").output
    sheets = [one for one in shown.split("-" * 78) if '"service": "referral"' in one]
    [sheet] = sheets
    typed = tmp_path / "typed.keys"
    typed.write_text(" ".join(sheet.split()))
    typed.chmod(0o400)

    kept = keyfile.load(keyfile.path_of(home.sealing, "referral"), "referral")
    assert keyfile.load(typed, "referral") == kept


def test_new_keys_are_not_made_for_a_store_that_was_sealed_with_others(parley, home):
    parley("init")
    asyncio.run(_stores(home))
    keyfile.path_of(home.sealing, "referral").unlink()

    said = parley("init")

    assert said.exit_code == 1
    assert "put back the file" in said.output
    assert not keyfile.path_of(home.sealing, "referral").exists()


def test_a_rotation_wraps_everything_anew_and_says_when_the_old_key_can_go(parley, home):
    parley("init")
    asyncio.run(_stores(home))
    [old] = kids(home)

    said = parley("keys", "rotate")

    assert said.exit_code == 0, said.output
    assert kids(home)[1:] == [old]
    assert f"referral: {len(PEOPLE)} keys were wrapped" in said.output
    assert f"nothing uses the key {old} any more" in said.output
    assert asyncio.run(_readable(home))
    again = parley("keys", "rewrap")
    assert "referral: 0 keys were wrapped" in again.output


def test_an_old_key_goes_only_when_nothing_can_need_it_any_more(parley, home):
    parley("init")
    asyncio.run(_stores(home))
    [old] = kids(home)
    now = datetime.now(UTC)

    def retire(kid, at):
        return asyncio.run(upkeep.retire(where(home), bytes.fromhex(kid), at))

    with pytest.raises(CannotStart, match="newest key"):
        retire(old, now)
    assert asyncio.run(upkeep.rotate(where(home), "referral", now))
    with pytest.raises(CannotStart, match="still in use"):
        retire(old, now + LATER)
    assert asyncio.run(upkeep.rotate(where(home), "referral", now)) is None
    parley("keys", "rewrap")
    assert "ten minutes" in parley("keys", "retire", old).output
    assert retire(old, now + LATER) == "referral"
    assert old not in kids(home)
    assert asyncio.run(_readable(home))


@pytest.mark.parametrize(
    ("mark", "said"), [("zz", "eight characters"), ("00000000", "No key file holds")]
)
def test_a_mark_that_is_none_is_refused_in_words(parley, mark, said):
    parley("init")

    refused = parley("keys", "retire", mark)

    assert (refused.exit_code, said in refused.output) == (1, True)


def test_keys_nobody_made_yet_are_said_to_be_missing(parley):
    for words in (("keys", "rotate"), ("keys", "rewrap")):
        said = parley(*words)
        assert said.exit_code == 1
        assert "parley init" in said.output


def test_keys_that_cannot_unwrap_a_store_are_said_at_the_end_of_a_rewrap(parley, home):
    parley("init")
    asyncio.run(_stores(home))
    path = keyfile.path_of(home.sealing, "referral")
    keyfile.save(path, keyfile.made("referral", datetime.now(UTC)))

    said = parley("keys", "rewrap")

    assert said.exit_code == 1
    assert f"{len(PEOPLE)} keys were wrapped with a key that is not in the file" in said.output
