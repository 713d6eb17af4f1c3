"""I8: what cannot be recorded is not shown, and not done."""

from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from services.referral import store
from services.referral.domain.intake import Status
from shared.contracts.referral import ContactPermitWanted
from shared.contracts.words import Purpose
from shared.plumbing import audit
from tests.audit.furnished import app_of, furnished
from tests.fixtures.web import visitor
from tests.plumbing.audited import an_entry
from tests.referral.builders import COORDINATOR, some_id
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.standing import MANAGER
from tests.referral.web import Visit

NOT_SHOWN = "We have to note who looks at this, and could not do so just now."


async def let_nothing_in(database) -> None:
    """From now on the database takes no entry, as when its disk is full."""
    async with database.transaction() as session:
        if database.dialect == "sqlite":
            await session.execute(
                text(
                    "CREATE TRIGGER full BEFORE INSERT ON audit_entry "
                    "BEGIN SELECT RAISE(ABORT, 'full'); END"
                )
            )
        else:
            await session.execute(
                text("ALTER TABLE audit_entry ADD CONSTRAINT full_ CHECK (false) NOT VALID")
            )


@asynccontextmanager
async def visiting(database):
    app = app_of("referral", database.url.render_as_string(hide_password=False), database.world)
    async with visitor(app, staff=MANAGER) as browser:
        yield Visit(browser, app)
    await app.state.service.database.close()


async def test_a_case_is_not_shown_to_whoever_cannot_be_noted(database):
    case = await an_open_case(database)
    await let_nothing_in(database)

    async with visiting(database) as visit:
        pages = [
            await visit.get(f"/referral/cases/{case.referral_id}"),
            await visit.get("/referral/cases?tab=open"),
            await visit.get("/referral/staff"),
            await visit.get(f"/referral/audit/cases/{case.referral_id}"),
        ]

    assert [page.status_code for page in pages] == [503] * 4
    assert all(NOT_SHOWN in page.text for page in pages)
    assert not any("Sam" in page.text or "Kim" in page.text for page in pages)


async def test_a_change_that_cannot_be_noted_is_not_made(database):
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        page = await visit.get(f"/referral/cases/{referral.id}")
        await let_nothing_in(database)
        answer = await visit.send(page, {})

    assert answer.status_code == 500
    async with database.reading() as session:
        known = await store.intake.find(session, referral.id)
        outbox = session.schema.tables.outbox
        told = (await session.execute(outbox.select())).all()
    assert known is not None
    assert known.status is Status.WAITING
    assert "referral.referral_accepted.v1" not in {row.subject for row in told}


async def test_an_address_is_not_given_to_whoever_cannot_be_noted(database):
    from services.referral import handlers

    case = await an_open_case(database)
    await let_nothing_in(database)
    ask = ContactPermitWanted(
        person_id=case.sam,
        purpose=Purpose.REFERRAL_ACCEPTED,
        intent_id=some_id(9),
        referral_id=case.referral_id,
        case_id=case.case_id,
        shown_to=COORDINATOR,
    )

    with pytest.raises(Exception, match="full"):
        async with database.transaction() as session:
            await handlers.answer_permit(ask, session)


@pytest.mark.parametrize("service", ["scheduling", "notifications"])
async def test_planning_and_messages_are_not_shown_either(sqlite_store, world, service):
    async with furnished(service, sqlite_store, world) as desk:
        await let_nothing_in(desk.database)

        page = await desk.browser.get(f"/{service}/")

        assert (page.status_code, NOT_SHOWN in page.text) == (503, True)


@pytest.mark.parametrize("value", ["Sam Example", "sam@example.org", "07700 900982", "", "Ä"])
def test_a_value_is_not_taken_for_a_name_of_a_field(value):
    with pytest.raises(ValueError, match="coded words only"):
        an_entry(fields=(value,))
    with pytest.raises(ValueError, match="coded words only"):
        an_entry(purpose=value)


async def test_one_change_is_one_statement_however_many_it_is_about(database):
    said = []
    async with database.transaction() as session:
        connection = await session.connection()
        from sqlalchemy import event

        event.listen(
            connection.sync_connection,
            "before_cursor_execute",
            lambda _c, _cur, statement, *_: said.append(statement),
        )
        await audit.record(session, *audit.about_each([some_id(n) for n in range(5)], an_entry()))

    assert len([one for one in said if one.startswith("INSERT INTO audit_entry")]) == 1
