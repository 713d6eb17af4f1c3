"""What people say about being contacted at all, and changes to how."""

from dataclasses import replace
from datetime import datetime

from services.referral.domain.agreement import NothingToRecord
from services.referral.domain.people import Person


def ask_no_contact(person: Person, now: datetime) -> Person:
    """From now on nothing may be sent to them, whatever it is for.

    Raises NothingToRecord when they asked before.
    """
    if person.asked_no_contact_at is not None:
        raise NothingToRecord("It is recorded already that this person must not be contacted.")
    return replace(person, asked_no_contact_at=now, version=person.version + 1)


def ask_contact_again(person: Person) -> Person:
    """They came back to us by themselves and may be contacted again. Agreements do not revive.

    Raises NothingToRecord when they may be contacted already.
    """
    if person.asked_no_contact_at is None:
        raise NothingToRecord("This person may be contacted already.")
    return replace(person, asked_no_contact_at=None, version=person.version + 1)
