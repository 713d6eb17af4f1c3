"""How we say that something went wrong: RFC 9457 to programs, a page in plain words to people.

What was sent is never quoted back, and an error of ours shows a reference and nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from shared.contracts.refusal import Refusal
from shared.plumbing.limits import TooMany
from shared.plumbing.sealing.trouble import Sealed, WasErased
from shared.plumbing.staff import NotSignedIn, SignInUnavailable, sign_in_path
from shared.ui.pages import error_page

log = structlog.get_logger()

PROBLEM_TYPE = "application/problem+json"

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("We could not read that", "Something is wrong with what was sent."),
    401: ("Sign in first", "Nobody is signed in here, or not any more."),
    403: ("You cannot do that here", "This page is not open to you."),
    404: ("Page not found", "Check the address. If it is right, what was there is gone."),
    405: ("That cannot be done here", "Go back to the page and use its own buttons."),
    408: ("That took too long", "Please try again."),
    409: ("That is not possible any more", "Something changed in the meantime."),
    413: ("That is too much", "Shorten it and try again."),
    415: ("We cannot read that kind of file", "Send the form from its own page."),
    429: ("That was too much at once", "Wait a little and try again."),
    431: ("That is too much", "Clear the cookies of this site and try again."),
    422: ("That cannot be done", "Something in the form is not right. Go back and check it."),
    500: ("Sorry, something went wrong", "It is our mistake, not yours. Please try again later."),
    503: ("Not available right now", "Please try again in a few minutes."),
}
"""A heading and a sentence for each status; an answer's own words replace the sentence."""

WORDS = {
    "missing": "This is needed.",
    "extra_forbidden": "This field does not exist.",
    "enum": "This is not one of the possible answers.",
    "literal_error": "This is not one of the possible answers.",
    "string_type": "This must be text.",
    "string_too_long": "This is too long.",
    "string_too_short": "This is too short.",
    "too_long": "There are too many of these.",
    "too_short": "There are too few of these.",
    "bool_parsing": "This must be true or false.",
    "bool_type": "This must be true or false.",
    "json_invalid": "This is not JSON.",
    "model_attributes_type": "This must be a JSON object, sent as application/json.",
    "dict_type": "This must be a JSON object, sent as application/json.",
}
"""In our words, by pydantic's type of error: its own sentences sometimes quote what was sent."""

NOT_STORED = (
    "What you sent was not stored: it cannot be kept safe right now. Please try again later, or "
    "phone us."
)

_FIELD = re.compile(r"^[a-z][a-z0-9_]{0,39}$")


def install(app: FastAPI) -> None:
    """Let `app` answer refusals, HTTP errors and forms that do not fit in this way."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(Sealed, _sealed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(SignInUnavailable, _sign_in_unavailable)
    app.add_exception_handler(RequestValidationError, _does_not_fit)


def answer(
    request: Request,
    status: int,
    words: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """The answer for a status, in the form the caller can read; `more` goes to programs only."""
    title, sentence = TITLES.get(status) or TITLES[500 if status >= 500 else 400]
    reference = getattr(request.state, "reference", None) if status >= 500 else None
    response: Response
    if wants_json(request):
        problem = {"type": "about:blank", "title": title, "status": status, **more}
        problem["detail"] = words or sentence
        if reference:
            problem["reference"] = reference
        response = JSONResponse(problem, status, media_type=PROBLEM_TYPE)
    else:
        response = error_page(request, status, title, words or sentence, reference)
    response.headers.update(headers or {})
    return response


def unexpected(request: Request) -> Response:
    """What is said when we made a mistake: where to ask, and nothing of what happened."""
    return answer(request, 500)


def wants_json(request: Request) -> bool:
    """Addresses under `/<service>/api/` are for programs; all others are for people."""
    return request.url.path.split("/")[2:3] == ["api"]


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101 - that is what it is registered for
    headers = {"retry-after": refusal.retry_after} if isinstance(refusal, TooMany) else None
    code = _snake(type(refusal).__name__)
    return answer(request, refusal.status, str(refusal), headers=headers, code=code)


async def _sealed(request: Request, error: Exception) -> Response:
    """Nothing personal without its key; whoever wanted to tell us something may try again."""
    assert isinstance(error, Sealed)  # noqa: S101 - that is what it is registered for
    log.error("sealed", code=error.code, reason=error.hint)
    status = WasErased.STATUS if isinstance(error, WasErased) else 503
    words = str(error) if request.method in ("GET", "HEAD") else NOT_STORED
    return answer(request, status, words, code=error.code)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - that is what it is registered for
    ours = error.detail if error.status_code not in _STARLETTES_OWN.get(error.detail, ()) else None
    return answer(request, error.status_code, ours, headers=error.headers)


async def _not_signed_in(request: Request, _error: Exception) -> Response:
    """Somebody who wanted to see a page is led to the sign-in; anything else must come again."""
    if request.method in ("GET", "HEAD") and not wants_json(request):
        return RedirectResponse(sign_in_path(request), status_code=303)
    return answer(request, 401, "Open the sign-in page, sign in, and then do this again.")


async def _sign_in_unavailable(request: Request, _error: Exception) -> Response:
    return answer(request, 503, SIGN_IN_UNAVAILABLE)


SIGN_IN_UNAVAILABLE = (
    "Sign-in is unavailable: we cannot see at the moment who is signed in. Nothing is lost. "
    "Please try again in a few minutes."
)

_STARLETTES_OWN = {"Not Found": (404,), "Method Not Allowed": (405,), "Bad Request": (400,)}


async def _does_not_fit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - that is what it is registered for
    found = [_described(one) for one in error.errors()]
    if any(one["in"] == "path" for one in found):
        return answer(request, 404)
    return answer(request, 422, "What was sent is not in the right form.", errors=found)


def _described(error: Mapping[str, Any]) -> dict[str, str]:
    """Where it is and what is wrong, without what was there."""
    part, *steps = error["loc"] or ("body",)
    ours = error["type"] in ("value_error", "plain_words")
    words = WORDS.get(error["type"]) or (_own_words(error) if ours else "This is not right.")
    return {"in": str(part), "pointer": _pointer(steps), "detail": words}


def _own_words(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    return str(context.get("words") or context.get("error") or "This is not right.")


def _pointer(steps: Sequence[str | int]) -> str:
    """A JSON pointer; a name that was sent and is not plainly a field's is not repeated."""
    shown = (step if isinstance(step, int) or _FIELD.match(step) else "…" for step in steps)
    return "".join(f"/{step}" for step in shown)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
