"""Keeping the timeline of a case up to date with what others tell."""

from services.referral import store
from services.referral.domain.timeline import MessageNote, corrects
from shared.plumbing.database import Session


async def note_message(session: Session, note: MessageNote) -> None:
    """Remember how a message ended, unless something later about it is known already."""
    if corrects(note, await store.timeline.find_note(session, note.message_id)):
        await store.timeline.save_note(session, note)
