"""What stands between the network and the routes, for every request alike.

Bodies are bounded, of a type we read, complete within a time limit and, where they are JSON,
strict. A page of another site cannot make a browser post here. Every answer carries the headers
that keep it out of frames, caches and other origins. Each request gets a reference, is counted
and traced by its route, and an error nobody caught ends as a page with that reference.
"""

import asyncio
import time
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.plumbing import front_door, logs, problems, strict_json, tracing
from shared.plumbing.csrf import FormToken
from shared.plumbing.metrics import Metrics
from shared.plumbing.secret import derived
from shared.plumbing.settings import Settings
from shared.plumbing.world import World

MOST_BODY_BYTES = 64 * 1024
BODY_SECONDS = 10.0
"""A body must be complete within this time."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"CONNECT", "DELETE", "PATCH", "POST", "PUT", "TRACE"}
"""All there are. A caller may send any other word: it goes into no label, log or span."""

FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    # Not "no-referrer": browsers would then send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), "
        "payment=(), usb=()"
    ),
}
"""What an answer carries unless its route says otherwise, with a reason beside it."""

log = structlog.get_logger()


class Armour:
    """The outermost layer of a service's app."""

    def __init__(self, app: ASGIApp, metrics: Metrics, world: World, settings: Settings) -> None:
        self.app, self.metrics, self.world = app, metrics, world
        self.hosts = settings.known_hosts
        self.form_key = derived(settings, f"{metrics.service} forms")
        self.https_only = settings.https_only
        self.headers = dict(HEADERS)
        if self.https_only:
            self.headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = FormToken(Request(scope), self.form_key, https_only=self.https_only)
        answer = _Answer(send, self.headers, token)
        reference = str(self.world.new_id())
        scope.setdefault("state", {}).update(reference=reference, form_token=token)
        began = time.perf_counter()
        method = scope["method"] if scope["method"] in METHODS else "other"
        with (
            logs.about(reference=reference),
            tracing.requesting(self.metrics.service, method) as span,
        ):
            await self._serve(scope, receive, answer)
            route = route_template(scope)
            span.update_name(f"{method} {route}")
            span.set_attribute("http.response.status_code", answer.status)
            self._note(method, route, answer.status, time.perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        request = Request(scope, receive)
        try:
            refused = (
                front_door.refusal(request, self.hosts)
                or foreign(request.method, request.headers)
                or await _read(request)
            )
            if refused is not None:
                await problems.answer(request, *refused)(scope, receive, answer)
                return
            await self.app(scope, _again(request), answer)
        except Exception as error:
            log.error("request_failed", error_type=type(error).__name__, exc_info=error)
            if answer.begun:
                raise AnswerCutShort from None
            await problems.unexpected(request)(scope, receive, answer)

    def _note(self, method: str, route: str, status: int, seconds: float) -> None:
        self.metrics.requests.labels(method, route, str(status)).observe(seconds)
        if not route.endswith(("/static/{path:path}", "/metrics", "/health/live", "/health/ready")):
            milliseconds = round(seconds * 1000, 1)
            log.info(
                "request", method=method, route=route, status=status, milliseconds=milliseconds
            )


class AnswerCutShort(Exception):
    """An error came after the answer had begun: the connection is closed. Says nothing else."""


class _Answer:
    """Passes an answer on with our headers, and remembers how it began."""

    def __init__(self, send: Send, headers: dict[str, str], token: FormToken) -> None:
        self.send, self.headers, self.token = send, headers, token
        self.begun = False
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun, self.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers.setdefault(name, value)
            if self.token.new_cookie is not None:
                headers.append("set-cookie", self.token.new_cookie)
            if self.status >= 400 or "set-cookie" in headers:
                headers["cache-control"] = HEADERS["cache-control"]
        await self.send(message)


def foreign(method: str, headers: Headers) -> tuple[int, str] | None:
    """Why this request is refused as another site's doing; None when it is not.

    A browser says where a request comes from; a program that is not a browser says nothing, and
    has no cookies of ours to misuse.
    """
    if method in SAFE_METHODS:
        return None
    words = "This form was sent from another site. Open the page again and send it from there."
    site = headers.get("sec-fetch-site")
    if site is not None:
        return None if site in ("same-origin", "none") else (403, words)
    origin = headers.get("origin")
    if origin is None or _host_of(origin) == headers.get("host", ""):
        return None
    return 403, words


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address at all, and so not ours
        return None


async def _read(request: Request) -> tuple[int, str] | None:
    """Read the body within its limits into the request; why it is refused, or None."""
    if request.method in SAFE_METHODS:
        return None
    declared = front_door.declared_length(request.headers)
    if declared is None or declared > MOST_BODY_BYTES:
        return _TOO_LONG
    chunks: list[bytes] = []
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                chunks.append(chunk)
                if sum(map(len, chunks)) > MOST_BODY_BYTES:
                    return _TOO_LONG
    except TimeoutError:
        return 408, "The request took too long to arrive."
    except ClientDisconnect:
        return 400, "The request did not arrive whole."
    request.state.body = b"".join(chunks)
    return _check_type(request, request.state.body)


_TOO_LONG = (413, "That is more than we can take in at once.")


def _check_type(request: Request, body: bytes) -> tuple[int, str] | None:
    if not body:
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON_TYPE, FORM_TYPE) or "content-encoding" in request.headers:
        return 415, f"Send {JSON_TYPE} or {FORM_TYPE}, not compressed."
    if kind == JSON_TYPE:
        try:
            strict_json.load(body)
        except strict_json.NotStrictJson as reason:
            return 400, f"We cannot read the JSON that was sent: {reason}."
    return None


def _again(request: Request) -> Receive:
    """A `receive` that hands the body over once more, then waits for the real thing."""
    body: bytes | None = getattr(request.state, "body", None)
    if body is None:
        return request.receive
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else await request.receive()

    return receive


def route_template(scope: MutableMapping[str, Any]) -> str:
    """The route as it is written in the code, so that no id gets into a label."""
    effective = scope.get("fastapi", {}).get("effective_route_context")
    route = effective or scope.get("route")
    return getattr(route, "path", None) or "(none)"
