"""Whether all services know the same once everything works again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shared.plumbing.hearing import durable_name
from tests.simulation.reading import moment

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

ENDED_AS = {"cancelled": "meeting_cancelled", "superseded": "meeting_moved"}


def everybody_knows_the_same(sim: "Simulation") -> Iterator[str]:
    if not sim.quiet:
        yield "everything works again, and it does not come to rest"
    yield from _everything_was_heard(sim)
    yield from _cases(sim)
    yield from _people(sim)
    yield from _meetings(sim)
    yield from _endings(sim)


def _everything_was_heard(sim: "Simulation") -> Iterator[str]:
    for consumer in sim.house.broker.consumers.values():
        teller, reader = consumer.stream.name, consumer.reader
        told = {
            row["event_id"]: row["subject"]
            for row in sim.house.disks[teller].rows("SELECT event_id, subject FROM outbox")
            if row["subject"] in consumer.subjects
        }
        heard = {
            row["event_id"]
            for row in sim.house.disks[reader].rows(
                "SELECT event_id FROM inbox WHERE consumer=?", durable_name(reader, teller)
            )
        }
        for event_id in told.keys() - heard:
            yield f"{reader} never acted on {told[event_id]} of {teller}"
        if heard - told.keys():
            yield f"{reader} acted on what {teller} never told"


def _differ(what: str, one: set[Any], other: set[Any]) -> Iterator[str]:
    for row in sorted(one - other, key=str):
        yield f"{what}: {row} is missing"
    for row in sorted(other - one, key=str):
        yield f"{what}: {row} is too much"


def _rows(disk: Any, sql: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in disk.rows(sql)}


def _cases(sim: "Simulation") -> Iterator[str]:
    yield from _differ(
        "cases in planning",
        _rows(sim.referral, "SELECT id, referral_id FROM case_file"),
        _rows(sim.scheduling, "SELECT id, referral_id FROM planning_case"),
    )
    yield from _differ(
        "parties in planning",
        _rows(sim.referral, "SELECT case_id, person_id, side FROM party"),
        _rows(sim.scheduling, "SELECT case_id, person_id, side FROM party"),
    )
    yield from _differ(
        "declined referrals in notifications",
        _rows(sim.referral, "SELECT id FROM referral WHERE status='declined'"),
        _rows(sim.notifications, "SELECT referral_id FROM declined_referral"),
    )


def _people(sim: "Simulation") -> Iterator[str]:
    working = "SELECT person_id, role FROM staff_role WHERE left_at IS NULL"
    yield from _differ(
        "staff in notifications",
        _rows(sim.referral, working),
        _rows(sim.notifications, "SELECT person_id, role FROM staff_role WHERE works_here"),
    )
    yield from _differ(
        "facilitators in planning",
        _rows(sim.referral, f"SELECT person_id FROM ({working}) WHERE role='facilitator'"),
        _rows(sim.scheduling, "SELECT person_id FROM facilitator WHERE works_here"),
    )


def _meetings(sim: "Simulation") -> Iterator[str]:
    planned = {
        (row["id"], moment(row["starts_at"]), ENDED_AS.get(row["state"]))
        for row in sim.scheduling.rows("SELECT id, starts_at, state FROM meeting")
    }
    known = {
        (row["id"], moment(row["starts_at"]), row["ended"])
        for row in sim.notifications.rows("SELECT * FROM meeting WHERE starts_at IS NOT NULL")
    }
    yield from _differ("meetings in notifications", planned, known)


def _endings(sim: "Simulation") -> Iterator[str]:
    """The case page says of each message what became of it last."""
    ended = _rows(sim.notifications, "SELECT id, facts FROM message WHERE facts > 0")
    noted = _rows(sim.referral, "SELECT message_id, sequence FROM message_note")
    yield from _differ("endings of messages in referral", ended, noted)
