"""Everything that is kept of a person has an answer to what becomes of it when they are erased."""

import pytest
from sqlmodel import Field, SQLModel

from shared.contracts.catalogue import SERVICES
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes
from shared.plumbing.database import Schema, new_registry
from tests.architecture.stores import schema_of

WHEN_ERASED = {
    "person.name": "emptied, and its key destroyed",
    "person.born": "emptied",
    "safe_contact.details": "the row goes",
    "account.code_secret": "the row goes",
    "right_request.note": "emptied; it is sealed with the key of the person",
    "correction.was": "the row goes",
    "correction.because": "the row goes",
    "piece_ruling.given": "the row goes",
    "piece_ruling.reason": "the row goes",
    "monitoring.answers": "the row goes",
    "complaint.who": "emptied, where it is by the person",
    "complaint.words": "emptied, where it is by the person; else it goes with the complaint",
    "complaint_step.words": "emptied, where the complaint is by the person",
    "legal_hold.reason": "about a case: a person looks through it",
    "legal_hold.lifted_reason": "the same",
    "break_glass.reason": "about a case, and sealed with its key",
    "break_glass.note": "the same",
    "venue.safety_note": "about a place and not about anybody: it stays",
    "parked_event.headers": "ids alone, unless it was no event of ours; given up or tried again",
    "parked_event.body": "the same",
    "parked_event.reason": "emptied where the event is about the person",
}
"""A new personal column belongs here, and into `store/erasures.py` of referral or what another
service does when it hears that somebody was erased."""

LEAD_TO_SOMEBODY = {
    "referral": {
        "born_index": "emptied",
        "phone_index": "the row goes",
        "text_index": "the row goes",
        "email_index": "the row goes",
        "name_digest": "the row goes",
        "outside_digest": "the row goes",
        "password_hash": "the row goes",
        "fingerprint": "the row goes where the answer names a matter of theirs",
    }
}
"""What is not personal to look at, and says all the same whether a guess is right."""


def personal(schema: Schema) -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.info == PERSONAL["info"]
    }


def unanswered(schema: Schema) -> list[str]:
    return sorted(personal(schema) - WHEN_ERASED.keys())


@pytest.mark.parametrize("service", SERVICES)
def test_every_personal_column_has_an_answer_to_an_erasure(service):
    assert unanswered(schema_of(service)) == []


def test_no_answer_is_about_a_column_that_is_gone():
    columns = set().union(*(personal(schema_of(service)) for service in SERVICES))
    assert WHEN_ERASED.keys() <= columns


@pytest.mark.parametrize("service", LEAD_TO_SOMEBODY)
def test_every_digest_by_which_somebody_could_be_guessed_has_one(service):
    ending = ("_index", "_digest", "_hash", "fingerprint")
    found = {
        column.name
        for table in schema_of(service).metadata.sorted_tables
        for column in table.columns
        if column.name.endswith(ending)
    }
    of_chance = {"token_digest", "key_digest"}  # made by chance, or from what holds nobody
    audit = {"hash", "prev_hash"}
    assert found - of_chance - audit == LEAD_TO_SOMEBODY[service].keys()


def test_a_personal_column_that_is_planted_is_seen():
    class Base(SQLModel, registry=new_registry()):
        pass

    class StoryRow(Base, table=True):
        __tablename__ = "story"

        id: int = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
        words: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)

    assert unanswered(Schema("guard", Base)) == ["story.words"]
