"""What people asked about their own data, and who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "erased_person",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erased_person")),
    )
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
    op.create_table(
        "redaction_task",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("queued_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_redaction_task_referral_id")
        ),
        sa.PrimaryKeyConstraint("referral_id", "person_id", name=op.f("pk_redaction_task")),
    )
    with op.batch_alter_table("right_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_right_request_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_right_request_state"), ["state"], unique=False)
