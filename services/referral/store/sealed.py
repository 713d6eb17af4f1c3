"""How a person's values are written before they are sealed, and read once they are opened."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from services.referral.domain.people import ERASED_NAME, Person, Route, SafeContact, WhoElse
from services.referral.domain.safe_hours import SafeHours, Weekday
from services.referral.store.base import SCHEMA
from shared.contracts.words import Channel
from shared.plumbing.columns import Blob
from shared.plumbing.database import Session
from shared.plumbing.sealing import blind
from shared.plumbing.sealing.fields import LONG, SHORT, Field
from shared.plumbing.sealing.keyring import Keyring, SubjectKey

Values = dict[str, Any]


class PersonSeal:
    """Seals and opens the columns of `person`."""

    def __init__(self, table: Table) -> None:
        self._name = Field.of(SCHEMA.name, table.c.name, SHORT)
        self._born = Field.of(SCHEMA.name, table.c.born, SHORT)

    def row(self, keyring: Keyring, key: SubjectKey, person: Person) -> Values:
        born = person.born
        return {
            "id": person.id,
            "name": self._name.seal(key, person.id, person.name),
            "born": self._born.seal(key, person.id, born.isoformat()) if born else None,
            "born_index": blind.born(keyring, person.name, born) if born else None,
            "asked_no_contact_at": person.asked_no_contact_at,
            "version": person.version,
        }

    def name(self, key: SubjectKey | None, person_id: UUID, name: Blob) -> str:
        """What they are called, or that they were erased. Raises Sealed."""
        plain = self._name.text(key, person_id, name)
        return ERASED_NAME if plain is None else plain

    def born(self, key: SubjectKey | None, person_id: UUID, born: Blob | None) -> date | None:
        plain = self._born.text(key, person_id, born) if born is not None else None
        return None if plain is None else date.fromisoformat(plain)


class ContactSeal:
    """Seals and opens the columns of `safe_contact`; its row has the id of its person."""

    def __init__(self, table: Table) -> None:
        self._details = Field.of(SCHEMA.name, table.c.details, LONG)

    def row(
        self, session: Session, key: SubjectKey, person_id: UUID, safe_contact: SafeContact
    ) -> Values:
        keyring, by = session.database.keyring, safe_contact.route_by
        called, texted, mailed = by(Channel.PHONE), by(Channel.TEXT), by(Channel.EMAIL)
        return {
            "person_id": person_id,
            "changed_at": session.now(),
            "details": self._details.seal(key, person_id, written(safe_contact)),
            "phone_index": blind.phone(keyring, called.address) if called else None,
            "text_index": blind.phone(keyring, texted.address) if texted else None,
            "email_index": blind.email(keyring, mailed.address) if mailed else None,
        }

    def safe_contact(
        self, key: SubjectKey | None, person_id: UUID, details: Blob
    ) -> SafeContact | None:
        """How they may be reached; None when they were erased. Raises Sealed."""
        plain = self._details.open(key, person_id, details)
        return None if plain is None else read(plain)


def written(safe_contact: SafeContact) -> bytes:
    """The details in the first version of their form."""
    hours = safe_contact.hours
    details = {
        "routes": [[route.channel.value, route.address] for route in safe_contact.routes],
        "days": sorted(day.value for day in hours.days),
        "opens_minute": hours.opens_minute,
        "closes_minute": hours.closes_minute,
        "who_else": safe_contact.who_else.value,
        "voicemail": safe_contact.voicemail,
        "avoid": list(safe_contact.avoid),
    }
    return json.dumps(details, separators=(",", ":")).encode()


def read(plain: bytes) -> SafeContact:
    details = json.loads(plain)
    return SafeContact(
        routes=tuple(Route(Channel(channel), address) for channel, address in details["routes"]),
        hours=SafeHours(
            days=frozenset(Weekday(day) for day in details["days"]),
            opens_minute=details["opens_minute"],
            closes_minute=details["closes_minute"],
        ),
        who_else=WhoElse(details["who_else"]),
        voicemail=details["voicemail"],
        avoid=tuple(details["avoid"]),
    )
