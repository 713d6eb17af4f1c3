"""Where time, ids and chance come from: the real world and the one tests make."""

from datetime import UTC, timedelta

from shared.plumbing.world import REAL
from tests.fixtures.clock import NOW, FixedWorld


def test_the_real_world_gives_utc_and_ids_in_order():
    first, second = REAL.new_id(), REAL.new_id()

    assert REAL.now().tzinfo is UTC
    assert first.version == second.version == 7
    assert first < second


def test_a_fixed_world_replays_identically():
    def story(world: FixedWorld) -> list[object]:
        told = [world.new_id(), world.now(), world.chance.random()]
        world.advance(timedelta(days=1))
        return [*told, world.new_id(), world.now()]

    assert story(FixedWorld(seed=7)) == story(FixedWorld(seed=7))
    assert story(FixedWorld(seed=7)) != story(FixedWorld(seed=8))


def test_the_ids_of_a_fixed_world_are_as_good_as_real_ones():
    world = FixedWorld()
    ids = []
    for _ in range(50):
        ids += [world.new_id() for _ in range(50)]
        world.advance(timedelta(milliseconds=1))

    assert ids == sorted(set(ids))
    assert {each.version for each in ids} == {7}
    assert ids[0].int >> 80 == int(NOW.timestamp() * 1000)
