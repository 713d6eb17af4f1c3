"""Recording what somebody said of themselves."""

from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.case_file import Edit
from services.referral.domain.monitoring import Answers
from services.referral.domain.timeline import Happening
from shared.plumbing.database import Session


async def record_answers(session: Session, edit: Edit, person_id: UUID, answers: Answers) -> None:
    """Keep it in place of what was known. Raises NotThere, and WasErased."""
    file = await case_file.opened(session, edit)
    await case_file.person_in(session, file, person_id)
    await store.monitoring.save(session, person_id, answers)
    await case_file.changed(session, file)
    await case_file.note(session, file, Happening.MONITORING_ANSWERED, about=person_id, by=edit.by)
