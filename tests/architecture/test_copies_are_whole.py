"""The right of access: whatever is kept under somebody's id is in their copy, or says why not.

A column that may hold the id of a person fails here until it is in one of the two lists.
"""

import pytest
from sqlalchemy import Uuid

from shared.contracts.catalogue import SERVICES
from tests.architecture.stores import schema_of

IN_THE_COPY = {
    "referral": {
        "person.id", "safe_contact.person_id", "referral.person_id", "party.person_id",
        "agreement.person_id", "timeline_entry.person_id", "message_note.person_id",
        "meeting_grant_participant.person_id", "staff_role.person_id", "account.person_id",
        "account_role.person_id", "account_area.person_id", "invitation.person_id",
        "staff_session.person_id", "right_request.person_id", "correction.person_id",
        "piece_ruling.person_id", "complaint.person_id", "audit_entry.person_id",
        "monitoring.person_id",
    },
    "scheduling": {
        "party.person_id", "facilitator.person_id", "meeting_person.person_id",
        "audit_entry.person_id",
    },
    "notifications": {"message.person_id", "staff_role.person_id", "audit_entry.person_id"},
    "reporting": {"audit_entry.person_id"},
}  # fmt: skip

LEFT_OUT = {
    "standing.person_id": "who works on what, and from whom it is kept: it is of the case",
    "standing.party_id": "as above",
    "recovery_code.person_id": "digests of secrets",
    "complaint.about_id": "a colleague must not learn that somebody complained of them",
    "audit_entry.actor_id": "what a colleague did is about those they did it for",
    "opened_record.staff_id": "how many pages a colleague opened within the last hour",
    "alarm.about": "what somebody has to look into",
    "outbox.aggregate_id": "facts hold nobody: ids and codes of what is in the copy already",
    "parked_event.about_id": "as above",
    "held_time.held_id": "the time of a meeting that is in the copy",
    "matter.person_id": "whose referral it is: in the copy of referral",
    "message.part_of_id": "the same person as message.person_id, or nobody",
    "erased_person.person_id": "whoever was erased is given nothing",
    "sealed_key.subject_id": "keys",
    "break_glass.person_id": "what a colleague opened is about those whose case it is",
    "opened_glass.person_id": "as above",
    "opened_glass.glass_id": "the number of an opening, and of nobody",
    "redaction_task.person_id": "whoever was erased is given nothing",
    "retention_mark.subject_id": "when something goes that is in the copy already",
    "staff_area.person_id": "in the copy of referral",
}

BY_WHOM = {
    "referral.referred_by",
    "timeline_entry.recorded_by", "agreement.told_by", "correction.corrected_by",
    "piece_ruling.decided_by", "complaint_step.taken_by", "clarification.asked_by",
    "right_request.recorded_by", "right_request.decided_by", "meeting.booked_by",
    "meeting.ended_by", "message_history.staff_id", "break_glass.ended_by",
    "break_glass.reviewed_by", "legal_hold.placed_by", "legal_hold.lifted_by",
    "redaction_task.done_by",
}  # fmt: skip
"""Which colleague did something: a part of that, and not of what is kept about the colleague."""

OF_THINGS = {
    "id", "event_id", "referral_id", "case_id", "session_id", "meeting_id", "message_id",
    "grant_id", "area_id", "venue_id", "matter_id", "complaint_id", "request_id", "piece_id",
    "record_id", "entry_id", "about_id", "replaces", "replaced_by", "correlation", "causation",
    "reference", "told_as",
}  # fmt: skip

KNOWN = {"person.id", "complaint.about_id", "parked_event.about_id"}
"""What is called like a thing, and is a person."""


def unexplained(service: str) -> set[str]:
    schema = schema_of(service)
    assert schema is not None
    columns = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Uuid)
        and (column.name not in OF_THINGS or f"{table.name}.{column.name}" in KNOWN)
    }
    return columns - IN_THE_COPY[service] - set(LEFT_OUT) - BY_WHOM


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_kept_under_somebodys_id_is_in_their_copy_or_says_why_not(service):
    assert unexplained(service) == set()
