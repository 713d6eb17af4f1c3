"""Nobody is in the store, the log or the facts: no address, name, number or word."""

import pytest
from sqlalchemy import String, Text, select

from services.notifications.domain.message import State
from services.notifications.store.tables import CODE, Base
from shared.plumbing.database import Database
from tests.fixtures.mail import MailSink
from tests.fixtures.patience import until
from tests.fixtures.web import visitor
from tests.notifications.builders import (
    OPEN,
    SAM,
    by_hand,
    granted,
    referral_received,
)
from tests.notifications.house import House

CANARIES = ("canary.bird@example.org", "Canary Bird", "07400 990099", "canaryword")


def test_every_column_is_marked_and_none_can_hold_a_person() -> None:
    for table in Base.metadata.tables.values():
        ours = table.name in {
            mapper.local_table.name
            for mapper in Base._sa_registry.mappers  # type: ignore[union-attr]
        }
        for column in table.columns:
            assert "personal" in column.info, f"{table.name}.{column.name} is not marked"
            if not ours:
                continue
            assert column.info["personal"] is False, f"{table.name}.{column.name}"
            assert not isinstance(column.type, Text), f"{table.name}.{column.name}"
            if isinstance(column.type, String):
                assert column.type.length is not None
                assert column.type.length <= CODE


async def test_no_address_name_number_or_word_is_stored_logged_or_told(
    house: House,
    mail_sink: MailSink,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, name, number, word = CANARIES
    words = OPEN.model_copy(update={"avoid": (word,)})
    now = house.world.now
    house.referral.names = {SAM: name}

    house.referral.permit = lambda _: granted(address, at=now(), words=words)
    mail_sink.will("refuse_at_rcpt", "busy_after_letter", "take_and_cut_after_letter", "accept")
    await house.tell(*(referral_received(referral_id=house.world.new_id()) for _ in range(4)))
    await until(lambda: mail_sink.spoken_to == 4)
    await house.in_state(State.SENT)
    house.referral.permit = lambda ask: by_hand(
        address=number if ask.shown_to else None, words=words
    )
    await house.tell(referral_received(referral_id=house.world.new_id()))
    [task] = await house.in_state(State.NEEDS_A_CALL)
    async with visitor(house.app) as browser:
        page = await browser.post(f"/notifications/calls/{task.id}/reach")
        assert all(canary in page.text for canary in (name, number, word)), "they really came by"
        assert name in (await browser.get("/notifications/")).text

    assert any(address == letter.to for letter in mail_sink.letters)
    captured = capsys.readouterr()
    logged = captured.out + captured.err
    assert "message_settled" in logged
    for canary in CANARIES:
        assert canary not in logged
        for table, stored in (await everything_in(house.office.database)).items():
            assert canary not in stored, table


async def everything_in(database: Database) -> dict[str, str]:
    """All that the store holds, plumbing's tables too, as text."""
    found = {}
    async with database.reading() as session:
        for table in database.schema.metadata.sorted_tables:
            rows = await session.execute(select(table))
            found[table.name] = "\n".join(
                " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row
                )
                for row in rows
            )
    return found
