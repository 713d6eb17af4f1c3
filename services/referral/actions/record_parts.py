"""The parts of what this service keeps about somebody, each as a section of their copy."""

from uuid import UUID

from services.referral import store
from services.referral.domain.complaints import DESTROYED
from services.referral.domain.monitoring import Answers
from services.referral.domain.people import Person, SafeContact
from services.referral.domain.safe_hours import WEEK
from services.referral.store.corrections import Kept
from services.referral.store.record import Found
from shared.contracts.person_record import (
    RecordLine,
    RecordSection,
    Told,
    entry,
    in_words,
)
from shared.plumbing.database import Session

Lines = tuple[RecordLine, ...]


def who(person: Person) -> RecordSection:
    return RecordSection(
        title="Who you are",
        entries=(
            entry(
                ("Name", person.name),
                ("Date of birth", person.born),
                ("You asked not to be contacted", person.asked_no_contact_at),
                ("Number in our store", str(person.id)),
            ),
        ),
    )


def contact(safe: SafeContact | None) -> RecordSection:
    return RecordSection(
        title="How you may be reached, and every wish about it",
        entries=(entry(*_wishes(safe)),) if safe else (),
    )


def _wishes(safe: SafeContact) -> list[tuple[str, Told]]:
    hours = safe.hours
    days = ", ".join(day.value.capitalize() for day in WEEK if day in hours.days)
    routes: list[tuple[str, Told]] = [
        (f"{number}. {route.channel.value.capitalize()}", route.address)
        for number, route in enumerate(safe.routes, 1)
    ]
    return [
        *routes,
        ("On", days),
        ("From", _clock(hours.opens_minute)),
        ("Until", _clock(hours.closes_minute)),
        ("Who else might see or answer", safe.who_else),
        ("Leave a message", safe.voicemail),
        ("Words to avoid", ", ".join(safe.avoid)),
    ]


async def monitoring(session: Session, person_id: UUID) -> list[RecordSection]:
    """What they said of themselves; nothing where they were not asked."""
    answers = await store.monitoring.find(session, person_id)
    if answers == Answers():
        return []
    return [
        RecordSection(
            title="What you said of yourself, so that we see whom we reach",
            entries=(
                entry(
                    ("Age", answers.age_band),
                    ("Gender", answers.gender),
                    ("Ethnic group", answers.ethnicity),
                ),
            ),
        )
    ]


async def corrections(session: Session, person_id: UUID) -> list[RecordSection]:
    kept = await store.corrections.of_people(session, person_id)
    return [
        RecordSection(
            title="What was put right",
            note="What it was before is kept sealed, and goes when your data is erased.",
            entries=tuple(map(_correction, kept)),
        )
    ]


def _correction(kept: Kept) -> Lines:
    one, was = kept.correction, kept.was
    before = (
        [(f"Before: {label}", value) for label, value in _wishes(was)]
        if isinstance(was, SafeContact)
        else [("Before", was)]
    )
    return entry(("What", one.what), ("On", one.at), ("Because", one.because), *before)


async def matters(session: Session, person_id: UUID) -> list[RecordSection]:
    """The referrals they made, and the cases somebody else began."""
    own = await store.record.rows(session, "own", person_id)
    joined = await store.record.rows(session, "joined", person_id)
    return [
        RecordSection(title="Referrals for you", entries=tuple(map(_referral, own))),
        RecordSection(title="Cases you were asked into", entries=tuple(map(_joined, joined))),
    ]


def _referral(row: Found) -> Lines:
    return entry(
        ("Reference", row.reference),
        ("Received", row.received_at),
        ("Where it stands", in_words(row.status)),
        ("Decided", row.decided_at),
        ("Declined because", _words(row.decline_reason)),
        ("Sent in by", in_words(row.source)),
        ("Whoever sent it in said that you agreed", row.permission_attested or None),
        ("Kind of matter", in_words(row.matter)),
        ("What happened", in_words(row.happened)),
        ("How you stand to it", in_words(row.side)),
        ("Reported to the police", in_words(row.reported_to_police)),
        ("Area", row.label),
        ("Heard of us", in_words(row.heard_about)),
        ("Case opened", row.opened_at),
        ("State of the case", _words(row.state)),
    )


def _joined(row: Found) -> Lines:
    return entry(
        ("Reference", row.reference),
        ("Kind of matter", in_words(row.matter)),
        ("How you stand to it", in_words(row.side)),
        ("Added", row.added_at),
        ("State of the case", in_words(row.state)),
    )


async def said(session: Session, person_id: UUID) -> list[RecordSection]:
    """What they agreed to and told us, what rests on it, and what became of messages."""
    return [
        RecordSection(
            title="What you said about meeting",
            entries=tuple(
                entry(
                    ("You", "Agreed" if row.state == "given" else "No longer agreed"),
                    ("When", row.told_at),
                    ("How you told us", in_words(row.how)),
                )
                for row in await store.record.rows(session, "agreements", person_id)
            ),
        ),
        RecordSection(
            title="What is noted of you",
            entries=tuple(
                entry(("What", in_words(row.happening)), ("When", row.at), ("How", _words(row.how)))
                for row in await store.record.rows(session, "noted", person_id)
            ),
        ),
    ]


async def followed(session: Session, person_id: UUID) -> list[RecordSection]:
    """What rested on what they said, and what became of messages to them."""
    return [
        RecordSection(
            title="Leave to hold meetings that rested on what you said",
            entries=tuple(
                entry(
                    ("Kind", in_words(row.kind)),
                    ("Given", row.granted_at),
                    ("Asked for at", in_words(row.moment)),
                    ("Ended", row.ended_at),
                )
                for row in await store.record.rows(session, "grants", person_id)
            ),
        ),
        RecordSection(
            title="What became of messages to you",
            entries=tuple(
                entry(
                    ("About", in_words(row.purpose)),
                    ("It was", in_words(row.ending)),
                    ("When", row.at),
                    ("By", _words(row.channel)),
                    ("Because", _words(row.reason)),
                )
                for row in await store.record.rows(session, "messages", person_id)
            ),
        ),
    ]


async def work(session: Session, person_id: UUID) -> list[RecordSection]:
    """What is kept of somebody who works here. Secrets are in no copy."""
    roles = tuple(
        entry(("Role", in_words(row.role)), ("Since", row.joined_at), ("Until", row.left_at))
        for row in await store.record.rows(session, "staff", person_id)
    )
    signed_in = tuple(
        entry(
            ("When", row.created_at),
            ("How", in_words(row.means)),
            ("Last seen", row.last_seen_at),
            ("Ended", row.revoked_at),
        )
        for row in await store.record.rows(session, "sessions", person_id)
    )
    account = await _account(session, person_id)
    return [
        RecordSection(title="Your work here", entries=roles + account),
        RecordSection(title="When you signed in", entries=signed_in),
    ]


async def _account(session: Session, person_id: UUID) -> tuple[Lines, ...]:
    access = [row.role for row in await store.record.rows(session, "roles", person_id)]
    areas = [row.label for row in await store.record.rows(session, "areas", person_id)]
    accounts = await store.record.rows(session, "disabled", person_id)
    invited = await store.record.rows(session, "invited", person_id)
    return (
        *(
            entry(
                ("You have an account", True),
                ("Disabled", row.disabled_at),
                ("May also", ", ".join(map(in_words, sorted(access)))),
                ("Areas", ", ".join(sorted(areas)) or "All"),
            )
            for row in accounts
        ),
        *(entry(("A link to set up your account, until", row.expires_at)) for row in invited),
    )


async def requests(session: Session, person_id: UUID) -> list[RecordSection]:
    """What they asked about their own data before."""
    asked = await store.rights.of_person(session, person_id)
    return [
        RecordSection(
            title="What you asked about your own data",
            entries=tuple(
                entry(
                    ("What", one.kind),
                    ("Received", one.received_on),
                    ("How", one.received_by),
                    ("Answer due", one.due_on),
                    ("Taking longer because", one.extended),
                    ("Where it stands", one.state),
                    ("Decided", one.decided_on),
                    ("Reason", one.reason),
                )
                for one in asked
            ),
        )
    ]


async def complaints(session: Session, person_id: UUID) -> list[RecordSection]:
    """What they complained of, in their own words; what we wrote where nobody else is in it."""
    found = []
    for one in await store.complaints.by_person(session, person_id):
        words = await store.complaints.words_of(session, one.id)
        ours = [] if one.referral_id else [step for step in words.steps if step.words]
        found.append(
            entry(
                ("Reference", one.reference),
                ("Came", one.came_on),
                ("How", one.how),
                ("What you said", words.said or DESTROYED),
                ("Acknowledged", one.acknowledged_on),
                ("Answered", one.answered_on),
                ("Closed", one.closed_on),
                ("Outcome", one.outcome),
                *((f"{in_words(step.step)} {step.at.date()}", step.words) for step in ours),
            )
        )
    return [RecordSection(title="What you complained of", entries=tuple(found))]


def _words(code: str | None) -> str | None:
    return in_words(code) if code else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
