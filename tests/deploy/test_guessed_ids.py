"""A25: whoever guesses the id of an event to come cannot take its place in the stream."""

from itertools import pairwise
from uuid import uuid4

import nats.errors
import pytest

from shared.contracts.catalogue import SERVICES
from shared.plumbing.world import REAL

RANDOM_BITS = 74
"""Of a UUIDv7: all but the time, the version and the variant (RFC 9562)."""


def chance_in(one) -> int:
    """The part of an id that is no time and no version."""
    return (one.int & ((1 << 62) - 1)) | (((one.int >> 64) & 0xFFF) << 62)


def test_a25_ids_of_events_cannot_be_guessed_from_those_before():
    drawn = [REAL.new_id() for _ in range(2000)]

    assert {one.version for one in drawn} == {7}
    assert len({chance_in(one) & 0xFFFFFFFF for one in drawn}) > 1990, "no counter, no clock"
    steps = {abs(chance_in(a) - chance_in(b)) for a, b in pairwise(drawn)}
    assert len(steps) > 1990
    ones = sum(chance_in(one).bit_count() for one in drawn) / len(drawn)
    assert RANDOM_BITS * 0.3 < ones < RANDOM_BITS * 0.7


@pytest.mark.parametrize("stranger", [one for one in SERVICES if one != "referral"])
async def test_a25_nobody_can_publish_an_event_of_another_before_it_does(deployment, stranger):
    """JetStream drops a second message with an id it has seen: a stranger must not be first."""
    guessed = str(uuid4())

    async with deployment.at(stranger) as client:
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await client.jetstream().publish(
                "referral.area_named.v1", b"{}", headers={"Nats-Msg-Id": guessed}, timeout=1
            )

    async with deployment.at("deploy") as client:
        assert (await client.jetstream().stream_info("referral")).state.messages == 0
    async with deployment.at("referral") as client:
        first = await client.jetstream().publish(
            "referral.area_named.v1", b"{}", headers={"Nats-Msg-Id": guessed}
        )
    assert not first.duplicate, "what the stranger sent has left no trace of its id"
