"""What is personal is sealed: parked events, which may hold anything."""

from shared.plumbing.sealing.first_sealing import Sealing, add_key_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    add_key_table()
    Sealing().parked_events()
