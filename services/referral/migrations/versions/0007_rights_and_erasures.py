"""What people asked about their own data, and who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "right_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_by", sa.String(length=20), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended", sa.String(length=20), nullable=True),
        sa.Column("extended_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_right_request_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_right_request")),
    )
    with op.batch_alter_table("right_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_right_request_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_right_request_state"), ["state"], unique=False)
