"""The questions of the public form, one to a page, in the order in which they are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.referral.domain.areas import Area
from services.referral.domain.intake import Request
from services.referral.domain.people import Newcomer
from services.referral.routes import wording
from services.referral.routes.contact_answers import (
    ContactAnswers,
    PrivacyAnswers,
    TimesAnswers,
    newcomer,
)
from services.referral.routes.draft import Draft
from services.referral.routes.refer_answers import (
    AreaAnswer,
    HappenedAnswer,
    HeardAnswer,
    MatterAnswer,
    ReportedAnswer,
    SideAnswer,
)
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel, Source
from shared.ui.forms import Form, FormErrors, Values, check

F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Step:
    """One page of the form."""

    slug: str
    """Its part of the address: it must say nothing to whoever looks at the history."""
    about: str
    """What a button that leads back to it says it changes."""
    form: type[Form]
    template: str
    names: bool = False
    """Whether the page may show who somebody is or where they can be reached."""


STEPS = (
    Step("what", "what happened", HappenedAnswer, "refer/what.html"),
    Step("matter", "what it is", MatterAnswer, "refer/matter.html"),
    Step("side", "how you see it", SideAnswer, "refer/side.html"),
    Step("reported", "whether it was reported", ReportedAnswer, "refer/reported.html"),
    Step("area", "where it happened", AreaAnswer, "refer/area.html"),
    Step(
        "contact",
        "your name and how to reach you",
        ContactAnswers,
        "refer/contact.html",
        names=True,
    ),
    Step("times", "when it is safe", TimesAnswers, "refer/times.html"),
    Step("privacy", "who else might see it", PrivacyAnswers, "refer/privacy.html", names=True),
    Step("heard", "how you heard of us", HeardAnswer, "refer/heard.html"),
)
BY_SLUG: Mapping[str, Step] = {step.slug: step for step in STEPS}


@dataclass(frozen=True)
class Complete:
    """Every answer, as the rules know it."""

    request: Request
    who: Newcomer


def number(step: Step) -> int:
    """Its place, from 1."""
    return STEPS.index(step) + 1


def before(step: Step) -> Step | None:
    return STEPS[number(step) - 2] if number(step) > 1 else None


def read(step: Step, values: Values, areas: Sequence[Area]) -> tuple[Form | None, FormErrors]:
    """One step's answers, or what has to be put right."""
    form, errors = check(step.form, values)
    if isinstance(form, AreaAnswer) and form.area_id not in {area.id for area in areas}:
        return None, FormErrors.of(AreaAnswer.words["area_id"], "area_id")
    if isinstance(form, ContactAnswers):
        try:
            form.routes()
        except Refusal as refused:  # asked again here: later on, every answer would be lost
            return None, FormErrors.of(str(refused), "ways")
    return form, errors


def kept(step: Step, values: Values) -> Values:
    """The fields of this step alone, as they were typed."""
    return {name: values[name] for name in step.form.model_fields if name in values}


def first_open(draft: Draft, areas: Sequence[Area]) -> Step | None:
    """The first step that is not answered; None when all are."""
    for step in STEPS:
        form, _ = read(step, draft.answers.get(step.slug, {}), areas)
        if form is None:
            return step
    return None


def complete(draft: Draft, areas: Sequence[Area]) -> Complete | None:
    """All of it, or None while something is missing."""
    answers: dict[type[Form], Form] = {}
    for step in STEPS:
        form, _ = read(step, draft.answers.get(step.slug, {}), areas)
        if form is None:
            return None
        answers[step.form] = form

    def given(kind: type[F]) -> F:
        found = answers[kind]
        assert isinstance(found, kind)  # noqa: S101 - each step was read with its own form
        return found

    request = Request(
        source=Source.SELF,
        matter=given(MatterAnswer).matter,
        happened=given(HappenedAnswer).happened,
        side=given(SideAnswer).side,
        reported_to_police=given(ReportedAnswer).reported_to_police,
        area_id=given(AreaAnswer).area_id,
        heard_about=given(HeardAnswer).heard_about,
    )
    who = newcomer(given(ContactAnswers), given(TimesAnswers), given(PrivacyAnswers))
    return Complete(request, who)


def summary(done: Complete, areas: Sequence[Area]) -> list[dict[str, str]]:
    """What was answered, in plain words, each with the step on which it can be changed."""
    request, safe = done.request, done.who.safe_contact
    area = next((area.label for area in areas if area.id == request.area_id), "")
    voicemail = "Yes" if safe.voicemail else "No"
    rows = [
        ("what", "What happened", wording.HAPPENED[request.happened]),
        ("matter", "What it is", wording.MATTER[request.matter]),
        ("side", "How you see it", wording.SIDE_ASKED[request.side]),
        ("reported", "Reported to the police", wording.REPORTED[request.reported_to_police]),
        ("area", "Where", area),
        ("contact", "What we call you", done.who.name),
        *(
            ("contact", f"{wording.CHANNEL[route.channel]} is safe", wording.address(route))
            for route in safe.routes
        ),
        ("times", "When it is safe", wording.hours(safe.hours)),
        ("privacy", "Could anyone else see or hear it?", wording.WHO_ELSE[safe.who_else]),
    ]
    if safe.route_by(Channel.PHONE):
        rows.append(("privacy", "May we leave a voicemail?", voicemail))
    rows.append(("privacy", "Words we must not use", ", ".join(safe.avoid) or "None"))
    rows.append(("heard", "How you heard of us", wording.HEARD[request.heard_about]))
    return [
        {"step": step, "about": BY_SLUG[step].about, "key": key, "value": value}
        for step, key, value in rows
    ]
