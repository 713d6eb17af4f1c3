"""Every fact and ask there is, in reading order: what is not listed here does not exist."""

from shared.contracts import (
    glass,
    lifecycle,
    notifications,
    person_record,
    referral,
    scheduling,
    sign_in,
    staff_areas,
    standings,
)
from shared.contracts.ask import Ask
from shared.contracts.fact import Fact

FACTS: tuple[type[Fact], ...] = (
    referral.ReferralReceived,
    referral.ReferralAccepted,
    referral.ReferralDeclined,
    referral.PartyAdded,
    referral.MeetingGrantRevoked,
    referral.StaffJoined,
    referral.StaffLeft,
    staff_areas.StaffAreasSet,
    referral.AreaNamed,
    referral.PersonErased,
    standings.FacilitatorAllocated,
    standings.FacilitatorReleased,
    standings.ConflictDeclared,
    standings.ConflictLifted,
    glass.BreakGlassOpened,
    glass.BreakGlassEnded,
    lifecycle.CaseClosed,
    lifecycle.HoldPlaced,
    lifecycle.HoldLifted,
    lifecycle.RecordsDestroyed,
    scheduling.SessionScheduled,
    scheduling.SessionRescheduled,
    scheduling.SessionCancelled,
    scheduling.SessionMissed,
    scheduling.SessionCompleted,
    notifications.MessageSent,
    notifications.MessageFailed,
    notifications.MessageSuppressed,
    notifications.MessageRecalled,
)

ASKS: tuple[type[Ask], ...] = (
    referral.ContactPermitWanted,
    referral.NameCardsWanted,
    referral.MeetingGrantWanted,
    sign_in.SessionWanted,
    person_record.SchedulingRecordWanted,
    person_record.NotificationsRecordWanted,
    person_record.ReportingRecordWanted,
)

SERVICES: tuple[str, ...] = ("referral", "scheduling", "notifications", "reporting")
"""Every service by name; the name is also its stream, its NATS user and its path."""
