"""A form is read strictly, and what has to be put right is said in plain words."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

import pytest
from httpx import ASGITransport, AsyncClient, Response
from pydantic import Field, field_validator, model_validator
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from shared.ui.forms import FieldError, Form, FormErrors, check, submitted, wrong
from shared.ui.text import Line

URLENCODED = "application/x-www-form-urlencoded"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Answers(Form):
    words: ClassVar[dict[str, str]] = {
        "name": "Enter your name",
        "age.greater_than_equal": "Too few",
    }

    colour: Colour
    others: list[Colour]
    agreed: bool
    size: Literal["small", "large"]
    name: Annotated[str, Line(10)]
    age: Annotated[int, Field(ge=18, le=120, title="your age")]
    born: date | None = None
    tags: frozenset[Colour] = frozenset()
    nickname: Annotated[str, Line(10)] | None = None

    @field_validator("nickname")
    @classmethod
    def _polite(cls, nickname: str | None) -> str | None:
        if nickname == "rude":
            raise ValueError("Choose another nickname")
        return nickname

    @model_validator(mode="after")
    def _told_apart(self) -> "Answers":
        if self.name == self.nickname:
            raise wrong("nickname", "The nickname must differ from the name")
        return self


GOOD = {
    "colour": "red",
    "others": "blue",
    "agreed": "true",
    "size": "small",
    "name": "José",
    "age": "40",
}


def messages(changes: dict[str, str | list[str]]) -> dict[str, str]:
    form, errors = check(Answers, GOOD | changes)
    assert form is None
    return {error.field: error.message for error in errors}


def test_answers_become_the_model():
    form, errors = check(Answers, {**GOOD, "tags": ["red", "blue"], "born": "2001-02-03"})

    assert not errors
    assert form == Answers(
        colour=Colour.RED,
        others=[Colour.BLUE],
        agreed=True,
        size="small",
        name="José",
        age=40,
        born=date(2001, 2, 3),
        tags=frozenset(Colour),
    )


def test_an_empty_answer_is_no_answer():
    form, _ = check(Answers, {**GOOD, "nickname": "  ", "born": "", "tags": ""})

    assert form is not None
    assert form.nickname is None
    assert form.born is None
    assert form.tags == frozenset()


def test_a_form_without_answers_is_told_so_in_the_order_of_the_questions():
    form, errors = check(Answers, {})

    assert form is None
    assert errors == [
        FieldError("colour", "Choose one of the answers"),
        FieldError("others", "Choose at least one of the answers"),
        FieldError("agreed", "Choose one of the answers"),
        FieldError("size", "Choose one of the answers"),
        FieldError("name", "Enter your name"),
        FieldError("age", "Enter your age"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"colour": "green"}, {"colour": "Choose one of the answers"}),
        ({"others": ["red", "green"]}, {"others": "Choose at least one of the answers"}),
        ({"agreed": "perhaps"}, {"agreed": "Choose one of the answers"}),
        ({"size": "tiny"}, {"size": "Choose one of the answers"}),
        ({"name": "x" * 11}, {"name": "Use 10 characters or fewer. You have used 11"}),
        ({"name": "\u200b"}, {"name": "Enter your name"}),
        ({"age": "forty"}, {"age": "Your age must be a number"}),
        ({"age": "17"}, {"age": "Too few"}),
        ({"age": "121"}, {"age": "Your age must be 120 or fewer"}),
        ({"age": "9" * 5000}, {"age": "Your age must be a number"}),
        ({"born": "2001-02-30"}, {"born": "Born must be a real date or time"}),
        ({"nickname": "rude"}, {"nickname": "Choose another nickname"}),
        ({"nickname": "José"}, {"nickname": "The nickname must differ from the name"}),
        ({"name": ["Ann", "Bea"]}, {"name": "Give one answer only"}),
        ({"colour": ["red", "red"]}, {"colour": "Give one answer only"}),
        ({"nickname": "a\x00b", "age": ""}, {"age": "Enter your age"}),
    ],
)
def test_what_is_wrong_is_said_in_words(changes, expected):
    found = messages(changes)

    assert {field: found[field] for field in expected} == expected


def test_unknown_fields_are_no_obstacle_to_a_page_from_before_an_upgrade():
    form, errors = check(Answers, {**GOOD, "gone": "x"})

    assert form is not None
    assert not errors


def test_the_summary_links_to_each_question_and_not_to_the_form():
    errors = FormErrors.of("The venue is taken then")
    errors.add("name", "Enter your name")

    assert errors.summary == [
        {"text": "The venue is taken then"},
        {"text": "Enter your name", "href": "#name"},
    ]
    assert errors.for_("name") == "Enter your name"
    assert errors.for_("age") is None


async def _echo(request: Request) -> JSONResponse:
    return JSONResponse(await submitted(request))


async def _said(request: Request, error: HTTPException) -> PlainTextResponse:
    return PlainTextResponse(error.detail, error.status_code)


async def post(body: bytes, kind: str | None = URLENCODED) -> Response:
    app = Starlette(
        routes=[Route("/", _echo, methods=["POST"])], exception_handlers={HTTPException: _said}
    )
    headers = {"content-type": kind} if kind else {}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
        return await client.post("/", content=body, headers=headers)


async def test_a_form_is_read_field_by_field():
    sent = urlencode([("a", "é & ü"), ("b", "1"), ("b", "2"), ("b", "3"), ("empty", "")])

    answer = await post(sent.encode(), f"{URLENCODED}; charset=UTF-8")

    assert answer.json() == {"a": "é & ü", "b": ["1", "2", "3"], "empty": ""}


@pytest.mark.parametrize("body", [b"", b"&&&", b"="], ids=["nothing", "separators", "no name"])
async def test_a_form_that_says_nothing_is_no_error(body: bytes):
    assert (await post(body)).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=%ff%fe", URLENCODED, 400),
        (b"a=\xff", URLENCODED, 400),
        (b"a=%ed%a0%80", URLENCODED, 400),
        (b"&".join(b"f%d=1" % n for n in range(101)), URLENCODED, 400),
        (b"a=" + b"x" * 65_536, URLENCODED, 413),
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"a=1", None, 415),
        (b"a=1", "text/plain", 415),
        (b"a=1", f"{URLENCODED}; charset=utf-16", 415),
    ],
    ids=[
        "not UTF-8",
        "raw bytes",
        "surrogate",
        "too many fields",
        "too long",
        "JSON",
        "files",
        "no type",
        "plain text",
        "UTF-16",
    ],
)
async def test_what_is_no_form_is_refused_in_words(body: bytes, kind: str | None, status: int):
    answer = await post(body, kind)

    assert answer.status_code == status
    assert answer.text.endswith(".")
    assert "\ufffd" not in answer.text


async def test_a_form_of_100_fields_and_64_kib_is_taken():
    fields = b"&".join(b"f%d=1" % n for n in range(99))
    body = fields + b"&last=" + b"x" * (65_536 - len(fields) - 6)

    assert len(body) == 65_536
    assert (await post(body)).status_code == 200
