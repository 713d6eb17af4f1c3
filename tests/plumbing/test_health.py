import asyncio

import pytest

from shared.plumbing import health
from shared.plumbing.health import Health, ailment


class Clock:
    """A clock that stands still until it is moved."""

    time = 100.0

    def __call__(self) -> float:
        return self.time


async def test_a_service_with_nothing_wrong_is_ready():
    async def fine():
        return []

    assert await Health({"database": fine}).ailments() == ()


async def test_every_ailment_is_told_with_what_to_do():
    async def parked():
        return [ailment("events_parked", "2")]

    async def old():
        return [ailment("outbox_old", "7")]

    found = await Health({"one": parked, "two": old}).ailments()

    assert [one.code for one in found] == ["events_parked", "outbox_old"]
    assert all(one.what_to_do.endswith(".") for one in found)


async def test_a_probe_that_raises_says_its_part_is_gone_and_not_why():
    async def broken():
        raise ConnectionError("postgres://parley:secret@db")

    (found,) = await Health({"database": broken}).ailments()

    assert found.code == "database_gone"
    assert "secret" not in str(found)


async def test_a_probe_that_hangs_counts_as_gone(monkeypatch):
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.05)

    async def hanging():
        await asyncio.sleep(60)

    found = await asyncio.wait_for(Health({"broker": hanging}).ailments(), 1)

    assert [one.code for one in found] == ["broker_gone"]


async def test_an_answer_is_given_again_for_a_second_and_no_longer():
    asked = []

    async def probe():
        asked.append(1)
        return []

    clock = Clock()
    watched = Health({"one": probe}, now=clock)
    await asyncio.gather(*(watched.ailments() for _ in range(50)))
    assert len(asked) == 1

    clock.time += 0.99
    await watched.ailments()
    assert len(asked) == 1

    clock.time += 0.01
    await watched.ailments()
    assert len(asked) == 2


@pytest.mark.parametrize("code", health.SENTENCES)
def test_every_ailment_there_is_says_what_to_do_in_a_sentence(code):
    sentence = health.SENTENCES[code]

    assert sentence[0].isupper()
    assert sentence.endswith(".")
