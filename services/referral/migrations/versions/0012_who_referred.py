"""Which partner officer made a referral."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("referral", sa.Column("referred_by", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_referral_referred_by"), "referral", ["referred_by"], unique=False)
