"""What a service's own credentials let somebody do who has stolen them: real attacks."""

import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from nats.errors import NoRespondersError
from nats.js.errors import NoStreamResponseError

from shared.plumbing.connection import NatsRefuses, connected
from shared.plumbing.hearing import Hearing
from shared.plumbing.tokens import Key, claims_of, from_credentials, says_the_same, token
from shared.plumbing.trust import EVERYTHING, Permissions, establish, permissions_for
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    OvenCleaned,
    Price,
    PriceWanted,
    a_house,
    baked,
    note_cleaning,
    parked_events,
    services,
    shelf,
    shelve,
    shop_hearing,
    tell,
    until_parked,
    until_shelved,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REFUSED = (NoRespondersError, NoStreamResponseError, TimeoutError)


async def answer(question: PriceWanted, session: object) -> Price:
    return Price(pence=1)


@pytest.fixture
async def broker(parley_broker):
    """The bakery tells, the shop hears and answers, the office hears the bakery too."""
    office = Hearing()
    office.hears(BreadBaked, shelve)
    all_services = {**services(shop_hearing(shelve, note_cleaning, answer)), "office": office}
    return await parley_broker(all_services, asks={"office": [PriceWanted]})


@pytest.fixture
async def thief(broker):
    """Somebody with the shop's credentials and no good intentions; there is something to steal."""
    async with broker.connect("bakery") as bakery:
        await bakery.jetstream().publish("bakery.bread_baked.v1", b"{}")
    async with broker.connect("shop") as client:
        yield client


async def state(broker):
    """Everything in the streams and how far the consumers have come."""
    async with broker.connect() as client:
        jetstream = client.jetstream()
        found = {}
        for stream in await jetstream.streams_info():
            found[stream.config.name] = (stream.state.messages, stream.config)
            for one in await jetstream.consumers_info(stream.config.name):
                came_to = (one.delivered.stream_seq, one.ack_floor.stream_seq)
                found[one.name] = (came_to, one.config)
        return found


@pytest.mark.parametrize("subject", ["bakery.bread_baked.v1", "office.anything.v1"])
async def test_a_service_cannot_tell_what_is_anothers_to_tell(broker, thief, subject):
    before = await state(broker)

    with pytest.raises(REFUSED):
        await thief.jetstream(timeout=0.5).publish(subject, b"{}")

    assert await state(broker) == before


@pytest.mark.parametrize(
    "call",
    [
        "STREAM.CREATE.mine",
        "STREAM.UPDATE.bakery",
        "STREAM.DELETE.bakery",
        "STREAM.DELETE.shop",
        "STREAM.PURGE.shop",
        "STREAM.MSG.DELETE.shop",
        "STREAM.MSG.GET.bakery",
        "STREAM.INFO.bakery",
        "STREAM.SNAPSHOT.shop",
        "STREAM.NAMES",
        "STREAM.LIST",
        "CONSUMER.CREATE.bakery",
        "CONSUMER.CREATE.bakery.mine",
        "CONSUMER.DURABLE.CREATE.bakery.mine",
        "CONSUMER.DELETE.bakery.shop-bakery",
        "CONSUMER.DELETE.bakery.office-bakery",
        "CONSUMER.PAUSE.bakery.office-bakery",
        "CONSUMER.RESET.bakery.shop-bakery",
        "CONSUMER.LIST.bakery",
        "CONSUMER.INFO.bakery.office-bakery",
        "CONSUMER.MSG.NEXT.bakery.office-bakery",
        "INFO",
    ],
)
async def test_a_service_cannot_make_change_or_look_at_what_is_not_its_own(broker, thief, call):
    before = await state(broker)
    asked = json.dumps({"name": "mine", "subjects": ["mine.>"], "batch": 1}).encode()
    if "MSG.NEXT" in call:
        asked = b""

    with pytest.raises(REFUSED):
        await thief.request(f"$JS.API.{call}", asked, timeout=0.4)

    assert await state(broker) == before


@pytest.mark.parametrize(
    "subject",
    [">", "*.>", "bakery.>", "_INBOX.>", "_INBOX_office.>", "ask.>"],
)
async def test_a_service_cannot_listen_in(broker, thief, subject):
    overheard = []

    async def listen(message: object) -> None:
        overheard.append(message)

    await thief.subscribe(subject, cb=listen)
    await thief.flush()
    async with broker.connect() as client, broker.connect("bakery") as bakery:
        await bakery.jetstream().publish("bakery.bread_baked.v1", b"{}")
        for inbox in ("_INBOX_office.a.b", "_INBOX.a.b"):
            await client.publish(inbox, b"secret")
        await client.publish("ask.shop.price.v1", b"{}", reply="_INBOX_deploy.x")
        await client.flush()
    await thief.flush()

    assert overheard == []


async def test_a_service_cannot_acknowledge_for_another(broker, thief):
    async with broker.connect("office") as office:
        jetstream = office.jetstream()
        reader = await jetstream.pull_subscribe_bind(stream="bakery", durable="office-bakery")
        (message,) = await reader.fetch(1)

        await thief.publish(message.reply, b"+TERM")
        await thief.flush()

        info = await jetstream.consumer_info("bakery", "office-bakery")
    assert info.num_ack_pending == 1


async def test_what_the_server_is_made_to_write_into_a_stream_is_parked_and_never_acted_upon(
    broker, sqlite_store, quick_retries
):
    """A request may name any subject for its reply: the server writes there by its own right."""
    store = await sqlite_store(SHOP)
    async with a_house(broker) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        genuine = await tell(bakery, baked(1))
        async with broker.connect("office") as thief:
            next_one = "$JS.API.CONSUMER.MSG.NEXT.bakery.office-bakery"
            injected = (
                (next_one, OvenCleaned.subject),  # a genuine event, as if it were another kind
                ("$JS.API.CONSUMER.INFO.bakery.office-bakery", BreadBaked.subject),
                ("$JS.API.STREAM.INFO.office", BreadBaked.subject),
                ("$JS.API.STREAM.INFO.office", OvenCleaned.subject),
                (next_one, BreadBaked.subject),
            )
            for request, reply in injected:
                await thief.publish(request, b'{"batch": 1, "no_wait": true}', reply=reply)
                await thief.flush()
        async with broker.connect() as client:
            info = await client.jetstream().stream_info("bakery")
        hearing = shop_hearing(shelve, note_cleaning, answer)
        await house.bus("shop", store, hearing)
        await tell(bakery, baked(2))

        assert await until_shelved(store, 2) == [1, 2]
        assert info.state.messages > 1, "the attack did not even begin"
        assert len(genuine) == 1
        events = await until_parked(store, 3)
        assert {it.error_code for it in events} <= {
            "HeaderMissing:/ce-specversion",
            "WrongSource:/ce-type",
        }
        assert await shelf(store) == [1, 2]


async def test_the_deployments_user_may_provision_and_the_systems_user_sees_no_facts(broker):
    async with broker.connect("system") as system:
        heard = await system.subscribe(">")
        async with broker.connect("bakery") as bakery:
            await bakery.jetstream().publish("bakery.bread_baked.v1", b"{}")
        subjects = set()
        try:
            while True:
                subjects.add((await heard.next_msg(timeout=0.5)).subject.split(".")[0])
        except TimeoutError:
            pass

    assert subjects <= {"$SYS", "_INBOX_system"}


async def test_without_credentials_nobody_gets_in(broker):
    with pytest.raises(NatsRefuses):
        async with connected("shop", broker.url):
            pass


def test_what_a_service_may_do_is_worked_out_from_what_it_says():
    hearing = shop_hearing(answerer=answer)

    allowed = permissions_for("shop", hearing, [PriceWanted])

    assert set(allowed.publish) == {
        "shop.>",
        "ask.shop.price.v1",
        "$JS.API.STREAM.INFO.shop",
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


async def test_nothing_was_parked_by_a_genuine_event(broker, sqlite_store):
    store = await sqlite_store(SHOP)
    async with a_house(broker) as house:
        await house.bus("shop", store, shop_hearing(shelve, note_cleaning, answer))
        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked(1))

        assert await until_shelved(store, 1) == [1]
        assert await parked_events(store) == []
