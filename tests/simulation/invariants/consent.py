"""What people had agreed to, moment by moment, and what was done.

Worked out anew from what referral's store said at each moment, by rules written down here a
second time: a mistake in the product's own rules would show as a difference.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.plumbing.columns import Blob
from shared.plumbing.sealing.fields import LONG, Field
from shared.plumbing.sealing.keyring import Kind
from tests.fixtures import keys
from tests.simulation.reading import moment

if TYPE_CHECKING:
    from tests.simulation.mail_server import Attempt
    from tests.simulation.simulation import Simulation
    from tests.simulation.witness import Standing

LONDON = ZoneInfo("Europe/London")
PERMIT_LASTS = timedelta(seconds=60)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

STILL_TRUE = {
    "referral_received": ("waiting", "accepted"),
    "referral_accepted": ("accepted",),
    "referral_declined": ("declined",),
}


DETAILS = Field("referral|safe_contact|details", LONG)


def no_meeting_without_leave(sim: "Simulation") -> Iterator[str]:
    grants = {row["id"]: row for row in sim.referral.rows("SELECT * FROM meeting_grant")}
    for row in sim.scheduling.rows("SELECT * FROM meeting ORDER BY id"):
        what = f"{row['kind']} meeting {row['id'][-6:]} ({row['state']})"
        grant = grants.get(row["grant_id"])
        if grant is None or grant["session_id"] != row["id"]:
            yield f"{what} was booked without leave"
        elif row["state"] == "scheduled" and _went_before(grant, moment(row["starts_at"])):
            yield f"{what} is still booked, and leave for it has gone"
        elif row["state"] == "scheduled":
            yield from _unwilling(sim, row, what)


def _unwilling(sim: "Simulation", meeting: Any, what: str) -> Iterator[str]:
    """Those who said, before it was to begin, that they would not come."""
    said = {
        (row["case_id"], row["person_id"]): row
        for row in sim.referral.rows("SELECT * FROM agreement ORDER BY version")
    }
    asked = sim.referral.rows("SELECT * FROM person WHERE asked_no_contact_at IS NOT NULL")
    no_contact = {row["id"]: moment(row["asked_no_contact_at"]) for row in asked}
    starts_at = moment(meeting["starts_at"])
    for row in sim.scheduling.rows(
        "SELECT person_id FROM meeting_person WHERE meeting_id=? AND NOT facilitates", meeting["id"]
    ):
        person = row["person_id"]
        if no_contact.get(person, starts_at) < starts_at:
            yield f"{what} is still booked with somebody who wants no contact"
        word = said.get((meeting["case_id"], person))
        if meeting["kind"] == "joint" and (
            word is None or (word["state"] == "withdrawn" and moment(word["told_at"]) < starts_at)
        ):
            yield f"{what} is still booked with somebody who does not agree to it"


def _went_before(grant: Any, starts_at: datetime) -> bool:
    return bool(grant["ended_at"]) and moment(grant["ended_at"]) < starts_at


def no_letter_but_as_agreed(sim: "Simulation") -> Iterator[str]:
    for letter in sim.witness.dead_letters:
        yield f"letter {letter.intent_id.hex[-6:]} was handed in although {letter.why}"
    messages = {row["id"]: row for row in sim.notifications.rows("SELECT * FROM message")}
    for attempt in sim.house.mail.attempts:
        message = messages.get(attempt.intent_id.hex)
        if attempt.taken and message is not None:
            yield from _as_agreed(sim, attempt, message)


def _as_agreed(sim: "Simulation", attempt: "Attempt", message: Any) -> Iterator[str]:
    """A permit is good for a minute: one of the moments of the last minute must have allowed it."""
    reasons: list[str] = []
    for standing, asked_at in _last_minute(sim.witness.standings, attempt.at):
        reason = _why_not(standing, attempt, message, asked_at)
        if reason is None:
            return
        reasons.append(reason)
    what = f"letter {message['id'][-6:]} ({message['purpose']}) at {attempt.at:%d %b %H:%M:%S}"
    yield f"{what}: {reasons[-1]}"


def _last_minute(
    standings: list["Standing"], at: datetime
) -> Iterator[tuple["Standing", datetime]]:
    begin = at - PERMIT_LASTS
    for standing, following in zip(standings, [*standings[1:], None], strict=True):
        if standing.since <= at and (following is None or following.since >= begin):
            yield standing, max(standing.since, begin)


def _opened(standing: "Standing", person: str) -> dict[str, Any]:
    """What the person had said then, opened with the keys of the tests."""
    wrapped = dict(standing.rows["sealed_key"])[person]
    key = keys.keyring("referral").unwrap(UUID(person), Kind.PERSON, wrapped)
    sealed = dict(standing.rows["safe_contact"])[person]
    plain = DETAILS.open(key, UUID(person), Blob(sealed))
    return json.loads(plain or b"{}")


def _why_not(
    standing: "Standing", attempt: "Attempt", message: Any, asked_at: datetime
) -> str | None:
    person = message["person_id"]
    if dict(standing.rows["person"]).get(person, "") is not None:
        return "they wanted no contact, or are nobody"
    contact = _opened(standing, person)
    channel, address = contact["routes"][0]
    if channel != "email" or address != attempt.address:
        return f"it went to {attempt.address}, they are reached by {channel} at {address}"
    local = attempt.at.astimezone(LONDON)
    minute = local.hour * 60 + local.minute
    if DAYS[local.weekday()] not in contact["days"]:
        return "it was not a safe day"
    if not contact["opens_minute"] <= minute < contact["closes_minute"]:
        return "it was not a safe hour"
    return _why_not_about_that(standing, message, asked_at)


def _why_not_about_that(standing: "Standing", message: Any, asked_at: datetime) -> str | None:
    person, purpose = message["person_id"], message["purpose"]
    if purpose.startswith("staff_"):
        roles = {role for who, role in standing.rows["staff_role"] if who == person}
        wanted = {"coordinator"} if purpose == "staff_new_referral" else roles
        return None if roles & wanted else "they do not work here in that role"
    if purpose in STILL_TRUE:
        own = [
            row[2]
            for row in standing.rows["referral"]
            if row[:2] == (message["referral_id"], person)
        ]
        return None if own and own[0] in STILL_TRUE[purpose] else f"the referral was {own}"
    if (message["case_id"], person) not in standing.rows["party"]:
        return "they were no party of the case"
    if purpose == "meeting_cancelled":
        return None
    return _why_not_that_meeting(standing, message, asked_at)


def _why_not_that_meeting(standing: "Standing", message: Any, asked_at: datetime) -> str | None:
    person, case_id = message["person_id"], message["case_id"]
    live = [
        (grant_id, kind)
        for grant_id, of_case, session_id, kind, ends_at, ended_at in standing.rows["meeting_grant"]
        if (of_case, session_id) == (case_id, message["session_id"])
        and ended_at is None
        and asked_at < moment(ends_at)
    ]
    if not live:
        return "there was no leave to hold the meeting"
    grant_id, kind = live[-1]
    if (grant_id, person) not in standing.rows["meeting_grant_participant"]:
        return "they were not invited"
    said = [row[2] for row in standing.rows["agreement"] if row[:2] == (case_id, person)]
    if kind == "joint" and (not said or said[-1] != "given"):
        return "they did not agree to meet"
    return None
