"""What a partner officer is asked about somebody they refer: what programs of agencies send too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from pydantic import field_validator

from services.referral.domain.areas import Area
from services.referral.domain.intake import Request
from services.referral.domain.people import Newcomer
from services.referral.routes import wording
from services.referral.routes.contact_answers import SafeContactForm, newcomer
from services.referral.routes.once import OPEN_AGAIN
from services.referral.routes.refer_answers import CHOOSE, AreaAnswer
from shared.contracts.refusal import Refusal
from shared.contracts.words import Happened, HeardAbout, Matter, ReportedToPolice, Side, Source
from shared.ui.forms import FormErrors, Values, check
from shared.ui.text import plain_error

FOR_WHOM = "Choose for whom you refer them"
AGREED = "Tick this only if they have agreed; without it nobody can be referred"
NOT_SAID = "They would rather not say"

SOURCES = {source: words for source, words in wording.SOURCE.items() if source is not Source.SELF}
REPORTED = wording.REPORTED | {ReportedToPolice.PREFER_NOT_TO_SAY: NOT_SAID}
HEARD = wording.HEARD | {HeardAbout.PREFER_NOT_TO_SAY: NOT_SAID}


class PartnerReferralForm(SafeContactForm):
    words: ClassVar[dict[str, str]] = {
        **SafeContactForm.words,
        "source": FOR_WHOM,
        "matter": CHOOSE,
        "happened": CHOOSE,
        "side": "Choose how this person stands to the matter",
        "reported_to_police": "Choose yes, no, or that they would rather not say",
        "area_id": AreaAnswer.words["area_id"],
        "heard_about": "Choose how they heard of us",
        "permission_attested": AGREED,
        "once": OPEN_AGAIN,
    }

    happened: Happened
    matter: Matter
    side: Side
    reported_to_police: ReportedToPolice
    area_id: UUID
    heard_about: HeardAbout
    source: Source
    permission_attested: bool
    """They have agreed to it: a tick that must be there."""
    once: UUID

    @field_validator("source")
    @classmethod
    def _an_agency(cls, source: Source) -> Source:
        if source is Source.SELF:
            raise plain_error(FOR_WHOM)
        return source

    @field_validator("permission_attested")
    @classmethod
    def _has_permission(cls, attested: bool) -> bool:
        # The rule itself is in domain/intake.py; this only says it beside the field.
        if not attested:
            raise plain_error(AGREED)
        return attested


@dataclass(frozen=True)
class Asked:
    """Every answer, as the rules know it."""

    request: Request
    who: Newcomer


def read(values: Values, areas: Sequence[Area]) -> tuple[Asked | None, FormErrors]:
    """The answers, or what has to be put right."""
    form, errors = check(PartnerReferralForm, values)
    if form is None:
        return None, errors
    if form.area_id not in {area.id for area in areas}:
        return None, FormErrors.of(PartnerReferralForm.words["area_id"], "area_id")
    try:
        who = newcomer(form, form, form)
    except Refusal as refused:
        return None, FormErrors.of(str(refused), "ways")
    request = Request(
        source=form.source,
        matter=form.matter,
        happened=form.happened,
        side=form.side,
        reported_to_police=form.reported_to_police,
        area_id=form.area_id,
        heard_about=form.heard_about,
        permission_attested=form.permission_attested,
    )
    return Asked(request, who), errors
