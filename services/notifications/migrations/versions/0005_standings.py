"""Which matter each message is about, who works on it, and who may know nothing of it.

Where a referral of before belongs is not known here, and nobody may see a message about one until
referral tells of it again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MESSAGES_OF_BEFORE = """
    UPDATE message SET
        about_id = coalesce(referral_id, case_id),
        part_of_id = CASE WHEN substr(purpose, 1, 6) = 'staff_' THEN NULL ELSE person_id END
"""


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("told_as", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("told_as", name=op.f("pk_matter")),
    )
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.create_index("ix_matter_person", ["person_id"], unique=False)
        batch_op.create_index("ix_matter_referral", ["referral_id"], unique=False)
    op.create_table(
        "standing",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("matter_id", "person_id", "relation", name=op.f("pk_standing")),
    )
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_standing_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("part_of_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_message_about", ["about_id"], unique=False)
    op.execute(MESSAGES_OF_BEFORE)
