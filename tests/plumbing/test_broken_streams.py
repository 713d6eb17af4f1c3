"""A broker that lost its disk, or got an older one: readers miss nothing and do nothing twice."""

import os
from pathlib import Path

from shared.plumbing.health import Ailment
from shared.plumbing.outbox import Relay
from shared.plumbing.probes import probe_stream
from tests.plumbing.house import BAKERY, SHOP, a_house, services, shelf, shop_hearing, until
from tests.plumbing.mischief import at_work, copied, put_back
from tests.plumbing.stream import running


async def well(bakery, bus) -> None:
    """Wait until the stream holds, for a service of its own user, all that was told."""

    async def whole() -> bool:
        ailments: list[Ailment] = [*await probe_stream(bakery.store, bus.publisher)]
        return not (ailments or await bus.ailments() or await bakery.unsent())

    await until(whole)


async def shelved(shop, how_many: int) -> list[int]:
    async def there() -> bool:
        return len(await shelf(shop)) >= how_many

    await until(there)
    return await shelf(shop)


async def test_a_broker_put_back_from_an_older_copy_is_brought_up_to_date(
    parley_broker, sqlite_store, any_store, tmp_path: Path
):
    hearing, shop = shop_hearing(), await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("bakery", store := await any_store(BAKERY))
        reader = await house.bus("shop", shop, hearing)
        bakery = at_work(store, bus)
        await bakery.tell(1, 2, 3)
        await shelved(shop, 3)
        copy = await copied(house.broker, tmp_path / "copy")
        await well(bakery, bus)
        await bakery.tell(4, 5, 6)
        await shelved(shop, 6)
        await reader.stop()
        await bakery.tell(7)

        await put_back(house.broker, copy)
        async with running(Relay(bakery.store, bus.publisher)):
            await well(bakery, bus)
            await bakery.record(8)
            await house.bus("shop", shop, hearing)

            assert await shelved(shop, 8) == [*range(1, 9)]
        assert await bakery.held() == [*range(1, 9)]
        assert (await bakery.reconciler.reconcile()).is_equal


async def test_places_given_twice_after_an_older_copy_hide_nothing(
    parley_broker, sqlite_store, any_store, tmp_path: Path
):
    """New events were told into the older copy before anybody compared."""
    async with a_house(await parley_broker(services(shop_hearing()))) as house:
        bus = await house.bus("bakery", store := await any_store(BAKERY))
        bakery = at_work(store, bus)
        await bakery.tell(1, 2, 3)
        copy = await copied(house.broker, tmp_path / "copy")
        await well(bakery, bus)
        await bakery.tell(4, 5)
        await put_back(house.broker, copy)

        async def connected() -> bool:
            return not await bus.ailments()

        await until(connected)
        await bakery.tell(6, 7, 8)  # in the places that 4 and 5 had
        assert await bakery.held() == [1, 2, 3, 6, 7, 8]

        report = await bakery.reconciler.reconcile()
        await bakery.relay.publish_waiting()

        assert report.missing == 2
        assert await bakery.held() == [1, 2, 3, 6, 7, 8, 4, 5]


async def test_a_stream_whose_file_was_cut_short_is_told_its_end_again(parley_broker, sqlite_store):
    """As a disk does that lied about having written; its readers had come further."""
    hearing, shop = shop_hearing(), await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("bakery", store := await sqlite_store(BAKERY))
        await house.bus("shop", shop, hearing)
        bakery = at_work(store, bus)
        await bakery.tell(*range(1, 11))
        await shelved(shop, 10)

        await house.broker.kill()
        cut_short(house.broker.folder / "nats" / "jetstream")
        await house.broker.start_again()
        await house.broker.ensure()

        async def connected() -> bool:
            return not await bus.ailments()

        await until(connected)
        left = await bakery.held()
        async with running(Relay(bakery.store, bus.publisher)):
            await well(bakery, bus)
            await bakery.record(11)

            assert await shelved(shop, 11) == [*range(1, 12)]
        assert 0 < len(left) < 10
        assert await bakery.held() == [*range(1, 12)]
        assert await shelf(shop) == [*range(1, 12)]


def cut_short(folder: Path) -> None:
    """Cut the bakery's file of events in the middle, and take away what the server noted of it."""
    (block,) = [path for path in folder.rglob("*.blk") if "/bakery/msgs" in str(path)]
    os.truncate(block, block.stat().st_size // 2)
    for noted in block.parent.glob("index.db"):
        noted.unlink()
