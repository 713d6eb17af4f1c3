"""The coded words of what people ask about their own data, and of complaints, in plain English."""

from services.referral.domain.agreement import HowTold
from services.referral.domain.complaints import HowCame, Outcome, Step
from services.referral.domain.pieces import Decision, Ground, Source
from services.referral.domain.rights import ExtensionReason, RefusalReason, RequestState, RightKind

PIECE = {
    Source.REFERRAL_ANSWERS: "What somebody else answered",
    Source.TIMELINE: "What else has happened",
    Source.COMPLAINT_STEPS: "What we wrote about a complaint",
    Source.COMPLAINT_OF_OTHERS: "A complaint by somebody else",
    Source.HOLD_REASONS: "Why a case is kept",
    Source.GLASS_REASONS: "Why a case was opened in an emergency",
}
RULED = {
    Decision.RELEASED: "given",
    Decision.REDACTED: "given in part",
    Decision.WITHHELD: "not given",
}
GROUND = {
    Ground.SOMEBODY_ELSE: "It is about somebody else",
    Ground.SERIOUS_HARM: "It could do somebody serious harm",
    Ground.CRIME: "It would stand in the way of preventing or finding a crime",
    Ground.LEGAL_ADVICE: "It is legal advice",
    Ground.TOLD_IN_CONFIDENCE: "It was told in confidence",
}
RIGHT = {
    RightKind.ACCESS: "A copy of what we keep",
    RightKind.RECTIFICATION: "To have something put right",
    RightKind.ERASURE: "Erasure",
}
EXTENDED = {
    ExtensionReason.COMPLEX: "It is complex",
    ExtensionReason.MANY: "They have asked for many things",
}
REFUSED = {
    RefusalReason.UNFOUNDED_OR_EXCESSIVE: "It is manifestly unfounded or excessive",
}
REQUEST_STATE = {
    RequestState.OPEN: "Open",
    RequestState.CARRIED_OUT: "Answered",
    RequestState.REFUSED: "Refused",
    RequestState.WITHDRAWN: "Withdrawn",
}
HOW_CAME = {
    HowCame.BY_PHONE: "By phone",
    HowCame.IN_PERSON: "In person",
    HowCame.BY_EMAIL: "By email",
    HowCame.BY_LETTER: "By letter",
    HowCame.ANOTHER_WAY: "Another way",
}
STEP = {
    Step.ACKNOWLEDGED: "Acknowledged",
    Step.NOTED: "Noted",
    Step.ANSWERED: "Answered",
    Step.CLOSED: "Closed",
}
OUTCOME = {
    Outcome.UPHELD: "Upheld",
    Outcome.PARTLY_UPHELD: "Partly upheld",
    Outcome.NOT_UPHELD: "Not upheld",
    Outcome.WITHDRAWN: "Withdrawn",
}
HOW_TOLD = {
    HowTold.IN_PERSON: "In person",
    HowTold.BY_PHONE: "By phone",
    HowTold.IN_WRITING: "In writing",
}
