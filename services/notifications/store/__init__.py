"""What notifications keeps, and the only SQL over it."""

from services.notifications.store.tables import SCHEMA

__all__ = ["SCHEMA"]
