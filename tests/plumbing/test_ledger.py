"""The file of what no store may forget: only added to, whole lines, and never trusted blindly."""

import stat
from datetime import date
from uuid import UUID

import pytest

from shared.plumbing.ledger import Ledger, Line, NotWrittenDown
from shared.plumbing.settings import CannotStart, Settings

DAY = date(2026, 3, 2)
ONE, OTHER, THIRD = (Line(UUID(int=number), DAY, "request") for number in (1, 2, 3))


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger(tmp_path / "elsewhere" / "ledger")


def test_what_was_added_is_read_in_its_order_by_whoever_opens_it_next(ledger):
    ledger.append([ONE])
    ledger.append([OTHER, THIRD])

    assert Ledger(ledger.path).read() == [ONE, OTHER, THIRD]


def test_before_anything_was_written_there_is_nothing_and_no_file(ledger):
    ledger.append([])

    assert ledger.read() == []
    assert not ledger.path.exists()


def test_nobody_but_its_owner_can_read_it(ledger):
    ledger.append([ONE])

    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("left", [1, 20, 60])
def test_a_line_that_a_power_cut_left_half_is_no_line_and_spoils_no_other(ledger, left):
    ledger.append([ONE, OTHER])
    whole = ledger.path.read_text()
    first = len(whole.split("\n")[0]) + 1
    ledger.path.write_text(whole[: first + left])
    assert ledger.read() == [ONE]

    ledger.append([THIRD])

    assert ledger.read() == [ONE, THIRD]


def test_a_line_that_was_changed_is_noticed_and_not_taken(ledger):
    ledger.append([ONE, OTHER])
    ledger.path.write_text(ledger.path.read_text().replace("2026", "2027", 1))

    with pytest.raises(CannotStart, match="was changed"):
        ledger.read()


@pytest.mark.parametrize("bytes_", [b"\xff\xfe\n", b"nothing of ours\n", b"a b c d\n"])
def test_what_is_no_ledger_is_refused_in_one_sentence(ledger, bytes_):
    ledger.path.parent.mkdir()
    ledger.path.write_bytes(bytes_)

    with pytest.raises(CannotStart):
        ledger.read()


def test_where_it_cannot_be_written_that_is_said_and_nothing_else_is_done(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(NotWrittenDown):
        Ledger(tmp_path / "file" / "ledger").append([ONE])


def test_only_coded_words_get_in():
    with pytest.raises(ValueError, match="coded"):
        Line(UUID(int=1), DAY, "Sam Example")


def test_it_lies_beside_the_folder_of_the_keys_unless_said_otherwise(tmp_path):
    assert Settings(keys=tmp_path / "keys").ledger_file == tmp_path / "erased.ledger"
    assert Settings(ledger=tmp_path / "there").ledger_file == tmp_path / "there"
