"""What limits have counted, who opened which records within the hour, and alarms."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_raised_at"), ["raised_at"], unique=False)

    op.create_table(
        "bucket",
        sa.Column("key_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_bucket")),
    )
    with op.batch_alter_table("bucket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bucket_full_at"), ["full_at"], unique=False)

    op.create_table(
        "opened_record",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "record_id", name=op.f("pk_opened_record")),
    )
    with op.batch_alter_table("opened_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opened_record_opened_at"), ["opened_at"], unique=False)
