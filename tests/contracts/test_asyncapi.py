"""`docs/asyncapi.json` is a valid AsyncAPI 3.0 document, and says what really travels."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker, ValidationError

from deploy.catalogue.asyncapi import REPLIES, asyncapi, event_headers
from deploy.catalogue.released import Released
from deploy.catalogue.schema import sample_id
from deploy.catalogue.services import Party
from shared.contracts.catalogue import ASKS, FACTS
from shared.contracts.fact import Envelope
from shared.contracts.referral import ContactPermitWanted, PersonErased, ReferralAccepted
from shared.plumbing.envelope import NotUnderstood, read_envelope, to_headers

ROOT = Path(__file__).parents[2]
SPECIFICATION = json.loads((Path(__file__).parent / "asyncapi/asyncapi-3.0.0.json").read_text())
CONVERSATION = (
    Party("referral", answers=(ContactPermitWanted,)),
    Party("scheduling", hears=(ReferralAccepted,)),
    Party("notifications", hears=(ReferralAccepted, PersonErased), asks=(ContactPermitWanted,)),
)


@pytest.fixture(scope="module")
def document():
    return asyncapi(CONVERSATION, Released(ROOT / "shared/contracts"), "0.1.0")


def an_envelope(**changes: Any) -> Envelope:
    usual = {
        "id": sample_id("event"),
        "source": "referral",
        "type": "referral.referral_accepted.v1",
        "subject": sample_id("referral_id"),
        "sequence": 2,
        "time": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        "correlation": sample_id("correlation"),
        "causation": sample_id("causation"),
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    return Envelope(**(usual | changes))


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for part in node.values() for found in references(part)]
    return [found for part in node for found in references(part)] if isinstance(node, list) else []


def look_up(document: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("#/").split("/"):
        document = document[part]
    return document


def test_the_document_in_the_repository_is_valid_asyncapi_3():
    document = json.loads((ROOT / "docs/asyncapi.json").read_text())

    Draft7Validator(SPECIFICATION).validate(document)


def test_the_specification_refuses_what_is_not_asyncapi(document):
    for broken in ({"asyncapi": "2.6.0"}, {"info": {}}, {"topics": {}}):
        with pytest.raises(ValidationError):
            Draft7Validator(SPECIFICATION).validate(document | broken)


def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        if reference.startswith("#/"):
            assert look_up(document, reference)
        else:
            assert (ROOT / "docs" / reference).resolve().is_file()


def test_every_fact_and_ask_has_a_channel_on_its_subject(document):
    addresses = {name: channel["address"] for name, channel in document["channels"].items()}

    assert addresses.pop(REPLIES) is None
    assert set(addresses.values()) == {contract.subject for contract in (*FACTS, *ASKS)}
    assert document["channels"]["referral.referral_accepted.v1"]["x-stream"] == "referral"


def test_an_ask_is_in_no_stream(document):
    assert all("x-stream" not in document["channels"][ask.subject] for ask in ASKS)


def test_services_send_what_they_tell_and_receive_what_they_hear(document):
    operations = document["operations"]

    assert operations["referral.tells.ReferralAccepted"]["action"] == "send"
    assert operations["scheduling.hears.ReferralAccepted"]["action"] == "receive"
    assert operations["scheduling.hears.ReferralAccepted"]["x-durable"] == "scheduling-referral"
    assert operations["notifications.asks.ContactPermitWanted"]["action"] == "send"
    assert operations["referral.answers.ContactPermitWanted"]["action"] == "receive"
    assert "ContactPermit" in str(operations["referral.answers.ContactPermitWanted"]["reply"])


def test_a_reserved_fact_is_told_by_nobody(monkeypatch):
    monkeypatch.setattr(PersonErased, "reserved", True)  # as if nobody told it yet
    document = asyncapi(CONVERSATION, Released(ROOT / "shared/contracts"), "0.1.0")

    assert "referral.tells.PersonErased" not in document["operations"]
    assert "notifications.hears.PersonErased" in document["operations"]


@pytest.mark.parametrize("without", [(), ("causation",), ("traceparent",)])
def test_the_headers_that_are_really_sent_fit_the_schema(without):
    headers = to_headers(an_envelope(**dict.fromkeys(without)))

    Draft202012Validator(event_headers(), format_checker=FormatChecker()).validate(headers)
    assert set(headers) <= set(event_headers()["properties"])


def test_the_schema_names_every_header_and_no_other():
    sent = to_headers(an_envelope())

    assert set(event_headers()["properties"]) == set(sent)
    assert set(event_headers()["required"]) == set(sent) - {"ce-causationid", "traceparent"}
    assert read_envelope("referral.referral_accepted.v1", sent) == an_envelope()


@pytest.mark.parametrize("header", sorted(set(event_headers()["required"]) - {"Nats-Msg-Id"}))
def test_an_event_that_lacks_a_header_fits_neither_the_schema_nor_a_reader(header):
    headers = to_headers(an_envelope())
    del headers[header]

    assert not Draft202012Validator(event_headers()).is_valid(headers)
    with pytest.raises(NotUnderstood):
        read_envelope("referral.referral_accepted.v1", headers)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce-sequence", "0"),
        ("ce-sequence", "-1"),
        ("ce-sequence", "1.5"),
        ("ce-sequence", "1" * 19),
        ("ce-id", "x"),
        ("ce-specversion", "0.3"),
        ("content-type", "text/plain"),
    ],
)
def test_a_header_that_says_something_else_fits_neither(header, value):
    headers = to_headers(an_envelope()) | {header: value}

    judge = Draft202012Validator(event_headers(), format_checker=FormatChecker())
    assert not judge.is_valid(headers)
    with pytest.raises(NotUnderstood):
        read_envelope("referral.referral_accepted.v1", headers)


def test_the_headers_of_a_fact_name_its_own_teller_and_subject(document):
    own = document["components"]["messages"]["ReferralAccepted"]["headers"]["allOf"][1]

    assert own["properties"]["ce-source"] == {"const": "referral"}
    assert own["properties"]["ce-type"] == {"const": "referral.referral_accepted.v1"}
