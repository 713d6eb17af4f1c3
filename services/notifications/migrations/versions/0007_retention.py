"""Retention."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "held_matter",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_held_matter")),
    )
    op.create_table(
        "retention_mark",
        sa.Column("record_class", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroy_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("night", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("record_class", "subject_id", name=op.f("pk_retention_mark")),
    )
    with op.batch_alter_table("retention_mark", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_retention_mark_destroy_after"), ["destroy_after"], unique=False
        )

    op.create_table(
        "retention_night",
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_retention_night")),
    )
