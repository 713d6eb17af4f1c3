"""Tells Alembic which tables planning has; run by `shared.plumbing.migrations` alone."""

from services.scheduling.store import SCHEMA
from shared.plumbing.migrations import run_scripts

run_scripts(SCHEMA)
