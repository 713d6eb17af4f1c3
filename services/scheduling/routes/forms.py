"""The forms of planning: what is sent, and how it becomes a proposal."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Depends
from pydantic import Field

from services.scheduling.domain.booking import (
    LONGEST,
    MOST_FACILITATORS,
    MOST_PARTICIPANTS,
    SHORTEST,
    Proposal,
)
from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.refusals import CannotBook
from services.scheduling.domain.venues import Venue, VenueKind
from shared.contracts.refusal import Refusal
from shared.contracts.words import CancelReason, MeetingKind, MoveReason
from shared.ui.forms import FieldError, Form, FormErrors, Values, check, submitted
from shared.ui.london import LONDON
from shared.ui.text import Line, Paragraph
from shared.ui.when import read_when

Submitted = Annotated[Values, Depends(submitted)]

QUESTIONS = (
    "participants",
    "starts",
    "starts_time",
    "starts_which",
    "minutes",
    "venue",
    "facilitators",
    "reason",
)
"""The order of the questions on the page, which is the order of the error summary."""

USED_OUT = "This page has been open too long. Go back and start again"


class MeetingForm(Form):
    """When, where and with whom; the day and time are read apart."""

    words: ClassVar[dict[str, str]] = {
        "meeting_id": USED_OUT,
        "minutes": "Choose how long the meeting lasts",
        "venue": "Choose a venue",
        "facilitators": "Choose one or two facilitators",
        "participants": "Choose who takes part",
    }

    meeting_id: UUID
    minutes: Annotated[
        int, Field(ge=SHORTEST.total_seconds() // 60, le=LONGEST.total_seconds() // 60)
    ]
    venue: UUID
    facilitators: Annotated[list[UUID], Field(min_length=1, max_length=MOST_FACILITATORS)]
    participants: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PARTICIPANTS)]


class MoveForm(Form):
    """What a move needs besides where to."""

    words: ClassVar[dict[str, str]] = {
        "version": USED_OUT,
        "reason": "Choose why the meeting is moved",
    }

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: MoveReason


class CancelForm(Form):
    """Why a meeting is called off."""

    words: ClassVar[dict[str, str]] = {
        "version": USED_OUT,
        "reason": "Choose why the meeting is cancelled",
    }

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: CancelReason


class VenueForm(Form):
    """A venue as the operator describes it."""

    words: ClassVar[dict[str, str]] = {
        "venue_id": USED_OUT,
        "label": "Enter what people call the venue",
        "label.plain_words": "Use 80 characters or fewer, and no hidden ones",
        "kind": "Choose what kind of place it is",
        "step_free": "Choose yes if everybody can get in without steps",
    }

    venue_id: UUID
    label: Annotated[str, Line(80)]
    kind: VenueKind
    step_free: bool
    safety_note: Annotated[str, Paragraph(1000)] | None = None

    def described(self) -> Venue:
        return Venue(
            id=self.venue_id,
            label=self.label,
            kind=self.kind,
            safety_note=self.safety_note or "",
            step_free=self.step_free,
        )


class RetireForm(Form):
    """Which version of the venue was on the page."""

    words: ClassVar[dict[str, str]] = {"version": USED_OUT}

    version: Annotated[int, Field(ge=1, le=1_000_000)]


def read_proposal(
    values: Values, case_id: UUID, kind: MeetingKind
) -> tuple[Proposal | None, FormErrors]:
    """The meeting that was asked for, or what has to be put right."""
    form, errors = check(MeetingForm, values)
    starts_at = read_when(values, "starts", errors)
    if form is None or starts_at is None:
        return None, in_order(errors)
    return Proposal(
        meeting_id=form.meeting_id,
        case_id=case_id,
        kind=kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=form.minutes),
        venue_id=form.venue,
        facilitator_ids=tuple(sorted(set(form.facilitators))),
        participant_ids=tuple(sorted(set(form.participants))),
    ), errors


def in_order(errors: Iterable[FieldError]) -> FormErrors:
    """The errors in the order of the questions they belong to."""
    known = {name: place for place, name in enumerate(QUESTIONS)}
    return FormErrors(sorted(errors, key=lambda error: known.get(error.field, -1)))


def refused(refusal: Refusal) -> FormErrors:
    """A refusal as errors of the form as a whole: one for each reason."""
    reasons = refusal.reasons if isinstance(refusal, CannotBook) else (str(refusal),)
    return FormErrors(FieldError("", reason) for reason in reasons)


def as_booked(meeting: Meeting) -> Values:
    """The answers that would book this very meeting, to begin a move with."""
    minutes = int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60
    return {
        **_when(meeting.starts_at),
        "minutes": str(minutes),
        "venue": str(meeting.venue_id),
        "facilitators": [str(person_id) for person_id in meeting.facilitator_ids],
    }


def _when(starts_at: datetime) -> Values:
    here = starts_at.astimezone(LONDON)
    values: Values = {
        "starts_day": str(here.day),
        "starts_month": str(here.month),
        "starts_year": str(here.year),
        "starts_time": f"{here:%H:%M}",
    }
    if here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset():
        values["starts_which"] = "second" if here.fold else "first"
    return values
