"""What is personal is sealed: notes on venues, and parked events, which may hold anything."""

import sqlalchemy as sa

from shared.plumbing.sealing.first_sealing import Sealing, add_key_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    add_key_table()
    sealing = Sealing()
    sealing.column_pairs("venue", (("safety_note", sa.String()),), nullable=set())
    sealing.parked_events()
