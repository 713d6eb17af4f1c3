"""Addresses as people type them: one email address, one British phone number, one postal address.

Each becomes the one form that is stored, or is refused in words fit to show. None of them asks
the network anything.
"""

import re
from typing import Annotated

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType
from pydantic import AfterValidator

from services.referral.domain.people import ADDRESS_SHAPE
from shared.contracts.words import Channel
from shared.ui.text import Line, Paragraph, plain_error

ONE_EMAIL = "Enter one email address, like name@example.com"
PHONE_NUMBER = "Enter a UK phone number, like 01632 960 001 or 07700 900 982"
MOBILE_NUMBER = "Enter a UK mobile number, like 07700 900 982"
NO_EXTENSION = "Enter the number alone, without an extension"
NOT_PERSONAL_NUMBER = "We cannot call premium rate or 070 numbers. Enter another number"
UK_ONLY = "We can only call numbers in the United Kingdom. Enter another number"
WHOLE_ADDRESS = "Enter the whole address, with a line for each part"

NUMBER_SHAPE = re.compile(r"[\d\s()+./\u2010-\u2015-]+")
"""Digits in any script and what people write between them; letters would be an extension."""

CAN_BE_CALLED = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.UAN,
    PhoneNumberType.TOLL_FREE,
}
COSTS_OR_HIDES = {
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER,
}
ISLANDS = {"GG", "IM", "JE"}
"""They share +44 but are not the United Kingdom, and cost what a call abroad costs."""

LOOKS_BRITISH = re.compile(r"(7[1-57-9]|[12]\d)\d{8}")
"""Mobile and geographic numbers that no list knows yet; those set aside for fiction as well."""

MOBILE = re.compile(r"\+447[1-57-9]\d{8}")


def one_email(text: str) -> str:
    """Exactly one address, of plain letters after the @, as mail servers will be given it."""
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise plain_error(ONE_EMAIL) from None
    # A name in another script can be made to look like one people know.
    if not found.domain.isascii() or "xn--" in found.domain.lower():
        raise plain_error(ONE_EMAIL)
    return found.normalized


def uk_phone(text: str) -> str:
    """A British number as E.164, however it was written."""
    if not NUMBER_SHAPE.fullmatch(text):
        raise plain_error(NO_EXTENSION if re.search(r"\d{6}", text) else PHONE_NUMBER)
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        raise plain_error(PHONE_NUMBER) from None
    if number.country_code != 44 or phonenumbers.region_code_for_number(number) in ISLANDS:
        raise plain_error(UK_ONLY)
    kind = phonenumbers.number_type(number)
    national = str(number.national_number)
    if kind in COSTS_OR_HIDES or national.startswith("70"):
        raise plain_error(NOT_PERSONAL_NUMBER)
    if kind not in CAN_BE_CALLED and not _possible(number, national):
        raise plain_error(PHONE_NUMBER)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # A few valid numbers, as 0800 1111, are shorter than any that may be kept.
    if not ADDRESS_SHAPE[Channel.PHONE].fullmatch(written):
        raise plain_error(PHONE_NUMBER)
    return written


def uk_mobile(text: str) -> str:
    """A British mobile number as E.164: others cannot get a text message."""
    try:
        number = uk_phone(text)
    except ValueError as refused:
        wrong_kind = str(refused) == PHONE_NUMBER
        raise (plain_error(MOBILE_NUMBER) if wrong_kind else refused) from None
    if not MOBILE.fullmatch(number):
        raise plain_error(MOBILE_NUMBER)
    return number


def postal_address(text: str) -> str:
    """The lines of an address, without empty ones."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    address = "\n".join(line for line in lines if line)
    if len(address) < 10:
        raise plain_error(WHOLE_ADDRESS)
    return address


def _possible(number: phonenumbers.PhoneNumber, national: str) -> bool:
    return phonenumbers.is_possible_number(number) and bool(LOOKS_BRITISH.fullmatch(national))


EmailAddress = Annotated[str, Line(254), AfterValidator(one_email)]
UkPhone = Annotated[str, Line(40), AfterValidator(uk_phone)]
UkMobile = Annotated[str, Line(40), AfterValidator(uk_mobile)]
PostalAddress = Annotated[str, Paragraph(400), AfterValidator(postal_address)]
PersonName = Annotated[str, Line(100)]
AvoidedWord = Annotated[str, Line(40)]
