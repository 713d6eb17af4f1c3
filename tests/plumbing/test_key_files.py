"""The key file: whole, its owner's alone, and read again as soon as it changes."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.plumbing.sealing import keyfile
from shared.plumbing.sealing.keyring import Keyring, Kind, keyring_of
from shared.plumbing.sealing.trouble import KeysAway
from shared.plumbing.sealing.wrapping import FileWrapper
from shared.plumbing.settings import Settings

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PERSON = UUID(int=7)


@pytest.fixture
def path(tmp_path):
    path = keyfile.path_of(tmp_path / "keys", "referral")
    keyfile.save(path, keyfile.made("referral", NOW))
    return path


def refusal(path, **more) -> KeysAway:
    with pytest.raises(KeysAway) as why:
        keyfile.load(path, "referral", **more)
    return why.value


def test_a_key_file_is_read_back_as_it_was_written_and_is_its_owners_alone(path):
    keys = keyfile.load(path, "referral")

    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keyfile.written(keys) == path.read_text()
    assert [one.made_at for one in keys.keys] == [NOW]


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o444, 0o604, 0o420, 0o401])
def test_a_key_file_that_others_may_touch_is_refused(path, mode):
    path.chmod(mode)

    why = refusal(path)

    assert why.code == "keys_refused"
    assert "can be read by others" in why.hint
    assert str(path) not in str(why)


def test_a_key_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    why = refusal(tmp_path / "referral.keys")

    assert why.code == "keys_missing"
    assert "parley init" in why.hint


def test_a_key_file_on_the_volume_of_the_store_is_refused_in_production_alone(path, tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/referral.db"
    told = {"keys": path.parent, "database_url": url}
    production = Settings(environment="production", **told)
    store = keyring_of(production, "referral", _url(url))

    assert store.trouble().code == "keys_refused"
    assert "same volume" in store.trouble().hint
    assert keyring_of(Settings(**told), "referral", _url(url)).trouble() is None


def _url(text):
    from sqlalchemy.engine import make_url

    return make_url(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found | {"parley-keys": 2},
        lambda found: found | {"keys": []},
        lambda found: found | {"keys": [found["keys"][0] | {"secret": "00" * 32}]},
        lambda found: found | {"keys": [found["keys"][0] | {"secret": "00" * 16}]},
        lambda found: found | {"keys": [found["keys"][0] | {"made_at": "2026-05-01"}]},
        lambda found: found | {"index": None},
        lambda found: found | {"index": {"check": "00000000", "secret": "00" * 32}},
        lambda found: [found],
        lambda found: {},
    ],
)
def test_a_key_file_that_is_not_whole_is_refused(path, change):
    found = json.loads(path.read_text())
    path.chmod(0o600)
    path.write_text(json.dumps(change(found)))

    why = refusal(path)

    assert why.code == "keys_refused"
    assert "not a whole key file" in why.hint


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[" * 100_000, b"{" + b" " * 70_000, b"null"])
def test_a_key_file_of_noise_is_refused(path, text):
    path.chmod(0o600)
    path.write_bytes(text)

    assert refusal(path).code == "keys_refused"


def test_the_key_file_of_another_service_is_refused(path, tmp_path):
    other = tmp_path / "other.keys"
    keyfile.save(other, keyfile.made("scheduling", NOW))

    assert "another service" in refusal(other).hint


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "referral.keys").mkdir()

    assert refusal(tmp_path / "referral.keys").code in ("keys_refused", "keys_missing")


def test_a_running_service_takes_up_a_new_key_without_a_restart(path):
    ring = Keyring("referral", FileWrapper(path, "referral"))
    before = ring.new(PERSON, Kind.PERSON)
    rotated = keyfile.load(path, "referral").rotated(NOW + timedelta(days=1))

    keyfile.save(path, rotated)
    after = ring.new(PERSON, Kind.PERSON)

    assert (before.kid, after.kid) == (rotated.keys[1].kid, rotated.keys[0].kid)
    for one in (before, after):
        assert Keyring("referral", FileWrapper(path, "referral")).unwrap(
            PERSON, Kind.PERSON, one.wrapped
        )


def test_a_running_service_stops_at_a_key_file_that_goes_bad_and_goes_on_when_it_is_back(path):
    ring = Keyring("referral", FileWrapper(path, "referral"))
    ring.new(PERSON, Kind.PERSON)

    path.chmod(0o644)
    with pytest.raises(KeysAway):
        ring.new(PERSON, Kind.PERSON)
    os.rename(path, path.with_name("away"))
    with pytest.raises(KeysAway):
        ring.new(PERSON, Kind.PERSON)
    os.rename(path.with_name("away"), path)
    path.chmod(0o400)

    assert ring.new(PERSON, Kind.PERSON)


def test_a_file_that_was_being_written_when_the_power_went_is_not_taken_for_the_file(path):
    path.with_name(f".{path.name}.1.new").write_text("half")

    assert keyfile.load(path, "referral")
