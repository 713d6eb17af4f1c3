"""Decide, store, tell: what is in the store and the outbox after each action."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, true

from services.referral import store
from services.referral.actions import areas, intake, staff, triage
from services.referral.actions.case_file import Edit
from services.referral.actions.seeds import demo_id, seed_areas, seed_staff
from services.referral.domain.areas import AreaNameTaken, AreaUnknown
from services.referral.domain.case_file import NotThere, PageOutOfDate
from services.referral.domain.intake import PermissionMissing, Status
from services.referral.domain.staff import LastCoordinator
from services.referral.domain.timeline import Happening
from services.referral.store.intake import Tab
from shared.contracts.words import DeclineReason, Role, Side, Source
from tests.referral.builders import (
    AREA,
    COORDINATOR,
    a_newcomer,
    a_request,
    a_safe_contact,
    some_id,
)
from tests.referral.cases import (
    a_waiting_referral,
    an_open_case,
    both_agree,
)
from tests.referral.held import while_held
from tests.referral.told import told


async def test_a_referral_is_stored_and_told_in_one_transaction(database):
    referral = await a_waiting_referral(database)

    async with database.reading() as session:
        assert await store.intake.find(session, referral.id) == referral
        person = await store.people.find(session, referral.person_id)
        assert person is not None
        assert person.name == "Sam Example"
        assert await store.people.contact_of(session, person.id) == a_safe_contact()
    assert [fact["fact"] for fact in await told(database)] == ["referral_received"]


async def test_what_is_refused_leaves_nothing_behind(database):
    for changes, refusal in (
        ({"area_id": some_id(999)}, AreaUnknown),
        ({"source": Source.POLICE}, PermissionMissing),
    ):
        with pytest.raises(refusal):
            await a_waiting_referral(database, **changes)

    async with database.reading() as session:
        assert await store.intake.page(session, Tab.WAITING, 1, 10, true()) == ([], False)
    assert await told(database) == []


async def test_a_form_that_is_sent_twice_is_one_referral(database):
    async def receive(session, who):
        return await intake.receive_form(
            session, a_request(), who, referral_id=some_id(1), reference="FIRST"
        )

    async def send(who):
        async with database.transaction() as session:
            return await receive(session, who)

    first, again = await while_held(
        database,
        lambda session: receive(session, a_newcomer()),
        lambda: send(a_newcomer()),
    )
    changed = await send(a_newcomer("Somebody Else"))

    assert first == again
    assert not first.changed_since
    assert (changed.reference, changed.changed_since) == ("FIRST", True)
    assert [fact["fact"] for fact in await told(database)] == ["referral_received"]


async def test_an_accepted_referral_has_a_case_and_its_first_party(database):
    referral = await a_waiting_referral(database)

    async with database.transaction() as session:
        case = await triage.accept_referral(session, Edit(referral.id, 1, COORDINATOR))

    async with database.reading() as session:
        assert await store.cases.of_referral(session, referral.id) == case
        (party,) = await store.cases.parties_of(session, case.id)
        happenings = await store.timeline.of_referral(session, referral.id)
    assert (party.person_id, party.first, party.side) == (referral.person_id, True, Side.BOTH)
    accepted = (await told(database))[-1]
    assert (accepted["fact"], accepted["version"]) == ("referral_accepted", 2)
    assert accepted["case_id"] == str(case.id)
    assert [entry.happening for entry in happenings] == [Happening.RECEIVED, Happening.ACCEPTED]
    assert happenings[-1].recorded_by == COORDINATOR


async def test_a_declined_referral_is_told_with_its_reason(database):
    referral = await a_waiting_referral(database)

    async with database.transaction() as session:
        await triage.decline_referral(
            session, Edit(referral.id, 1, COORDINATOR), DeclineReason.OUT_OF_SCOPE
        )

    assert (await told(database))[-1]["reason"] == "out_of_scope"
    async with database.reading() as session:
        found = await store.intake.find(session, referral.id)
        assert found is not None
        assert found.status is Status.DECLINED
        assert await store.cases.of_referral(session, referral.id) is None


async def test_of_two_coordinators_one_is_too_late(database):
    referral = await a_waiting_referral(database)

    async def accept():
        async with database.transaction() as session:
            await triage.accept_referral(session, Edit(referral.id, 1, COORDINATOR))

    async def decline():
        async with database.transaction() as session:
            await triage.decline_referral(
                session, Edit(referral.id, 1, COORDINATOR), DeclineReason.DUPLICATE
            )

    ends = await asyncio.gather(accept(), decline(), accept(), return_exceptions=True)

    assert [type(end) for end in ends if end is not None] == [PageOutOfDate] * 2
    assert len(await told(database)) == 2


async def test_colleagues_join_and_leave_role_by_role(database):
    async with database.transaction() as session:
        colleague = await staff.add_colleague(
            session, "Ada", "ada@parley.example", frozenset({Role.COORDINATOR, Role.FACILITATOR})
        )
    async with database.transaction() as session:
        await staff.let_leave(session, colleague.id)

    hers = [
        (fact["fact"], fact["role"], fact["version"])
        for fact in await told(database, everything=True)
        if fact.get("person_id") == str(colleague.id)
    ]
    assert hers == [
        ("staff_joined", "coordinator", 1),
        ("staff_joined", "facilitator", 2),
        ("staff_left", "coordinator", 3),
        ("staff_left", "facilitator", 4),
    ]


async def test_two_coordinators_who_leave_at_once_do_not_leave_nobody(database):
    async with database.transaction() as session:
        ada = await staff.add_colleague(
            session, "Ada", "ada@parley.example", frozenset({Role.COORDINATOR})
        )

    async def leave(person_id):
        async with database.transaction() as session:
            await staff.let_leave(session, person_id)

    _, end = await while_held(
        database,
        lambda session: staff.let_leave(session, ada.id),
        lambda: leave(demo_id(1)),
    )

    assert isinstance(end, LastCoordinator)


async def test_an_area_is_told_again_under_its_new_name(database):
    async with database.transaction() as session:
        await areas.rename_area(session, AREA, "The old town", 1)

    named = [fact for fact in await told(database, everything=True) if fact["fact"] == "area_named"]
    assert (named[-1]["label"], named[-1]["version"]) == ("The old town", 2)
    with pytest.raises(PageOutOfDate):
        async with database.transaction() as session:
            await areas.rename_area(session, AREA, "Another", 1)
    with pytest.raises(AreaNameTaken):
        async with database.transaction() as session:
            await areas.add_area(session, "RIVERSIDE")
    with pytest.raises(NotThere):
        async with database.transaction() as session:
            await areas.rename_area(session, some_id(999), "Nowhere", 1)


async def test_seeding_again_changes_nothing(database):
    before = await told(database, everything=True)

    async with database.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)

    assert await told(database, everything=True) == before
    joined = {fact["person_id"]: fact["role"] for fact in before if "role" in fact}
    assert joined[str(demo_id(1))] == "coordinator"
    assert [joined[str(demo_id(number))] for number in (2, 3)] == ["facilitator"] * 2


async def test_the_list_shows_who_waits_longest_first_and_what_is_open_newest_first(
    database, world
):
    for number in range(5):
        await a_waiting_referral(database, number, a_newcomer(f"Person {number}"))
        world.advance(timedelta(hours=1))

    async with database.reading() as session:
        first, more = await store.intake.page(session, Tab.WAITING, 1, 2, true())
        last, no_more = await store.intake.page(session, Tab.WAITING, 3, 2, true())
        beyond, nothing = await store.intake.page(session, Tab.WAITING, 9, 2, true())
    for number in (1, 3):
        async with database.transaction() as session:
            await triage.accept_referral(session, Edit(some_id(1000 + number), 1, COORDINATOR))
    async with database.reading() as session:
        is_open, _ = await store.intake.page(session, Tab.OPEN, 1, 2, true())
    assert [each.name for each in first] == ["Person 0", "Person 1"]
    assert [each.name for each in is_open] == ["Person 3", "Person 1"]
    assert [each.name for each in last] == ["Person 4"]
    assert (more, no_more, beyond, nothing) == (True, False, [], False)


async def test_nobody_is_named_in_what_is_told_or_remembered(database):
    case = await an_open_case(database)
    await both_agree(database, case)

    said = str(await told(database, everything=True))

    assert "Example" not in said
    assert "@" not in said
    tables = [t for t in store.SCHEMA.metadata.sorted_tables if t.name not in PEOPLE_TABLES]
    async with database.reading() as session:
        for table in tables:
            rows = str((await session.execute(select(table))).all())
            assert "sam@example.org" not in rows
            assert "Kim Example" not in rows


PEOPLE_TABLES = {"person", "safe_contact"}
