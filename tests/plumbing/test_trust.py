"""Keys, tokens and permissions: made once, kept, changed with the code."""

import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta

import pytest

from shared.plumbing.connection import NatsRefuses, connected
from shared.plumbing.hearing import Hearing
from shared.plumbing.tokens import Key, claims_of, from_credentials, says_the_same, token
from shared.plumbing.trust import EVERYTHING, Permissions, establish, permissions_for
from tests.plumbing.house import (
    PriceWanted,
    one_penny,
    shop_hearing,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_what_a_service_may_do_is_worked_out_from_what_it_says():
    hearing = shop_hearing(answerer=one_penny)

    allowed = permissions_for("shop", hearing, [PriceWanted])

    assert set(allowed.publish) == {
        "shop.>",
        "audit.shop.head.v1",
        "ask.shop.price.v1",
        "$JS.API.STREAM.INFO.shop",
        "$JS.API.STREAM.MSG.GET.shop",
        "$JS.API.CONSUMER.INFO.bakery.shop-bakery",
        "$JS.API.CONSUMER.MSG.NEXT.bakery.shop-bakery",
        "$JS.ACK.bakery.shop-bakery.>",
    }
    assert set(allowed.subscribe) == {"_INBOX_shop.>", "ask.shop.price.v1"}
    assert allowed.answers
    assert not permissions_for("bakery", Hearing(), []).answers


def test_nobody_else_can_read_the_keys(tmp_path):
    establish(tmp_path / "keys", {"shop": EVERYTHING}, NOW)

    modes = {
        path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "keys").rglob("*")
    }
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600, 0o700}
    assert {name for name, mode in modes.items() if mode == 0o700} == {
        (tmp_path / "keys" / "users").relative_to(tmp_path)
    }


def test_a_second_start_changes_nothing(tmp_path):
    users = {"shop": Permissions(("shop.>",), ("_INBOX_shop.>",))}
    first = establish(tmp_path, users, NOW)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    second = establish(tmp_path, users, NOW + timedelta(days=1))

    assert second == first
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


def test_whose_permissions_changed_gets_a_new_token_for_the_same_key(tmp_path):
    users = {name: Permissions((f"{name}.>",), ()) for name in ("shop", "bakery")}
    first = establish(tmp_path, users, NOW)
    before = {name: from_credentials(first.creds(name).read_text()) for name in users}

    later = NOW + timedelta(hours=1)
    second = establish(tmp_path, users | {"shop": Permissions(("shop.>", "ask.x"), ())}, later)
    after = {name: from_credentials(second.creds(name).read_text()) for name in users}

    assert after["bakery"] == before["bakery"]
    assert after["shop"][1] == before["shop"][1]
    assert claims_of(after["shop"][0])["nats"]["pub"]["allow"] == ["ask.x", "shop.>"]
    (core,) = [jwt for jwt in second.accounts.values() if claims_of(jwt)["name"] == "core"]
    revoked = claims_of(core)["nats"]["revocations"][after["shop"][1].public]
    assert claims_of(before["shop"][0])["iat"] <= revoked < claims_of(after["shop"][0])["iat"]


async def test_credentials_of_a_service_there_is_no_more_are_void(parley_broker, tmp_path):
    broker = await parley_broker({"bakery": Hearing(), "shop": shop_hearing()})
    stolen = tmp_path / "stolen.creds"
    stolen.write_bytes(broker.creds("shop").read_bytes())
    async with connected("shop", broker.url, stolen):
        pass
    await broker.server.stop()
    await asyncio.sleep(1.1)  # tokens tell their age in whole seconds

    broker.services = {"bakery": Hearing()}
    await broker.start()

    assert not broker.creds("shop").exists()
    with pytest.raises(NatsRefuses):
        async with connected("shop", broker.url, stolen):
            pass
    async with broker.connect("bakery"):
        pass


async def test_an_account_can_be_added_while_the_server_runs(parley_broker):
    """Partners get accounts of their own: nobody has to be cut off for that."""
    broker = await parley_broker({"bakery": Hearing()})
    operator = Key((broker.trust.keys / "operator.seed").read_bytes().strip())
    partner = Key.new("account")
    limits = {"subs": -1, "data": -1, "payload": -1, "conn": -1, "wildcards": True}
    claims = {"type": "account", "limits": limits}
    account = token("partner", partner.public, operator, claims, datetime.now(UTC))

    async with broker.connect("bakery") as bakery, broker.connect("system") as system:
        reply = await system.request("$SYS.REQ.CLAIMS.UPDATE", account.encode(), timeout=2)

        assert json.loads(reply.data)["data"]["code"] == 200
        assert bakery.is_connected
        assert (await bakery.jetstream().stream_info("bakery")).config.name == "bakery"


def test_a_token_says_the_same_whenever_it_was_made():
    key = Key.new("account")
    one = token("shop", key.public, key, {"type": "user"}, NOW)
    later = token("shop", key.public, key, {"type": "user"}, NOW + timedelta(days=1))
    other = token("shop", key.public, key, {"type": "account"}, NOW)

    assert says_the_same(one, later)
    assert not says_the_same(one, other)
