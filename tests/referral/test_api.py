"""The JSON API: strict about what it takes, and safe to repeat."""

import asyncio
import copy
import json
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.referral import store
from services.referral.routes.api_shapes import EXAMPLE
from services.referral.store.intake import ReferralRow
from shared.contracts.words import Channel
from tests.referral.told import told
from tests.referral.web import visiting

REFERRALS = "/referral/api/referrals"
PROBLEM = "application/problem+json"


async def post(visit, body, key: str | None = "key-1"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["idempotency-key"] = key
    return await visit.browser.post(REFERRALS, content=content, headers=headers)


def example(path: str = "", value: object = None) -> dict:
    """The example of the documentation, with one thing in it changed."""
    body = copy.deepcopy(EXAMPLE)
    if path:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        inside = body
        for step in steps:
            inside = inside[step]
        inside[last] = value
    return body


async def stored(database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(ReferralRow))


async def test_the_example_in_the_documentation_works_as_it_stands(database):
    async with visiting(database) as visit:
        described = (await visit.get("/referral/openapi.json")).json()
        operation = described["paths"][REFERRALS]["post"]
        (documented,) = operation["requestBody"]["content"]["application/json"]["examples"].values()

        answer = await post(visit, documented["value"])

    assert answer.status_code == 201
    taken_in = answer.json()
    assert set(taken_in) == {"referral_id", "reference"}
    async with database.reading() as session:
        referral = await store.intake.find(session, UUID(taken_in["referral_id"]))
        assert referral is not None
        assert referral.reference == taken_in["reference"]
        safe = await store.people.contact_of(session, referral.person_id)
    assert safe is not None
    assert [(route.channel, route.address) for route in safe.routes] == [
        (Channel.EMAIL, "sam@example.org"),
        (Channel.PHONE, "+447700900982"),
    ]
    assert (await told(database))[0]["source"] == "housing"
    assert any(
        parameter["name"] == "Idempotency-Key" and parameter["required"]
        for parameter in operation["parameters"]
    )


async def test_pages_for_people_are_not_described_to_programs(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        described = (await visit.get("/referral/openapi.json")).json()

    assert set(described["paths"]) == {REFERRALS, "/referral/api/areas"}


async def test_the_same_key_and_body_is_answered_the_same_and_stored_once(database):
    async with visiting(database) as visit:
        first = await post(visit, example())
        again = await post(visit, json.dumps(example(), indent=3, sort_keys=True).encode())

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert await stored(database) == 1


async def test_the_same_key_with_another_body_is_refused(database):
    async with visiting(database) as visit:
        await post(visit, example())
        other = await post(visit, example("person/name", "Somebody Else"))

    assert other.status_code == 422
    assert other.headers["content-type"] == PROBLEM
    assert "Idempotency-Key" in other.json()["detail"]
    assert await stored(database) == 1


async def test_the_same_request_many_times_at_once_is_one_referral(database):
    async with visiting(database) as visit:
        answers = await asyncio.gather(*(post(visit, example()) for _ in range(6)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await stored(database) == 1
    assert len(await told(database)) == 1


async def test_after_a_refusal_the_key_is_still_free(sqlite_database):
    database = await sqlite_database()
    async with visiting(database) as visit:
        refused = await post(visit, example("area_id", str(UUID(int=1))))
        corrected = await post(visit, example())

    assert (refused.status_code, corrected.status_code) == (422, 201)


@pytest.mark.parametrize("key", [None, "", "two words", "k" * 256, "ключ".encode(), "a\tb"])
async def test_a_key_that_is_missing_or_not_plain_is_refused(sqlite_database, key):
    database = await sqlite_database()
    async with visiting(database) as visit:
        answer = await post(visit, example(), key)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM
    assert await stored(database) == 0


async def test_a_key_of_255_characters_is_good(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        assert (await post(visit, example(), "k" * 255)).status_code == 201


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("source", "milkman", "/source"),
        ("source", None, "/source"),
        ("permission_attested", False, "/permission_attested"),
        ("permission_attested", "maybe", "/permission_attested"),
        ("matter", "Crime", "/matter"),
        ("happened", 3, "/happened"),
        ("side", "victim", "/side"),
        ("area_id", "here", "/area_id"),
        ("area_id", "00000000-0000-0000-0000-000000000001", "/area_id"),
        ("surprise", True, "/surprise"),
        ("person/surprise", True, "/person/surprise"),
        ("person", None, "/person"),
        ("person/name", "", "/person/name"),
        ("person/name", "S\u202em", "/person/name"),
        ("person/name", "S\u200bm", "/person/name"),
        ("person/name", "S\nm", "/person/name"),
        ("person/name", "S\x00m", "/person/name"),
        ("person/name", "S" * 101, "/person/name"),
        ("person/name", ["Sam"], "/person/name"),
        ("person/safe_contact/routes", [], "/person/safe_contact/routes"),
        (
            "person/safe_contact/routes/0/address",
            "a@b.example, evil@x.example",
            "/person/safe_contact/routes/0/address",
        ),
        (
            "person/safe_contact/routes/1/address",
            "070 1234 5678",
            "/person/safe_contact/routes/1/address",
        ),
        (
            "person/safe_contact/routes/0/channel",
            "pigeon",
            "/person/safe_contact/routes/0/channel",
        ),
        (
            "person/safe_contact/routes/1",
            {"channel": "email", "address": "b@example.org"},
            "/person/safe_contact/routes",
        ),
        ("person/safe_contact/hours/days", [], "/person/safe_contact/hours/days"),
        ("person/safe_contact/hours/until", "09:00", "/person/safe_contact/hours/until"),
        ("person/safe_contact/hours/from", "9am", "/person/safe_contact/hours/from"),
        ("person/safe_contact/who_else", "cat", "/person/safe_contact/who_else"),
        ("person/safe_contact/avoid", ["x"] * 11, "/person/safe_contact/avoid"),
        ("person/safe_contact/avoid", ["x" * 41], "/person/safe_contact/avoid/0"),
    ],
)
async def test_what_does_not_fit_is_pointed_at_and_not_repeated(
    sqlite_database, path, value, pointer
):
    database = await sqlite_database()
    async with visiting(database) as visit:
        answer = await post(visit, example(path, value))

    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert all(error["detail"] for error in problem["errors"])
    if isinstance(value, str) and len(value) > 5:
        assert value not in answer.text
    assert await stored(database) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"source": "self", "source": "police"}', 400),
        (b'{"source": NaN}', 400),
        (b'{"source": 1e999}', 400),
        (b"[" * 100_000 + b"]" * 100_000, 413),
        (b"[" * 30_000 + b"]" * 30_000, 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b'{"person": {"name": "\\ud800"}}', 400),
        (b'{"source": "\xff"}', 400),
        (b" " * 1_000_000, 413),
        (b"", 422),
        (b"{", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"{}", 422),
        (b'\xef\xbb\xbf{"source": "self"}', 400),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else str(value),
)
async def test_what_is_not_strict_json_is_refused_in_plain_words(sqlite_database, body, status):
    database = await sqlite_database()
    async with visiting(database) as visit:
        answer = await post(visit, body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["detail"]
    assert await stored(database) == 0


async def test_what_is_not_sent_as_json_is_refused(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        for kind in ("application/x-www-form-urlencoded", "text/plain", "application/xml"):
            answer = await visit.browser.post(
                REFERRALS,
                content=json.dumps(example()),
                headers={"content-type": kind, "idempotency-key": "k"},
            )
            assert answer.status_code in (415, 422)


async def test_somebody_may_refer_themselves_without_saying_that_they_permit_it(sqlite_database):
    body = example("source", "self")
    del body["permission_attested"]
    async with visiting(await sqlite_database()) as visit:
        assert (await post(visit, body)).status_code == 201


async def test_without_hours_any_time_is_safe_and_midnight_has_a_name(sqlite_database):
    database = await sqlite_database()
    late = {"days": ["sunday"], "from": "22:30", "until": "24:00"}
    anytime = example()
    del anytime["person"]["safe_contact"]["hours"]
    async with visiting(database) as visit:
        answers = [
            await post(visit, anytime, "a"),
            await post(visit, example("person/safe_contact/hours", late), "b"),
        ]

    ids = [UUID(answer.json()["referral_id"]) for answer in answers]
    async with database.reading() as session:
        referrals = [await store.intake.find(session, each) for each in ids]
        safes = [
            await store.people.contact_of(session, each.person_id) for each in referrals if each
        ]
    assert [safe.hours.is_any_time for safe in safes if safe] == [True, False]
    assert safes[1] is not None
    assert safes[1].hours.closes_minute == 1440


async def test_the_areas_are_there_to_choose_from(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        areas = (await visit.get("/referral/api/areas")).json()

    assert {"id": EXAMPLE["area_id"], "label": "City centre"} in areas


async def test_another_way_of_asking_is_answered_as_a_problem(sqlite_database):
    async with visiting(await sqlite_database()) as visit:
        answers = [await visit.get(REFERRALS), await visit.get("/referral/api/nothing")]

    assert [answer.status_code for answer in answers] == [405, 404]
    assert {answer.headers["content-type"] for answer in answers} == {PROBLEM}
