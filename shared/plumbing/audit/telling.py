"""What somebody who asks is told of who looked at their details: by role and by day, never by name.

record = PersonRecord(sections=(..., await telling.who_looked(session, person_id)))
await telling.note_disclosure(session, person_id, asker)
"""

from collections import Counter
from uuid import UUID

from shared.contracts.person_record import RecordSection, entry, in_words
from shared.plumbing.asker import Asker
from shared.plumbing.audit.entry import Entry, Outcome, Verb
from shared.plumbing.audit.looking import Noted, looks_at
from shared.plumbing.audit.recording import record
from shared.plumbing.database import Session

MOST_LOOKS = 5_000
"""Entries read at most, the newest: an answer to a question has to fit into one message."""

MOST_LINES = 1_000

NOBODY = {
    "service": "Parley itself",
    "public": "Whoever sent the form",
    "operator": "Whoever runs Parley",
}

NOTE = (
    "By what they are here for and not by name, day by day (London days may begin an hour "
    "earlier). To look, to change and to take in are all here."
)


async def who_looked(
    session: Session, person_id: UUID, but_for: frozenset[str] = frozenset()
) -> RecordSection:
    """Who looked at somebody's details in this service, or changed them, newest day first.

    `but_for` are purposes of which they must not know.
    """
    looks = await looks_at(session, person_id, MOST_LOOKS)
    found = [one for one in looks if one.purpose not in but_for]
    counted = Counter(map(_alike, found))
    lines = list(counted.items())[:MOST_LINES]
    more = len(counted) > len(lines) or len(looks) >= MOST_LOOKS
    return RecordSection(
        title="Who looked at your details, or changed them",
        note=NOTE + (" There are older ones: ask for them." if more else ""),
        entries=tuple(
            entry(
                ("Day", day),
                ("By", who),
                ("What was done", in_words(verb)),
                ("With what", what),
                ("Why", in_words(why)),
                ("Outcome", None if outcome is Outcome.DONE else outcome),
                ("How often", times),
            )
            for (day, who, verb, what, why, outcome), times in lines
        ),
    )


async def note_disclosure(session: Session, person_id: UUID, asker: Asker | None) -> None:
    """Note that all that is kept here about somebody was put together, to be given to them."""
    told = Entry(
        verb=Verb.DISCLOSURE,
        purpose="person_export",
        fields=("everything_kept",),
        person_id=person_id,
        asker=asker,
    )
    await record(session, told)


def _alike(noted: Noted) -> tuple[str, str, Verb, str, str, Outcome]:
    """What is told of a look: looks that would be told alike are counted."""
    who = NOBODY.get(noted.role) or in_words(noted.role.replace(",", ", "))
    what = ", ".join(in_words(field).lower() for field in noted.fields)
    day = noted.at.date().isoformat()
    return day, who, noted.verb, what, noted.purpose, noted.outcome
