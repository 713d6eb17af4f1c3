"""Who opened which matter in an emergency, and in which areas somebody works."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "opened_glass",
        sa.Column("glass_id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("glass_id", name=op.f("pk_opened_glass")),
    )
    with op.batch_alter_table("opened_glass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opened_glass_person_id"), ["person_id"], unique=False)
    op.create_table(
        "staff_area",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("area_ids", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_staff_area")),
    )
