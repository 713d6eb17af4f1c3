"""What we say, in writing and on the telephone. The sentences are in `letters/` and `calls/`."""

from services.notifications.wording.calls import CallScript, call_script
from services.notifications.wording.letters import Letter, Letterhead, Occasion, write_letter

__all__ = ["CallScript", "Letter", "Letterhead", "Occasion", "call_script", "write_letter"]
