"""Sees what was true at each moment, so that it can be said afterwards what was allowed then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.fixtures.clock import FixedWorld
from tests.simulation.house import House
from tests.simulation.reading import moment

RIGHTS = {
    "person": "SELECT id, asked_no_contact_at FROM person",
    "safe_contact": "SELECT person_id, details FROM safe_contact",
    "sealed_key": "SELECT subject_id, wrapped FROM sealed_key",
    "agreement": "SELECT case_id, person_id, state FROM agreement ORDER BY version",
    "meeting_grant": "SELECT id, case_id, session_id, kind, ends_at, ended_at FROM meeting_grant "
    "ORDER BY granted_at, id",
    "meeting_grant_participant": "SELECT grant_id, person_id FROM meeting_grant_participant",
    "referral": "SELECT id, person_id, status FROM referral",
    "party": "SELECT case_id, person_id FROM party",
    "staff_role": "SELECT person_id, role FROM staff_role WHERE left_at IS NULL",
}
"""What of referral's store decides who may be contacted, and how."""


@dataclass
class Standing:
    """What referral's store said from one commit to the next."""

    since: datetime
    rows: dict[str, list[tuple[Any, ...]]]


@dataclass
class DeadLetter:
    """A letter that was handed in although notifications knew better."""

    intent_id: UUID
    why: str


class Witness:
    """Looks at every commit of referral's store, and at every letter as it is handed in."""

    def __init__(self, house: House, world: FixedWorld) -> None:
        self._house, self._world = house, world
        self._referral = house.disks["referral"]
        self.standings: list[Standing] = []
        self.dead_letters: list[DeadLetter] = []
        self._referral.on_commit = self._on_commit
        house.mail.on_handed_in = self._on_handed_in
        self._on_commit(set(RIGHTS))

    def _on_commit(self, tables: set[str]) -> None:
        changed = [table for table in RIGHTS if table in tables]
        if not changed:
            return
        rows = dict(self.standings[-1].rows) if self.standings else {}
        for table in changed:
            rows[table] = [tuple(row) for row in self._referral.rows(RIGHTS[table])]
        self.standings.append(Standing(self._world.now(), rows))

    def _on_handed_in(self, intent_id: UUID) -> None:
        """The moment after `sending` was stored, before anything else can happen."""
        disk = self._house.disks["notifications"]
        [row] = disk.rows(
            "SELECT m.state, m.purpose, e.ended, d.referral_id AS declined FROM message m "
            "LEFT JOIN meeting e ON e.id = m.session_id "
            "LEFT JOIN declined_referral d ON d.referral_id = m.referral_id "
            "WHERE m.id = ?",
            intent_id.hex,
        )
        announces = row["purpose"].endswith(("meeting_booked", "meeting_moved"))
        if announces and row["ended"]:
            self.dead_letters.append(DeadLetter(intent_id, f"the meeting was {row['ended']}"))
        if row["purpose"] in ("referral_received", "staff_new_referral") and row["declined"]:
            self.dead_letters.append(DeadLetter(intent_id, "the referral was declined"))
        if row["state"] != "sending":
            self.dead_letters.append(DeadLetter(intent_id, f"its message was {row['state']}"))

    def letters_due(self) -> list[datetime]:
        """When each message that waits may be tried next."""
        rows = self._house.disks["notifications"].rows(
            "SELECT due_at FROM message WHERE due_at IS NOT NULL"
        )
        return [moment(row["due_at"]) for row in rows]
