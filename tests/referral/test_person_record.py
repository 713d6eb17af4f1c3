"""What somebody is given who asks for a copy of their data: all of theirs, nothing of others'."""

import pytest

from services.referral import store
from services.referral.actions import agreements, pieces, record
from services.referral.domain.case_file import NotThere
from services.referral.domain.erasure import Basis, Erasure
from services.referral.domain.pieces import Decision, Ground, NotDecided, Source
from services.referral.domain.timeline import Happening
from tests.referral.builders import COORDINATOR, FACILITATOR, STRANGER
from tests.referral.cases import a_waiting_referral, an_open_case, say
from tests.referral.copies import KIMS, NOTED, SAMS, text_of, two_people
from tests.referral.ending import hold
from tests.referral.glass import WHY, opened
from tests.referral.standing import keep_from


async def the_record(database, person_id) -> str:
    async with database.reading() as session:
        return text_of(await record.person_record(session, person_id))


async def waiting_for(database, person_id):
    async with database.reading() as session:
        return await pieces.waiting(session, person_id)


async def rule(database, person_id, piece, decision, **more):
    usual = {"ground": None, "redacted": None, "reason": "It is theirs."}
    async with database.transaction() as session:
        await pieces.decide(
            session,
            person_id,
            piece.source,
            piece.id,
            decision,
            **{**usual, **more},
            seen_size=piece.size,
            by=COORDINATOR,
        )


async def test_each_party_is_given_all_of_theirs_and_nothing_of_the_others(database):
    case = await two_people(database)

    for person_id, own, others in ((case.sam, SAMS, KIMS), (case.kim, KIMS, SAMS)):
        copy = await the_record(database, person_id)
        for canary in (*own.all, str(person_id), "old."):
            assert canary in copy, canary
        other = case.kim if person_id == case.sam else case.sam
        for canary in (*others.all, str(other), NOTED):
            assert canary not in copy, canary


async def test_a_copy_says_what_they_agreed_to_and_what_they_asked_for(database):
    case = await two_people(database)
    await say(database, agreements.withdraw_agreement, case, case.kim)

    copy = await the_record(database, case.kim)

    assert '"Agreed"' in copy
    assert '"No longer agreed"' in copy
    assert '"By phone"' in copy
    assert "What you asked about your own data" in copy
    assert "TEST-1" in copy


async def test_whoever_was_asked_in_is_not_given_what_the_other_answered(database):
    case = await two_people(database)

    assert "Noise" not in await the_record(database, case.kim)
    assert "Noise" in await the_record(database, case.sam)


async def test_what_is_about_several_people_waits_for_somebody_to_decide(database):
    case = await two_people(database)

    sams = {one.source for one in await waiting_for(database, case.sam)}
    kims = {one.source for one in await waiting_for(database, case.kim)}

    assert sams == {Source.TIMELINE, Source.COMPLAINT_STEPS, Source.COMPLAINT_OF_OTHERS}
    assert kims == {*sams, Source.REFERRAL_ANSWERS}
    assert "4 pieces still wait" in await the_record(database, case.kim)


async def test_why_a_case_is_kept_or_was_opened_in_an_emergency_waits_too(database):
    case = await two_people(database)
    await hold(database, case.referral_id)
    await opened(database, case.referral_id)

    waiting = {one.source: one.text for one in await waiting_for(database, case.kim)}
    given = await the_record(database, case.kim)

    assert waiting[Source.HOLD_REASONS] == "A claim was announced"
    assert waiting[Source.GLASS_REASONS] == WHY
    assert "A claim was announced" not in given
    assert WHY not in given


async def test_what_was_released_is_in_the_copy_and_what_was_withheld_is_not(database):
    case = await two_people(database)
    found = {one.source: one for one in await waiting_for(database, case.kim)}

    await rule(database, case.kim, found[Source.REFERRAL_ANSWERS], Decision.RELEASED)
    await rule(
        database,
        case.kim,
        found[Source.COMPLAINT_OF_OTHERS],
        Decision.WITHHELD,
        ground=Ground.SOMEBODY_ELSE,
        reason="It tells of a starling.",
    )
    await rule(
        database,
        case.kim,
        found[Source.COMPLAINT_STEPS],
        Decision.REDACTED,
        ground=Ground.SOMEBODY_ELSE,
        redacted="The coordinator found something in it",
    )
    copy = await the_record(database, case.kim)

    assert "Noise" in copy
    assert "The coordinator found something in it" in copy
    assert "Somebody else" in copy
    for never in (SAMS.said, NOTED, "starling"):
        assert never not in copy
    assert "1 piece still waits" in copy


async def test_a_decision_counts_for_one_persons_copy_alone(database):
    case = await two_people(database)
    for piece in await waiting_for(database, case.kim):
        await rule(database, case.kim, piece, Decision.RELEASED)

    assert not await waiting_for(database, case.kim)
    assert len(await waiting_for(database, case.sam)) == 3


async def test_what_has_grown_since_it_was_decided_about_waits_again(database):
    case = await two_people(database)
    for piece in await waiting_for(database, case.sam):
        await rule(database, case.sam, piece, Decision.RELEASED)
    await say(database, agreements.withdraw_agreement, case, case.kim)

    assert [one.source for one in await waiting_for(database, case.sam)] == [Source.TIMELINE]


async def test_what_has_grown_since_the_page_was_opened_is_not_decided_about(database):
    case = await two_people(database)
    [piece] = [x for x in await waiting_for(database, case.sam) if x.source is Source.TIMELINE]
    await say(database, agreements.withdraw_agreement, case, case.kim)

    with pytest.raises(NotThere, match="Open it again"):
        await rule(database, case.sam, piece, Decision.RELEASED)


@pytest.mark.parametrize("decision", [Decision.WITHHELD, Decision.REDACTED])
async def test_what_is_not_given_needs_a_reason_and_a_part_needs_its_words(database, decision):
    case = await two_people(database)
    piece = (await waiting_for(database, case.sam))[0]

    with pytest.raises(NotDecided):
        await rule(database, case.sam, piece, decision)
    with pytest.raises(NotDecided):
        await rule(database, case.sam, piece, Decision.REDACTED, ground=Ground.CRIME)


async def test_a_piece_of_somebody_elses_case_cannot_be_decided_about(database):
    case = await two_people(database)
    stranger = await a_waiting_referral(database, 2)
    piece = (await waiting_for(database, case.kim))[0]

    with pytest.raises(NotThere):
        await rule(database, stranger.person_id, piece, Decision.RELEASED)


async def test_who_looked_is_told_by_role_and_never_by_name(database):
    case = await two_people(database)

    copy = await the_record(database, case.sam)

    assert "Who looked at your details" in copy
    assert str(COORDINATOR) not in copy


async def test_a_colleague_is_not_told_that_a_matter_is_kept_from_them(database):
    case = await an_open_case(database)
    await keep_from(database, case)

    copy = await the_record(database, FACILITATOR)
    async with database.reading() as session:
        entries = await store.timeline.of_referral(session, case.referral_id)

    assert Happening.CONFLICT_DECLARED in {one.happening for one in entries}
    assert "onflict" not in copy
    assert "Facilitator" in copy


async def test_nobody_and_whoever_was_erased_are_said_in_plain_words(database):
    case = await two_people(database)
    async with database.transaction() as session:
        await store.erasures.erase(session, Erasure(case.kim, session.now().date(), Basis.REQUEST))

    with pytest.raises(NotThere, match="Nobody with this id is known"):
        await the_record(database, STRANGER)
    with pytest.raises(NotThere, match="data was erased"):
        await the_record(database, case.kim)
    assert KIMS.said not in await the_record(database, case.sam)
