"""Writes the letter for a purpose: neutral, plain, and with no name and no place in it, ever.

A template in `letters/` holds a `Subject:` line and then paragraphs. The plain and the HTML half
of a message are made from the same paragraphs, so they cannot say different things.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from services.notifications.domain.purposes import TO_STAFF
from services.notifications.domain.speech import spoken_time, word_to_avoid
from shared.contracts.referral import AllowedWords
from shared.contracts.words import Purpose

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=False,  # noqa: S701 - plain text; the HTML half escapes every paragraph below
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


KNOWN_NUMBER = "the number you already have for us"
"""Instead of our number, where ringing it would tell somebody else who we are."""


@dataclass(frozen=True)
class Letterhead:
    """What the operator puts on letters. All of it is public; none of it is about a person."""

    mail_from: str
    service_name: str
    phone_number: str
    site_url: str


@dataclass(frozen=True)
class Occasion:
    """What the letter is about, as far as a letter may say: times, and nothing else."""

    purpose: Purpose
    starts_at: datetime | None = None
    told_before: datetime | None = None
    """The time the person was last given, when this takes it back."""


@dataclass(frozen=True)
class Letter:
    """A subject and a few paragraphs, ready to be put in an envelope."""

    sender: str
    subject: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs) + "\n"

    @property
    def html(self) -> str:
        body = "\n".join(f"<p>{_marked_up(paragraph)}</p>" for paragraph in self.paragraphs)
        return (
            '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{escape(self.subject)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
        )

    def word_to_avoid(self, words: AllowedWords) -> str | None:
        """The first word in it, or in who it comes from, that this person asked us not to use."""
        seen = "\n".join((self.sender, self.subject, *self.paragraphs))
        return word_to_avoid(seen, words.avoid)


def write_letter(occasion: Occasion, words: AllowedWords, head: Letterhead) -> Letter:
    """The letter as these words allow it.

    The service is named, and its number and site given away, only if `words.name_service`; a time
    is said only if `words.say_time`.
    """
    named = words.name_service
    written = _TEMPLATES.get_template(f"letters/{occasion.purpose}.txt").render(
        service_name=head.service_name if named else None,
        ring_us=f"ring us on {head.phone_number if named else KNOWN_NUMBER}",
        site_url=head.site_url.rstrip("/") if named else None,
        starts_at=_said(occasion.starts_at, words),
        told_before=_said(occasion.told_before, words),
        to_staff=occasion.purpose in TO_STAFF,
    )
    subject, _, body = written.partition("\n")
    paragraphs = (paragraph.strip() for paragraph in body.split("\n\n"))
    return Letter(
        sender=head.mail_from,
        subject=subject.removeprefix("Subject:").strip(),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
    )


def _said(moment: datetime | None, words: AllowedWords) -> str | None:
    return spoken_time(moment) if moment is not None and words.say_time else None


def _marked_up(paragraph: str) -> str:
    """A paragraph that is nothing but one of our own addresses becomes a link."""
    safe = escape(paragraph)
    is_address = paragraph.startswith(("https://", "http://")) and not any(
        one.isspace() for one in paragraph
    )
    return f'<a href="{safe}">{safe}</a>' if is_address else str(safe).replace("\n", "<br>\n")
