"""What is personal is sealed, under a key for each person; blind indexes to find people by."""

import json

import sqlalchemy as sa
from alembic import op

from shared.plumbing.sealing import blind, first_sealing
from shared.plumbing.sealing.first_sealing import Sealing
from shared.plumbing.sealing.keyring import Kind, SubjectKey

revision = "0002"
down_revision = "0001"

INDEXES = (
    ("person", "born_index"),
    ("safe_contact", "phone_index"),
    ("safe_contact", "text_index"),
    ("safe_contact", "email_index"),
)


def upgrade() -> None:
    first_sealing.add_key_table()
    op.add_column("person", sa.Column("born", sa.LargeBinary(), nullable=True))
    for table, column in INDEXES:
        op.add_column(table, sa.Column(column, sa.LargeBinary(length=16), nullable=True))
    first_sealing.add_columns("person", ["name"])
    first_sealing.add_columns("safe_contact", ["details"])
    sealing = Sealing()
    _people(sealing)
    first_sealing.take_the_place_of_plain("person", "name")
    first_sealing.take_the_place_of_plain("safe_contact", "details")
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)
    first_sealing.rewrite("person")
    first_sealing.rewrite("safe_contact")
    sealing.parked_events()


def _people(sealing: Sealing) -> None:
    contact = sa.table(
        "safe_contact", sa.column("person_id", sa.Uuid()), sa.column("details", sa.JSON())
    )
    for person in first_sealing.rows_of("person", "id", (("name", sa.String()),)):
        key = sealing.new_key(person.id, Kind.PERSON)
        name = sealing.seal("person", "name", person.id, key, person.name, 32)
        first_sealing.change("person", "id", person.id, {"name_sealed": name})
        wanted = sa.select(contact.c.details).where(contact.c.person_id == person.id)
        for (details,) in op.get_bind().execute(wanted).all():
            _contact(sealing, key, details)


def _contact(sealing: Sealing, key: SubjectKey, details: dict[str, object]) -> None:
    routes = details["routes"]
    assert isinstance(routes, list)  # noqa: S101 - as 0001 had it
    by = dict(routes)
    plain = json.dumps(details, separators=(",", ":"))
    values = {
        "details_sealed": sealing.seal("safe_contact", "details", key.subject, key, plain, 256)
    }
    for channel in ("phone", "text"):
        if channel in by:
            values[f"{channel}_index"] = blind.phone(sealing.keyring, by[channel])
    if "email" in by:
        values["email_index"] = blind.email(sealing.keyring, by["email"])
    first_sealing.change("safe_contact", "person_id", key.subject, values)
