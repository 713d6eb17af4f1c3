"""A15 with `parley audit verify`, on stores made by the real migrations."""

import pytest
from sqlalchemy import text

from deploy.parts import blueprints
from shared.plumbing import audit
from shared.plumbing.audit import anchors
from shared.plumbing.audit.chain import Chain
from shared.plumbing.audit.keys import signing_key
from shared.plumbing.audit_tables import KEYS
from tests.plumbing.audited import an_entry, unguarded


@pytest.fixture(autouse=True)
def own_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLEY_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


async def recorded(deployment, keys, service="referral"):
    """Some looks, as a running service keeps them: linked, signed and anchored."""
    key = signing_key(keys, service, make=True)
    async with deployment.store(service) as store, deployment.at(service) as client:
        async with store.transaction() as session:
            await audit.record(session, *[an_entry(person_id=session.new_id()) for _ in range(3)])
        chain = Chain(store, key)
        await chain.link()
        await chain.sign()
        await anchors.tell_heads(store, client)


async def test_a15_what_nobody_changed_is_said_to_be_as_it_was_written(deployment, own_keys):
    await recorded(deployment, own_keys)

    said = await deployment.parley("audit", "verify")

    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        "referral: as it was written (3 entries, 1 signatures; 1 anchors).",
        *(
            f"{name}: as it was written (0 entries, 0 signatures; 0 anchors)."
            for name in blueprints()
            if name != "referral"
        ),
    ]


async def test_a15_what_somebody_deleted_ends_with_1_and_a_sentence(deployment, own_keys):
    await recorded(deployment, own_keys)
    async with deployment.store() as store, unguarded(store) as session:
        await session.execute(text("DELETE FROM audit_entry"))

    said = await deployment.parley("audit", "verify", "referral")

    assert said.exit_code == 1
    assert "referral: TAMPERED WITH" in said.stdout
    assert "  Entry 2 was deleted.\n" in said.stdout


async def test_a15_a_store_emptied_of_everything_is_found_by_the_anchors(deployment, own_keys):
    await recorded(deployment, own_keys)
    async with deployment.store() as store, unguarded(store) as session:
        for table in KEYS:
            await session.execute(text(f"DELETE FROM {table}"))

    said = await deployment.parley("audit", "verify", "referral")

    assert said.exit_code == 1
    assert "An anchor says the chain had come to entry 3, but it ends with entry 0." in said.stdout


async def test_without_a_server_the_chain_is_verified_and_the_anchors_are_said_not_to_be(
    deployment, own_keys, monkeypatch
):
    await recorded(deployment, own_keys)
    monkeypatch.setattr(type(deployment.home), "run", lambda _: None)

    said = await deployment.parley("audit", "verify", "referral")

    assert said.exit_code == 0
    assert "the anchors were not compared: no NATS server could be reached" in said.stdout


async def test_without_the_public_key_it_ends_with_2(deployment, own_keys):
    await recorded(deployment, own_keys)
    (own_keys / "referral.audit.pub").unlink()

    said = await deployment.parley("audit", "verify", "referral")

    assert said.exit_code == 2
    assert "There is no public key here" in said.stdout


async def test_a_service_nobody_knows_ends_with_2(deployment):
    said = await deployment.parley("audit", "verify", "nobody")

    assert (said.exit_code, said.stderr.splitlines()[0][:30]) == (
        2,
        "There is no service nobody: ch",
    )


async def test_keys_that_are_missing_are_made_and_the_others_stay(deployment, own_keys):
    first = await deployment.parley("audit", "make-keys", "referral")
    seed = (own_keys / "referral.audit.key").read_bytes()
    second = await deployment.parley("audit", "make-keys")

    assert first.stdout == "Made for referral.\n"
    assert second.stdout == "Made for scheduling, notifications, reporting.\n"
    assert (own_keys / "referral.audit.key").read_bytes() == seed
