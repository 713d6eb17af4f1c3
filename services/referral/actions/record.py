"""Saying what this service keeps about somebody who asked for it."""

from uuid import UUID

from services.referral import store
from services.referral.actions import pieces, record_parts
from services.referral.domain.case_file import NotThere
from services.referral.domain.pieces import Decision, Ruling
from shared.contracts.person_record import (
    PersonRecord,
    RecordLine,
    RecordSection,
    entry,
    in_words,
)
from shared.plumbing import audit
from shared.plumbing.audit import telling
from shared.plumbing.database import Session

UNKNOWN = "Nobody with this id is known."
ERASED = "This person's data was erased: there is nothing left that could be given to them."

MIXED = (
    "Some of what is kept is about more than one person. Somebody here looks at each piece of it "
    "and gives you what is about you."
)


async def person_record(session: Session, person_id: UUID) -> PersonRecord:
    """All that this service keeps about one person, and nothing about anybody else.

    Raises NotThere for whoever is unknown or was erased, in words fit to show.
    """
    person = await store.people.find(session, person_id)
    if person is None:
        raise NotThere(UNKNOWN)
    if person.erased:
        raise NotThere(ERASED)
    contact = await store.people.contact_of(session, person_id)
    sections = [
        record_parts.who(person),
        record_parts.contact(contact),
        *await record_parts.monitoring(session, person_id),
        *await record_parts.corrections(session, person_id),
        *await record_parts.matters(session, person_id),
        *await record_parts.said(session, person_id),
        *await record_parts.followed(session, person_id),
        *await record_parts.work(session, person_id),
        *await record_parts.requests(session, person_id),
        *await record_parts.complaints(session, person_id),
        await _mixed(session, person_id),
        await telling.who_looked(session, person_id, store.record.WALLS),
    ]
    return PersonRecord(sections=tuple(one for one in sections if one.entries or one.note))


async def note_disclosure(
    session: Session, person_id: UUID, asker: audit.Asker | None = None
) -> None:
    """Note that it was put together, to be given to them."""
    await telling.note_disclosure(session, person_id, asker)


async def own_referrals(session: Session, person_id: UUID) -> tuple[UUID, ...]:
    """The referrals they made: how reporting finds what it counted of them."""
    rows = await store.record.rows(session, "own", person_id)
    return tuple(row.id for row in rows)


async def _mixed(session: Session, person_id: UUID) -> RecordSection:
    """What was decided about mixed text, and how much of it waits."""
    waiting = len(await pieces.waiting(session, person_id))
    rulings = await store.pieces.rulings_for(session, person_id)
    if not waiting and not rulings:
        return RecordSection(title="About you and somebody else")
    still = {0: "No piece waits.", 1: "1 piece still waits for that."}
    waits = still.get(waiting, f"{waiting} pieces still wait for that.")
    given = [one for one in rulings if one.decision is not Decision.WITHHELD]
    withheld = [one for one in rulings if one.decision is Decision.WITHHELD]
    return RecordSection(
        title="About you and somebody else",
        note=f"{MIXED} {waits}",
        entries=(*map(_given, given), *map(_withheld, withheld)),
    )


def _given(ruling: Ruling) -> tuple[RecordLine, ...]:
    return entry(
        ("Piece", in_words(ruling.source.value)),
        ("What it says", ruling.given),
        ("In part, because", ruling.ground),
    )


def _withheld(ruling: Ruling) -> tuple[RecordLine, ...]:
    return entry(("Piece", in_words(ruling.source.value)), ("Not given, because", ruling.ground))
