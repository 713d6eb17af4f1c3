"""Messages: begun for whoever must be told, sent once at most, and ended."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation.reading import facts_of, heard_at, moment

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

UNFINISHED = {"waiting", "sending"}
OLD_NEWS = timedelta(days=7)


def each_message_is_sent_at_most_once(sim: "Simulation") -> Iterator[str]:
    rows = sim.notifications.rows("SELECT * FROM message")
    begun = Counter((row["event_id"], row["person_id"], row["purpose"]) for row in rows)
    for (event, _, purpose), count in begun.items():
        if count > 1:
            yield f"{count} messages {purpose} to one person about event {event}"
    messages = {row["id"]: row for row in rows}
    happened = Counter(
        (row["message_id"], row["happened"])
        for row in sim.notifications.rows("SELECT message_id, happened FROM message_history")
    )
    handed: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for attempt in sim.house.mail.attempts:
        handed[attempt.intent_id.hex] += attempt.may_be_taken
        taken[attempt.intent_id.hex] += attempt.taken
    for message_id in handed.keys() - messages.keys():
        yield f"a letter was handed in for {message_id}, which is no message"
    for message_id, row in messages.items():
        chosen = happened[message_id, "tried_again"]
        yield from _ended_well(row, handed[message_id], taken[message_id], chosen)


def _ended_well(row: Any, handed: int, taken: int, chosen: int) -> Iterator[str]:
    what = f"message {row['id'][-6:]} ({row['purpose']}, {row['state']})"
    if row["state"] in UNFINISHED:
        yield f"{what} never ended"
    if handed > 1 + chosen:
        yield f"{what} was handed in {handed} times, and may have been taken each time"
    if taken and not chosen and row["state"] not in ("sent", "uncertain"):
        yield f"{what} was taken by the mail server, and nobody says so"
    if row["state"] == "sent" and not taken:
        yield f"{what} is said to be sent, and the mail server never took it"


def everybody_is_told(sim: "Simulation") -> Iterator[str]:
    """Of a referral and of a meeting, unless it was too late by the time it was heard of."""
    begun = {
        (row["event_id"], row["person_id"], row["purpose"])
        for row in sim.notifications.rows("SELECT event_id, person_id, purpose FROM message")
    }
    heard = heard_at(sim.notifications)
    declined = {
        fact["referral_id"]: heard.get(event_id)
        for event_id, _, fact, _ in facts_of(sim.referral, "referral.referral_declined.v1")
    }
    for subject, purpose in (
        ("referral.referral_received.v1", "referral_received"),
        ("referral.referral_accepted.v1", "referral_accepted"),
    ):
        for event_id, told_at, fact, _ in facts_of(sim.referral, subject):
            at = heard.get(event_id)
            if at is None or at - told_at > OLD_NEWS:
                continue
            off = declined.get(fact["referral_id"])
            if purpose == "referral_received" and off is not None and off <= at:
                continue
            if (event_id, fact["person_id"].replace("-", ""), purpose) not in begun:
                yield f"nobody began to tell {fact['person_id'][-6:]} that it was {purpose}"
    yield from _of_meetings(sim, begun, heard)
    yield from _of_cancellations(sim, heard)


def _of_meetings(sim: "Simulation", begun: set[Any], heard: dict[str, Any]) -> Iterator[str]:
    ended: dict[str, Any] = {}
    for subject in ("scheduling.session_cancelled.v1", "scheduling.session_rescheduled.v1"):
        for event_id, _, fact, _ in facts_of(sim.scheduling, subject):
            if event_id in heard:
                ended[fact["session_id"]] = heard[event_id]
    for event_id, _, fact, _ in facts_of(sim.scheduling, "scheduling.session_scheduled.v1"):
        if fact["replaces"] and event_id in heard:
            before = ended.get(fact["replaces"], heard[event_id])
            ended[fact["replaces"]] = min(before, heard[event_id])
    for event_id, told_at, fact, _ in facts_of(sim.scheduling, "scheduling.session_scheduled.v1"):
        at, off = heard.get(event_id), ended.get(fact["session_id"])
        starts_at = moment(fact["starts_at"])
        if at is None or at - told_at > OLD_NEWS or at >= starts_at or (off and off <= at):
            continue
        for person, purposes in (
            *((one, ("meeting_booked", "meeting_moved")) for one in fact["participant_ids"]),
            *(
                (one, ("staff_meeting_booked", "staff_meeting_moved"))
                for one in fact["facilitator_ids"]
            ),
        ):
            who = person.replace("-", "")
            if not any((event_id, who, purpose) in begun for purpose in purposes):
                yield f"nobody began to tell {person[-6:]} of meeting {fact['session_id'][-6:]}"


def _of_cancellations(sim: "Simulation", heard: dict[str, Any]) -> Iterator[str]:
    """Whoever had been told of a meeting must be told that it is off, if there is still time."""
    rows = sim.notifications.rows("SELECT * FROM message WHERE session_id IS NOT NULL")
    for event_id, told_at, fact, _ in facts_of(sim.scheduling, "scheduling.session_cancelled.v1"):
        at, session_id = heard.get(event_id), fact["session_id"].replace("-", "")
        about = [row for row in rows if row["session_id"] == session_id]
        [meeting] = sim.scheduling.rows("SELECT starts_at FROM meeting WHERE id=?", session_id)
        if at is None or at - told_at > OLD_NEWS or at >= moment(meeting["starts_at"]):
            continue
        hear = {
            (row["person_id"], row["purpose"].startswith("staff_"))
            for row in about
            if row["purpose"].endswith("meeting_cancelled")
        }
        for row in about:
            expects = row["purpose"].endswith(("meeting_booked", "meeting_moved"))
            who = (row["person_id"], row["purpose"].startswith("staff_"))
            if expects and row["told_at"] and who not in hear:
                who_expects = row["person_id"][-6:]
                yield f"nobody began to tell {who_expects} that meeting {session_id[-6:]} is off"
