"""Every row can be measured, however little a few rounds prove; no speed is asserted here."""

import json

import pytest

from tests.bench import table
from tests.bench.figures import Row, alternately, at_least, at_most, percentile
from tests.bench.ground import a_ground
from tests.bench.rows import ROWS
from tests.fixtures import backends


@pytest.fixture
def postgres_if_here(request):
    """PostgreSQL where there is one; the end of the run says where there is none."""
    from tests.fixtures import postgres

    try:
        running = postgres.start()
    except postgres.NotHere as why:
        backends.could_not_run("the rows of the benchmark on PostgreSQL", str(why))
        running = None
    yield running
    if running is not None:
        running.stop()


@pytest.mark.parametrize("number", ROWS)
async def test_every_row_can_be_measured(number, postgres_if_here):
    path = ROWS[number]

    async with a_ground(postgres_if_here) as ground:
        rows = await path.measure(ground, **path.briefly)

    assert rows
    for row in rows:
        assert row.path.startswith(f"{number} ")
        assert row.ours > 0
        assert row.limit > 0


def test_a_figure_on_the_wrong_side_of_its_bar_is_missed():
    slow = Row("1 telling", ours=60, limit=100, bar=at_least(0.7), unit="/s")
    quick = Row("4 posting", ours=14, limit=10, bar=at_most(1.5), unit="ms")

    assert not slow.ok
    assert quick.ok
    assert table.line(slow).endswith("missed")
    assert not table.line(quick).endswith("missed")


def test_the_slowest_in_a_hundred_are_counted_from_the_slow_end():
    samples = [float(number) for number in range(1, 201)]

    assert percentile(samples, 50) == 100
    assert percentile(samples, 99) == 198
    assert percentile([7.0], 99) == 7.0


async def test_ours_and_the_limit_take_turns_after_a_round_that_does_not_count():
    order: list[str] = []

    async def ours():
        order.append("ours")
        return [float(len(order))]

    async def limit():
        order.append("limit")
        return [float(len(order))]

    measured = await alternately(2, ours, limit)

    assert order == ["ours", "limit", "ours", "limit", "limit", "ours"]
    assert measured == ([3.0, 6.0], [4.0, 5.0])


def test_the_table_is_kept_for_programs_and_for_people(tmp_path):
    row = Row("1 telling", ours=80, limit=100, bar=at_least(0.7), unit="/s")
    where = table.machine(None)
    page = tmp_path / "bench.md"
    page.write_text(f"# Speed\n\n{table.BEGIN}\nold\n{table.END}\n\nHow to read it.\n")

    table.keep([row], where, tmp_path / "bench.json")
    table.write_page([row], where, page)

    kept = json.loads((tmp_path / "bench.json").read_text())
    assert kept["rows"] == [
        {
            **{"path": "1 telling", "ours": 80, "limit": 100, "ratio": 0.8},
            **{"bar": "≥ 0.7", "ok": True, "unit": "/s"},
        }
    ]
    assert kept["cores"] >= 1
    assert "| 1 telling | 80.00 | 100 | /s | 0.80 | ≥ 0.7 |" in page.read_text()
    assert "old" not in page.read_text()
    assert page.read_text().endswith("How to read it.\n")
