"""Finding what is about more than one person, and keeping what somebody decided about it.

Nothing of it gets into anybody's copy by itself. What has no free text today is found all the same:
a note that is added to Parley later is a `Source` with a function here, and waits like the others.
"""

from uuid import UUID

from services.referral import store
from services.referral.domain import pieces
from services.referral.domain.case_file import NotThere
from services.referral.domain.complaints import DESTROYED
from services.referral.domain.pieces import Decision, Ground, Piece, Source
from shared.contracts.person_record import in_words
from shared.plumbing import audit
from shared.plumbing.database import Session


async def found(session: Session, person_id: UUID) -> list[Piece]:
    """Every piece that is about this person and somebody else."""
    own = await store.record.rows(session, "own", person_id)
    joined = await store.record.rows(session, "joined", person_id)
    shared = await store.record.others_in(
        session, [one.case_id for one in own if one.case_id], person_id
    )
    several = [one for one in own if one.case_id in shared] + joined
    complaints = await store.complaints.by_person(session, person_id)
    ids = {one.id for one in [*own, *joined]}
    theirs = await store.complaints.about_referrals(session, ids)
    return [
        *[await _answers(session, one.id, one.reference) for one in joined],
        *[await _timeline(session, one.id, one.reference, person_id) for one in several],
        *[
            await _steps(session, one.id, one.reference)
            for one in complaints
            if one.referral_id in {each.id for each in several}
        ],
        *[
            await _of_others(session, one.id, one.reference)
            for one in theirs
            if one.person_id != person_id
        ],
        *[await _hold_reasons(session, one.id, one.reference) for one in [*own, *joined]],
        *[await _glass_reasons(session, one.id, one.reference) for one in [*own, *joined]],
    ]


async def waiting(session: Session, person_id: UUID) -> list[Piece]:
    """Those nobody has decided about as they are now, but for what says nothing."""
    rulings = await store.pieces.rulings_for(session, person_id)
    return pieces.waiting([one for one in await found(session, person_id) if one.text], rulings)


async def decide(
    session: Session,
    person_id: UUID,
    source: Source,
    piece_id: UUID,
    decision: Decision,
    *,
    ground: Ground | None,
    redacted: str | None,
    reason: str,
    seen_size: int,
    by: UUID,
) -> None:
    """Decide what of a piece goes into one person's copy.

    Raises NotThere where it is not there, or no longer as it was shown; NotDecided.
    """
    piece = next(
        (
            one
            for one in await found(session, person_id)
            if (one.source, one.id, one.size) == (source, piece_id, seen_size)
        ),
        None,
    )
    if piece is None:
        raise NotThere("This has changed since the page was opened. Open it again.")
    ruling = pieces.rule(
        piece, session.new_id(), decision, ground=ground, redacted=redacted, reason=reason
    )
    await store.pieces.save(session, person_id, ruling, by)
    noted = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose="decide_mixed_text",
        fields=(source.value, decision.value),
        person_id=person_id,
    )
    await audit.record(session, noted)


async def decide_again(session: Session, person_id: UUID, ruling_id: UUID) -> None:
    """Let a piece wait again; nothing of it is given until somebody has decided anew."""
    await store.pieces.drop(session, person_id, ruling_id)
    noted = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose="decide_mixed_text",
        fields=("decide_again",),
        person_id=person_id,
    )
    await audit.record(session, noted)


async def _answers(session: Session, referral_id: UUID, reference: str) -> Piece:
    row = await store.record.referral(session, referral_id)
    lines = (
        f"What happened: {in_words(row.happened)}",
        f"How whoever asked stands to it: {in_words(row.side)}",
        f"Reported to the police: {in_words(row.reported_to_police)}",
        f"Sent in by: {in_words(row.source)}",
        f"Heard of us: {in_words(row.heard_about)}",
        f"Received: {row.received_at.date().isoformat()}",
    )
    heading = f"What was answered when help was asked for, {reference}"
    return Piece(Source.REFERRAL_ANSWERS, referral_id, len(lines), heading, "\n".join(lines))


async def _timeline(session: Session, referral_id: UUID, reference: str, person_id: UUID) -> Piece:
    rows = await store.record.rest_of_timeline(session, referral_id, person_id)
    text = "\n".join(
        f"{row.at.date().isoformat()}: {in_words(row.happening)}"
        + (" (somebody else)" if row.person_id else "")
        for row in rows
    )
    heading = f"What else has happened, {reference}"
    return Piece(Source.TIMELINE, referral_id, len(rows), heading, text)


async def _steps(session: Session, complaint_id: UUID, reference: str) -> Piece:
    words = await store.complaints.words_of(session, complaint_id)
    text = "\n".join(
        f"{one.at.date().isoformat()}: {in_words(one.step)}. {one.words or ''}".rstrip()
        for one in words.steps
    )
    heading = f"What we wrote down about complaint {reference}"
    return Piece(Source.COMPLAINT_STEPS, complaint_id, len(words.steps), heading, text)


async def _hold_reasons(session: Session, referral_id: UUID, reference: str) -> Piece:
    """What a manager wrote, who may have named anybody."""
    holds = await store.holds.of_referral(session, referral_id)
    text = "\n".join(words for one in holds for words in (one.reason, one.lifted_reason) if words)
    heading = f"Why it is kept from being destroyed, {reference}"
    return Piece(Source.HOLD_REASONS, referral_id, len(text), heading, text)


async def _glass_reasons(session: Session, referral_id: UUID, reference: str) -> Piece:
    """What a colleague wrote in an emergency, who may have named anybody."""
    opened = await store.break_glass.of_referral(session, referral_id)
    notes = [one.review.note for one in opened if one.review]
    text = "\n".join(words for words in (*(one.reason for one in opened), *notes) if words)
    heading = f"Why it was opened in an emergency, {reference}"
    return Piece(Source.GLASS_REASONS, referral_id, len(text), heading, text)


async def _of_others(session: Session, complaint_id: UUID, reference: str) -> Piece:
    words = await store.complaints.words_of(session, complaint_id)
    steps = "\n".join(one.words for one in words.steps if one.words)
    text = "\n".join(part for part in (words.said or DESTROYED, steps) if part)
    heading = f"A complaint by somebody else, {reference}"
    return Piece(Source.COMPLAINT_OF_OTHERS, complaint_id, 1 + len(words.steps), heading, text)
