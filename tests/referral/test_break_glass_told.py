"""Who is told that a case was opened in an emergency, and what is written down of it."""

from sqlalchemy import select

from services.referral import handlers
from services.referral.store.base import SCHEMA
from services.referral.store.break_glass import GLASS
from shared.contracts.access import AccessRole
from shared.contracts.referral import ContactPermitWanted, NameCardsWanted
from shared.contracts.words import Purpose
from shared.plumbing.alarms import Kind
from tests.referral.builders import COORDINATOR, FACILITATOR, some_id
from tests.referral.cases import an_open_case
from tests.referral.glass import HELPER, REVIEWS, WHY, ask_for, opened
from tests.referral.standing import ELSEWHERE, MANAGER, put_on, staff
from tests.referral.test_break_glass import HOUR, LIST, alarmed, tried
from tests.referral.web import case_path, visiting


async def audited(database):
    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        return (await session.execute(select(entry).order_by(entry.c.id))).all()


async def test_everybody_who_should_know_is_told_at_once(database):
    case = await an_open_case(database)
    coordinator = staff(AccessRole.COORDINATOR, person_id=COORDINATOR)
    others = staff(AccessRole.COORDINATOR, person_id=COORDINATOR, area=ELSEWHERE)
    async with visiting(database, HELPER) as visit:
        await tried(visit, "TEST-1")
        own = await visit.get(LIST)
        visit.sits_down(MANAGER)
        alarm_page = await visit.get("/referral/alarms")
        leads_there = await visit.get(REVIEWS)
        visit.sits_down(coordinator)
        told = await visit.get("/referral/cases")
        history = await visit.get(case_path(case.referral_id))
        visit.sits_down(others)
        elsewhere = await visit.get("/referral/cases")

    assert await alarmed(database) == [Kind.GLASS_BROKEN]
    assert 'href="/referral/alarms"' in leads_there.text
    assert "opened a case in an emergency" in alarm_page.text
    assert str(FACILITATOR) in alarm_page.text
    assert "Opened in an emergency by a colleague" in told.text
    assert "TEST-1" in told.text
    assert "Demo Facilitator" in history.text
    assert "opened this in an emergency, for an hour" in history.text
    for page in (own, elsewhere):
        assert "Opened in an emergency by a colleague" not in page.text


async def test_what_is_looked_at_is_audited_with_its_own_justification(database):
    case = await an_open_case(database)
    glass = await opened(database, "TEST-1")
    purpose = f"break_glass_{glass.id.hex}"
    before = len(await audited(database))
    async with visiting(database, HELPER) as visit:
        await visit.get(case_path(case.referral_id))
        new = (await audited(database))[before:]
        await put_on(database, case)
        before = len(await audited(database))
        await visit.get(case_path(case.referral_id))
    usual = (await audited(database))[before:]

    assert {one.purpose for one in new} == {purpose}
    assert {one.person_id for one in new} == {case.sam, case.kim}
    assert {one.purpose for one in usual} == {"case_page"}
    assert "Kim rang" not in repr(await audited(database))


async def test_the_reason_is_sealed_with_its_case(database):
    case = await an_open_case(database)
    glass = await opened(database, "TEST-1")
    async with database.reading() as session:
        row = (await session.execute(select(GLASS))).one()
        held = await session.execute(
            select(SCHEMA.tables.sealed_key.c.kind).where(
                SCHEMA.tables.sealed_key.c.subject_id == case.referral_id
            )
        )
        assert held.scalar_one() == "case"

    assert WHY.encode() not in row.reason
    assert glass.reason == WHY


async def test_names_are_given_to_other_services_while_it_is_open_and_no_address_ever(
    database, world
):
    case = await an_open_case(database)
    await ask_for(database, "TEST-1")
    names = NameCardsWanted(person_ids=(case.kim,), asked_by=FACILITATOR)
    address = ContactPermitWanted(
        person_id=case.kim,
        purpose=Purpose.REFERRAL_ACCEPTED,
        intent_id=some_id(77),
        referral_id=case.referral_id,
        case_id=case.case_id,
        shown_to=FACILITATOR,
    )
    given = []
    for _ in range(2):
        async with database.transaction() as session:
            given.append(len((await handlers.answer_names(names, session)).cards))
            assert (await handlers.answer_permit(address, session)).address is None
        world.advance(HOUR)

    assert given == [1, 0]
