"""What referral tells of a case that ends: closed, held against destruction, destroyed."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.contracts.fact import Fact


class ClosureCode(StrEnum):
    """Why work on a case ended. Never whose decision it was, where that would name one of two."""

    COMPLETED_DIRECT = "completed_direct"
    COMPLETED_INDIRECT = "completed_indirect"
    RESOLVED_BY_THEMSELVES = "resolved_by_themselves"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    NO_CONTACT = "no_contact"
    UNSUITABLE = "unsuitable"
    LEGAL_TIMING = "legal_timing"
    MOVED_OR_DIED = "moved_or_died"
    ADMINISTRATIVE_ERROR = "administrative_error"


class CaseClosed(Fact):
    """Work on a case has ended: nothing more is planned in it."""

    subject: ClassVar[str] = "referral.case_closed.v1"
    about: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    outcome: ClosureCode


class HoldPlaced(Fact):
    """Nothing of the matter may be destroyed from now on, whatever its period says."""

    subject: ClassVar[str] = "referral.hold_placed.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    case_id: UUID | None = None


class HoldLifted(Fact):
    """The matter is kept for its usual period again."""

    subject: ClassVar[str] = "referral.hold_lifted.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    case_id: UUID | None = None


class RecordsDestroyed(Fact):
    """The period of a matter was over and what was kept of it is gone; readers drop theirs."""

    subject: ClassVar[str] = "referral.records_destroyed.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    case_id: UUID | None = None
