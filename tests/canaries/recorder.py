"""What browsers and programs sent and were answered, kept for the search."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
from lxml import html

from tests.fixtures.visitor import Visitor

LINKS = (
    "/referral/account/set-up/",
    "/referral/sign-in/demonstration/",
    "/referral/sign-in/outside/back",
    "/referral/sign-in/outside?invitation=",
)
"""Addresses that hold a secret, given to one person and good once."""

TYPED = ["text", "email", "tel", "search", "password", "number", "url", "date"]
"""The types of an input into which people write."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)[\w-]{43}(?=/|$)")

ERRORS = (400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 431, 500, 502, 503)
"""A 422 shows a form once more to whoever filled it in, with what they wrote."""


@dataclass
class Recorder:
    """Watches any number of browsers."""

    answers: list[httpx.Response] = field(default_factory=list)
    by_hand: bool = True
    """False while every route is tried with nonsense: nobody fills in a form like that."""
    sent: set[tuple[str, str, str]] = field(default_factory=set)
    """Path, field, what was written."""
    shown: set[tuple[str, str]] = field(default_factory=set)
    """Path of the form, field: where people can write."""
    walked: set[tuple[str, str]] = field(default_factory=set)
    """Method and path of everything that was asked for by hand."""
    nonsense: list[httpx.Response] = field(default_factory=list)

    def watch(self, visitor: Visitor) -> Visitor:
        """Of what it is answered by us: what a provider of sign-ins says is not ours."""

        def ours(answer: httpx.Response) -> None:
            if str(answer.request.url).startswith(visitor.address):
                self.note(answer)

        visitor.client.event_hooks["response"].append(ours)
        return visitor

    def note(self, answer: httpx.Response) -> None:
        answer.read()
        if not self.by_hand:
            self.nonsense.append(answer)
            return
        self.answers.append(answer)
        request = answer.request
        path = unquote(request.url.path)
        self.walked.add((request.method, path))
        if request.method == "POST":
            for name, value in _fields(request):
                self.sent.add((of_anything(path), name, value))
        if "html" in answer.headers.get("content-type", "") and answer.text:
            self.shown |= set(_inputs(answer, path))

    def errors(self) -> bytes:
        """Everything that said that something went wrong, to programs and to people."""
        all_ = [*self.answers, *self.nonsense]
        wrong = (
            one
            for one in all_
            if one.status_code in ERRORS or "problem" in one.headers.get("content-type", "")
        )
        return b"\n".join(one.content for one in wrong)

    def headers(self) -> bytes:
        return b"\n".join(
            f"{name}: {value}".encode()
            for one in self.answers
            for name, value in one.headers.multi_items()
            if name != "set-cookie"  # where a session's token has to be
        )

    def addresses(self) -> bytes:
        """Every address that was opened, led to or linked; an invitation's own token left out."""
        found = (address for one in self.answers for address in _addresses(one))
        return b"\n".join(
            (of_anything(one) if any(link in one for link in LINKS) else one).encode()
            for one in found
        )

    def pages(self, beginning: str, besides: str | None = None) -> bytes:
        """What was shown at addresses that begin so, one of them left out."""
        return b"\n".join(
            one.content
            for one in self.answers
            if one.request.url.path.startswith(beginning) and one.request.url.path != besides
        )

    def keepable(self) -> list[httpx.Response]:
        """The answers a browser or a proxy may keep."""
        return [
            one for one in self.answers if "no-store" not in one.headers.get("cache-control", "")
        ]


def _fields(request: httpx.Request) -> Iterator[tuple[str, str]]:
    kind, body = request.headers.get("content-type", ""), request.content
    if "urlencoded" in kind:
        yield from parse_qsl(body.decode(), keep_blank_values=True)
    elif "json" in kind:
        yield from _leaves(body)


def _leaves(body: bytes) -> Iterator[tuple[str, str]]:
    import json

    def walk(name: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(key, inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(name, inner)
        else:
            yield name, str(value)

    try:
        yield from walk("", json.loads(body))
    except ValueError:
        return


def _inputs(answer: httpx.Response, path: str) -> Iterator[tuple[str, str]]:
    document: Any = html.document_fromstring(answer.text)
    for form in document.forms:
        if (form.method or "GET").upper() != "POST":
            continue
        for one in form.iter("input", "textarea"):
            if is_typed(one):
                yield of_anything(form.get("action") or path), one.get("name")


def is_typed(one: Any) -> bool:
    """Whether somebody can write into this part of a form."""
    if one.tag not in ("input", "textarea") or one.get("hidden") is not None:
        return False
    return bool(one.get("name")) and (one.tag == "textarea" or one.get("type", "text") in TYPED)


def of_anything(path: str) -> str:
    """A path without the ids and tokens in it: `/referral/cases/…/parties`."""
    return _ID.sub("…", unquote(path.partition("?")[0]))


def _addresses(answer: httpx.Response) -> Iterator[str]:
    yield str(answer.request.url)
    yield answer.headers.get("location", "")
    if "html" in answer.headers.get("content-type", "") and answer.text:
        document: Any = html.document_fromstring(answer.text)
        for one in document.iter("a", "form", "link", "img", "script"):
            yield one.get("href") or one.get("action") or one.get("src") or ""
