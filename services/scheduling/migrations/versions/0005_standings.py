"""Who works on each matter, and who may know nothing of it.

Whoever is a party of a case that was open before is kept from it from now on. Who was put on a
case is told anew by referral, which told nobody until now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PARTIES_OF_BEFORE = """
    INSERT INTO standing (matter_id, person_id, relation, holds, version)
    SELECT planning_case.referral_id, party.person_id, 'own_case', :holds, min(party.version)
    FROM party JOIN planning_case ON planning_case.id = party.case_id
    GROUP BY planning_case.referral_id, party.person_id
"""


def upgrade() -> None:
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
    with op.batch_alter_table("planning_case", schema=None) as batch_op:
        batch_op.create_index("ix_planning_case_referral", ["referral_id"], unique=False)
    holds = sa.bindparam("holds", True, sa.Boolean())
    op.execute(sa.text(PARTIES_OF_BEFORE).bindparams(holds))
