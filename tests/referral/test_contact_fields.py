"""One email address, one British number, one postal address: in every form people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.referral.domain.people import Route
from services.referral.routes import contact_fields
from services.referral.routes.contact_answers import split_words
from shared.contracts.words import Channel

EMAIL = TypeAdapter(contact_fields.EmailAddress)
PHONE = TypeAdapter(contact_fields.UkPhone)
MOBILE = TypeAdapter(contact_fields.UkMobile)
LETTER = TypeAdapter(contact_fields.PostalAddress)


def refused(field: TypeAdapter, text: str) -> str:
    with pytest.raises(ValidationError) as raised:
        field.validate_python(text)
    return raised.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    "text",
    [
        "a@b.example, evil@x.example",
        "a@b.example;evil@x.example",
        "a@b.example evil@x.example",
        "a@b.example\r\nBcc: evil@x.example",
        "a@b.example\x0bBcc: evil@x.example",
        "a@b.example\u2028x",
        "a\x00@b.example",
        "a\u200b@b.example",
        "a\u202e@b.example",
        "Sam <a@b.example>",
        '"a, b"@c.example',
        "a@[192.0.2.1]",
        "a@localhost",
        "a@b@c.example",
        "a@münchen.example",
        "a@xn--mnchen-3ya.example",
        "ä@b.example",
        "mailto:a@b.example",
        "a" * 65 + "@b.example",
        "a@" + "b" * 250 + ".example",
    ],
)
def test_what_is_not_one_plain_address_is_refused(text):
    refused(EMAIL, text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sam@example.org", "sam@example.org"),
        ("  Sam.O'Hara+help@Example.ORG ", "Sam.O'Hara+help@example.org"),
        ("\u200esam@example.org\u200f", "sam@example.org"),
    ],
)
def test_an_address_is_tidied_and_kept(text, kept):
    assert EMAIL.validate_python(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "07700 900 982",
        "07700900982",
        "07700-900-982",
        "07700.900.982",
        "07700/900982",
        "(07700) 900982",
        "+44 7700 900982",
        "+44 (0)7700 900 982",
        "+44-7700-900982",
        "0044 7700 900982",
        "7700 900982",
        "\u0660\u0667\u0667\u0660\u0660 \u0669\u0660\u0660\u0669\u0668\u0662",
        "\u202a07700 900982\u202c",
        "07700\u00a0900\u2011982",
    ],
)
def test_a_mobile_number_is_the_same_number_however_it_is_written(text):
    assert PHONE.validate_python(text) == "+447700900982"
    assert MOBILE.validate_python(text) == "+447700900982"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("020 7946 0123", "+442079460123"),
        ("(020) 7946 0123", "+442079460123"),
        ("(0116) 496 0123", "+441164960123"),
        ("01632 960 001", "+441632960001"),
        ("0300 123 1234", "+443001231234"),
        ("0800 123 456", "+44800123456"),
        ("056 1234 5678", "+445612345678"),
    ],
)
def test_a_number_that_can_be_called_but_not_texted(text, kept):
    assert PHONE.validate_python(text) == kept
    assert refused(MOBILE, text) == contact_fields.MOBILE_NUMBER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("070 1234 5678", contact_fields.NOT_PERSONAL_NUMBER),
        ("07000 123456", contact_fields.NOT_PERSONAL_NUMBER),
        ("0906 123 4567", contact_fields.NOT_PERSONAL_NUMBER),
        ("0845 123 4567", contact_fields.NOT_PERSONAL_NUMBER),
        ("+1 900 555 1234", contact_fields.UK_ONLY),
        ("+33 6 12 34 56 78", contact_fields.UK_ONLY),
        ("01624 675663", contact_fields.UK_ONLY),
        ("07624 123456", contact_fields.UK_ONLY),
        ("01534 123456", contact_fields.UK_ONLY),
        ("07700 900982 ext 5", contact_fields.NO_EXTENSION),
        ("07700 900982x5", contact_fields.NO_EXTENSION),
        ("07700 900982;ext=5", contact_fields.NO_EXTENSION),
        ("07700 900982 or 07700 900983", contact_fields.NO_EXTENSION),
        ("call me", contact_fields.PHONE_NUMBER),
        ("999", contact_fields.PHONE_NUMBER),
        ("116 123", contact_fields.PHONE_NUMBER),
        ("0800 1111", contact_fields.PHONE_NUMBER),
        ("0845 46 47", contact_fields.NOT_PERSONAL_NUMBER),
        ("07700 90098", contact_fields.PHONE_NUMBER),
        ("07700 9009821", contact_fields.PHONE_NUMBER),
        ("076 1234 5678", contact_fields.PHONE_NUMBER),
        ("+", contact_fields.PHONE_NUMBER),
        ("--", contact_fields.PHONE_NUMBER),
    ],
)
def test_a_number_we_cannot_call_is_refused_in_words(text, words):
    assert refused(PHONE, text) == words


@given(st.text(max_size=60) | st.emails())
@example("a" * 65 + "@b.example")
def test_whatever_is_typed_is_either_refused_or_exactly_one_address(text):
    for channel, field in (
        (Channel.EMAIL, EMAIL),
        (Channel.PHONE, PHONE),
        (Channel.TEXT, MOBILE),
        (Channel.LETTER, LETTER),
    ):
        try:
            kept = field.validate_python(text)
        except ValidationError:
            continue
        assert Route(channel, kept).address == kept
        assert field.validate_python(kept) == kept


@given(st.from_regex(r"[+0-9() .\-/]{3,20}", fullmatch=True))
@example("0800 1111")
def test_whatever_digits_are_typed_are_refused_or_a_british_number(text):
    try:
        kept = PHONE.validate_python(text)
    except ValidationError:
        return
    assert Route(Channel.PHONE, kept)
    assert not kept.startswith(("+4470", "+449"))


def test_a_postal_address_keeps_its_lines():
    assert LETTER.validate_python("1 High Street\r\n\r\nLeicester \tLE1") == (
        "1 High Street\nLeicester LE1"
    )
    assert refused(LETTER, "here") == contact_fields.WHOLE_ADDRESS


def test_words_to_avoid_are_split_and_each_kept_once():
    assert split_words(" court ;police,court,  the  flat\n") == ("court", "police", "the flat")
    assert split_words(None) == ()
