"""What the case page shows: who is who, how each is reached, what has happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import Request

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.access import Permissions, permissions
from services.referral.actions.case_file import CaseFile
from services.referral.domain.agreement import Agreement
from services.referral.domain.corrections import Correction
from services.referral.domain.intake import Status
from services.referral.domain.people import Person, SafeContact
from services.referral.domain.timeline import Entry, MessageNote
from services.referral.domain.triage import CaseState
from services.referral.routes import wording
from services.referral.routes.ending_words import ENDED
from services.referral.store.corrections import Kept
from shared.contracts.access import Action, Actor
from shared.contracts.words import Channel
from shared.plumbing import audit
from shared.plumbing.database import Session

NO_NAME = "somebody"


@dataclass(frozen=True)
class PersonView:
    """One person of the case."""

    id: UUID
    name: str
    side: str
    contact: list[dict[str, str]] | None
    """None for whoever may not know how they are reached."""
    asked_no_contact_at: datetime | None
    agreement: Agreement | None
    is_party: bool
    corrections: list[Correction]
    """What was put right and why, for whoever may see what it was put right to."""
    declined: bool = False
    """Whether they do not want to take part."""
    erased: bool = False

    @property
    def agrees(self) -> bool:
        return self.agreement is not None and self.agreement.in_force


@dataclass(frozen=True)
class Line:
    """One line of the timeline."""

    at: datetime
    text: str


@dataclass(frozen=True)
class CaseView:
    """One referral and its case, in words."""

    file: CaseFile
    allowed: Permissions
    name: str
    asked: list[dict[str, str]]
    people: list[PersonView]
    history: list[Line]
    glass_until: datetime | None = None
    """Until when whoever looks has opened it in an emergency."""
    held: bool = False
    """Whether a legal hold keeps it from being destroyed."""

    def can(self, action: str, person_id: UUID | None = None) -> bool:
        """Whether whoever looks may do this, to all of it or to one person's part."""
        return self.allowed.may(Action(action), person_id)

    @property
    def waiting(self) -> bool:
        return self.file.referral.status is Status.WAITING

    @property
    def open(self) -> bool:
        return self.file.case is not None and self.file.case.state is CaseState.OPEN

    @property
    def state(self) -> tuple[str, str]:
        """A word and a colour."""
        if self.waiting:
            return "Waiting", "yellow"
        return ("Open", "green") if self.open else ("Closed", "grey")


async def shown(
    request: Request, session: Session, actor: Actor, referral_id: UUID, purpose: str
) -> CaseView:
    """What `look_at` gives, for a page: who sees it is noted first, as `noted` does."""
    view = await look_at(session, referral_id, actor)
    await noted(request, session, view, purpose)
    return view


async def noted(request: Request, session: Session, view: CaseView, purpose: str) -> None:
    """Note who sees this. Nothing else can be read in `session` afterwards. Raises NotRecorded."""
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=purpose,
        fields=("name", "contact", "agreement", "referral", "history"),
        referral_id=view.file.referral.id,
        case_id=view.file.case.id if view.file.case else None,
    )
    people = [person.id for person in view.people]
    await audit.looked(request, *audit.about_each(people, seen), session=session)


async def look_at(session: Session, referral_id: UUID, actor: Actor) -> CaseView:
    """Everything on the page that this colleague may see. Raises NotThere."""
    allowed = await permissions(session, actor, referral_id)
    file = await case_file.read(session, referral_id)
    referral, case = file.referral, file.case
    sides = {referral.person_id: referral.request.side}
    sides |= {party.person_id: party.side for party in file.parties}
    contacts = await store.people.contacts_of(session, sides)
    agreements = await store.agreements.latest(session, case.id) if case else {}
    entries = await store.timeline.of_referral(session, referral_id)
    notes = await store.timeline.notes_about(session, referral_id, case.id if case else None)
    people = await store.people.known(session, {*sides, *_named(entries, notes)})
    corrected = await store.corrections.of_people(session, *sides)
    parties = {party.person_id: party.declined_at for party in file.parties}
    area = await store.areas.find(session, referral.request.area_id)
    glass = await store.break_glass.open_to(session, actor.id, referral_id, session.now())
    return CaseView(
        file=file,
        allowed=allowed,
        name=_name(people, referral.person_id),
        asked=_asked(file, area.label if area else ""),
        people=[
            PersonView(
                id=person_id,
                name=_name(people, person_id),
                side=wording.SIDE[side],
                contact=_contact(contacts.get(person_id), allowed, person_id),
                asked_no_contact_at=people[person_id].asked_no_contact_at,
                agreement=agreements.get(person_id),
                is_party=person_id in parties,
                declined=parties.get(person_id) is not None,
                erased=people[person_id].erased,
                corrections=_corrections(corrected, allowed, person_id),
            )
            for person_id, side in sides.items()
        ],
        history=_history(entries, notes, people),
        glass_until=glass.until if glass else None,
        held=bool(await store.holds.held(session, [referral_id])),
    )


def _contact(
    safe: SafeContact | None, allowed: Permissions, person_id: UUID
) -> list[dict[str, str]] | None:
    """How to reach somebody; None for whoever may not see it."""
    return contact_rows(safe) if allowed.may(Action.SEE_CONTACT, person_id) else None


def _corrections(kept: list[Kept], allowed: Permissions, person_id: UUID) -> list[Correction]:
    """What was put right of one person, for whoever may see what it was put right to."""
    if not allowed.may(Action.SEE_CONTACT, person_id):
        return []
    return [one.correction for one in kept if one.correction.person_id == person_id]


def contact_rows(safe: SafeContact | None) -> list[dict[str, str]]:
    """How somebody may be reached, best way first; nothing when they were erased."""
    if safe is None:
        return []
    rows = [
        {"key": wording.CHANNEL[route.channel], "value": wording.address(route)}
        for route in safe.routes
    ]
    rows.append({"key": "Safe hours", "value": wording.hours(safe.hours)})
    rows.append({"key": "Who else", "value": wording.WHO_ELSE_NOTED[safe.who_else]})
    if safe.route_by(Channel.PHONE):
        rows.append({"key": "Voicemail", "value": "Yes" if safe.voicemail else "Never"})
    rows.append({"key": "Words to avoid", "value": ", ".join(safe.avoid) or "None"})
    return rows


def _asked(file: CaseFile, area: str) -> list[dict[str, str]]:
    request = file.referral.request
    rows = [
        ("Reference", file.referral.reference),
        ("Referred by", wording.SOURCE[request.source]),
        ("What happened", wording.HAPPENED[request.happened]),
        ("Kind of matter", wording.MATTER[request.matter]),
        ("How they stand to it", wording.SIDE[request.side]),
        ("Reported to the police", wording.REPORTED[request.reported_to_police]),
        ("Area", area),
        ("Heard of us", wording.HEARD[request.heard_about]),
    ]
    if file.referral.decline_reason is not None:
        rows.append(("Declined because", wording.DECLINE[file.referral.decline_reason]))
    if file.case is not None and file.case.outcome is not None:
        rows.append(("Closed because", ENDED[file.case.outcome]))
    return [{"key": key, "value": value} for key, value in rows]


def _history(
    entries: list[Entry], notes: list[MessageNote], people: Mapping[UUID, Person]
) -> list[Line]:
    """Newest first."""
    lines = [Line(entry.at, _said(entry, people)) for entry in entries]
    lines += [Line(note.at, _sent(note, people)) for note in notes]
    return sorted(reversed(lines), key=lambda line: line.at, reverse=True)


def _said(entry: Entry, people: Mapping[UUID, Person]) -> str:
    words = wording.HAPPENING[entry.happening].format(person=_name(people, entry.person_id))
    if entry.how is not None:
        words += f", {wording.HOW_TOLD[entry.how].lower()}"
    if entry.recorded_by is not None:
        words += f". Recorded by {_name(people, entry.recorded_by)}"
    return words


def _sent(note: MessageNote, people: Mapping[UUID, Person]) -> str:
    to, about = _name(people, note.person_id), wording.PURPOSE[note.purpose]
    words = f"A message to {to} about {about} {wording.ENDING[note.ending]}"
    reasons = {reason.value: said for reason, said in wording.REASON.items()}
    return f"{words}: {reasons[note.reason]}" if note.reason in reasons else words


def _named(entries: list[Entry], notes: list[MessageNote]) -> set[UUID]:
    ids = {note.person_id for note in notes}
    for entry in entries:
        ids |= {person for person in (entry.person_id, entry.recorded_by) if person}
    return ids


def _name(people: Mapping[UUID, Person], person_id: UUID | None) -> str:
    person = people.get(person_id) if person_id else None
    return person.name if person else NO_NAME
