"""The key with which a service signs its audit: made once, kept to itself, never replaced."""

import os
import stat

import pytest

from shared.plumbing.audit.keys import (
    is_signed,
    make_key,
    public_keys,
    signing_key,
)
from shared.plumbing.settings import CannotStart


def test_a_missing_key_is_made_where_that_is_allowed_and_stays(tmp_path):
    first = signing_key(tmp_path / "keys", "shop", make=True)
    second = signing_key(tmp_path / "keys", "shop", make=True)

    assert first.id == second.id
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {"shop.audit.key": 0o400, "shop.audit.pub": 0o644}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_missing_key_is_not_made_where_somebody_may_have_lost_it(tmp_path):
    with pytest.raises(CannotStart, match=r"is not in .*: put it back"):
        signing_key(tmp_path, "shop", make=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o620, 0o444])
def test_a_key_that_others_can_read_or_write_is_refused(tmp_path, mode):
    make_key(tmp_path, "shop")
    (tmp_path / "shop.audit.key").chmod(mode)

    with pytest.raises(CannotStart, match=r"Others can read the key .*chmod 0400"):
        signing_key(tmp_path, "shop", make=True)


@pytest.mark.parametrize("text", ["", "nonsense", "00" * 31, "00" * 33])
def test_what_is_no_key_is_refused_and_left_alone(tmp_path, text):
    path = tmp_path / "shop.audit.key"
    path.touch(mode=0o600)
    path.write_text(text)

    with pytest.raises(CannotStart, match="it is no key"):
        signing_key(tmp_path, "shop", make=True)

    assert path.read_text() == text


def test_the_public_halves_of_all_keys_there_ever_were_stay(tmp_path):
    old = signing_key(tmp_path, "shop", make=True)
    os.unlink(tmp_path / "shop.audit.key")
    new = signing_key(tmp_path, "shop", make=True)
    publics = public_keys(tmp_path, "shop")

    assert set(publics) == {old.id, new.id}
    assert is_signed(publics, old.id, old.sign(b"head"), b"head")
    assert not is_signed(publics, old.id, new.sign(b"head"), b"head")
    assert not is_signed(publics, "unknown", new.sign(b"head"), b"head")


def test_two_that_start_at_once_end_with_one_key(tmp_path):
    assert (make_key(tmp_path, "shop"), make_key(tmp_path, "shop")) == (True, False)
    assert [path.name for path in tmp_path.iterdir()] == ["shop.audit.key"]


def test_a_key_is_never_shown_by_accident(tmp_path):
    key = signing_key(tmp_path, "shop", make=True)

    assert (tmp_path / "shop.audit.key").read_text().strip() not in repr(key)
