"""Tells Alembic which tables this history is about; the rest is in shared/plumbing/migrations."""

from services.notifications.store import SCHEMA
from shared.plumbing import migrations

migrations.run_scripts(SCHEMA)
