"""The public form: nine questions, one to a page, then everything once more before it is sent.

No address says anything about anybody, no answer is in an address, and nothing is stored before
the last button. Every page is the answer to the post of the page before.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.referral import store
from services.referral.actions.intake import receive_form
from services.referral.domain.areas import Area
from services.referral.domain.intake import reference_for
from services.referral.routes import form_guard, refer_steps, wording
from services.referral.routes.contact_answers import clock_choices
from services.referral.routes.draft import Draft, StaleForm, seal, unseal
from services.referral.routes.person_file import controller_of
from services.referral.routes.refer_steps import BY_SLUG, STEPS, Step
from services.referral.routes.secret import form_key, reference_key
from shared.plumbing.limits import TooMany
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import OPEN_TO_ALL
from shared.ui.forms import FormErrors, Values, submitted
from shared.ui.pages import render

START = "/referral/refer"
KEPT_BY_BROWSER = "private, no-cache"
"""The Back button must work in the middle of the form, and browsers only go back to the answer of
a post when they may keep it. So they may keep questions: the answers in them are sealed."""

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(dependencies=[OPEN_TO_ALL], include_in_schema=False)


@router.get("/")
@router.get(START)
async def start(request: Request) -> Response:
    """What this is, and where to begin."""
    return render(request, "refer/start.html", first=STEPS[0].slug)


@router.get(START + "/talk")
async def talk(request: Request) -> Response:
    """Other ways to reach us."""
    return render(request, "refer/talk.html")


@router.get(START + "/your-data")
async def your_data(request: Request) -> Response:
    """Who answers for what people send, what they may ask, and how they complain."""
    settings = service_of(request).settings
    return render(request, "refer/your_data.html", about=controller_of(settings))


@router.get(START + "/{slug}")
async def open_form(request: Request, slug: str, session: Reading) -> Response:
    """The first question of a new form; the others have no page of their own to go to."""
    if slug not in {*BY_SLUG, "check", "send"}:
        raise HTTPException(404)
    if slug != STEPS[0].slug:
        return RedirectResponse(START, status_code=303)
    areas = await store.areas.all_areas(session)
    if not areas:
        return render(request, "refer/closed.html", 503)
    world = service_of(request).world
    return _question(request, STEPS[0], Draft(world.new_id(), world.now()), areas)


@router.post(START + "/check")
async def change(request: Request, values: Submitted, session: Reading) -> Response:
    """Back from the last page to one of the questions."""
    draft = _draft(request, values)
    if draft is None:
        return _stale(request)
    step = BY_SLUG.get(str(values.get("change")), STEPS[-1])
    areas = await store.areas.all_areas(session)
    return _question(request, step, draft, areas, then_check="change" in values)


@router.post(START + "/send")
async def send(request: Request, values: Submitted, session: Transaction) -> Response:
    """Take the referral in; sent again, show the same reference again."""
    draft = _draft(request, values)
    if draft is None:
        return _stale(request)
    doubt = form_guard.doubt(request, values, draft)
    areas = await store.areas.all_areas(session)
    done = refer_steps.complete(draft, areas)
    if done is None or doubt:
        return _check(request, draft, areas, FormErrors.of(doubt) if doubt else None)
    try:
        if await store.intake.find(session, draft.referral_id) is None:
            await form_guard.count(request, session)
    except TooMany as refused:
        await session.rollback()
        return await form_guard.please_wait(request, session, refused, _sealed(request, draft))
    receipt = await receive_form(
        session,
        done.request,
        done.who,
        referral_id=draft.referral_id,
        reference=reference_for(draft.referral_id, reference_key(service_of(request).settings)),
    )
    return render(request, "refer/done.html", receipt=receipt)


@router.post(START + "/{slug}")
async def answer(request: Request, slug: str, values: Submitted, session: Reading) -> Response:
    """Take one page's answers along and show the next page."""
    draft, step = _draft(request, values), BY_SLUG.get(slug)
    if step is None:
        raise HTTPException(404)
    if draft is None:
        return _stale(request)
    areas = await store.areas.all_areas(session)
    then_check = "then_check" in values
    if values.get("go") == "back":
        return _back(request, step, draft, areas, then_check=then_check)
    form, errors = refer_steps.read(step, values, areas)
    if form is None:
        return _question(
            request, step, draft, areas, values=values, errors=errors, then_check=then_check
        )
    draft = draft.with_answers(step.slug, refer_steps.kept(step, values))
    if then_check or step is STEPS[-1]:
        return _check(request, draft, areas)
    return _question(request, STEPS[refer_steps.number(step)], draft, areas)


def _back(
    request: Request, step: Step, draft: Draft, areas: Sequence[Area], *, then_check: bool
) -> Response:
    earlier = refer_steps.before(step)
    if then_check:
        return _check(request, draft, areas)
    if earlier is None:
        return RedirectResponse(START, status_code=303)
    return _question(request, earlier, draft, areas)


def _question(
    request: Request,
    step: Step,
    draft: Draft,
    areas: Sequence[Area],
    *,
    values: Values | None = None,
    errors: FormErrors | None = None,
    then_check: bool = False,
) -> Response:
    """One question, with what was answered to it before."""
    shown = values if values is not None else draft.answers.get(step.slug, {})
    response = render(
        request,
        step.template,
        errors=errors or FormErrors(),
        values=shown,
        step=step,
        number=refer_steps.number(step),
        total=len(STEPS),
        sealed=_sealed(request, draft),
        then_check=then_check,
        areas=[(str(area.id), area.label) for area in areas],
        calls=_calls(draft),
        clocks=clock_choices(shown.get("opens"), shown.get("closes")),
        words=wording,
    )
    if not (step.names and shown):
        response.headers["cache-control"] = KEPT_BY_BROWSER
    return response


def _check(
    request: Request, draft: Draft, areas: Sequence[Area], errors: FormErrors | None = None
) -> Response:
    """Everything once more; or the first question that is still open or has to be put right."""
    done = refer_steps.complete(draft, areas)
    missing = refer_steps.first_open(draft, areas)
    if done is None and missing is not None:
        given = draft.answers.get(missing.slug)
        errors = refer_steps.read(missing, given, areas)[1] if given else None
        return _question(request, missing, draft, areas, errors=errors)
    assert done is not None  # noqa: S101 - nothing is missing
    return render(
        request,
        "refer/check.html",
        errors=errors or FormErrors(),
        rows=refer_steps.summary(done, areas),
        sealed=_sealed(request, draft),
    )


def _calls(draft: Draft) -> bool:
    """Whether a phone call is one of the ways that are safe."""
    ways = draft.answers.get("contact", {}).get("ways", [])
    return "phone" in ([ways] if isinstance(ways, str) else ways)


def _draft(request: Request, values: Values) -> Draft | None:
    """The form so far; None when it is stale."""
    service = service_of(request)
    try:
        return unseal(values.get("form"), form_key(service.settings), service.world.now())
    except StaleForm:
        return None


def _sealed(request: Request, draft: Draft) -> str:
    service = service_of(request)
    return seal(draft, form_key(service.settings), service.world.now())


def _stale(request: Request) -> Response:
    return render(request, "refer/stale.html", 410)
