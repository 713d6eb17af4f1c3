"""What a member of staff is given to say, write or leave as a message, when no machine may."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifications.domain.purposes import TO_STAFF
from services.notifications.domain.speech import spoken_time
from services.notifications.wording.letters import Letterhead, Occasion, write_letter
from shared.contracts.referral import AllowedWords
from shared.contracts.words import Channel

_SENTENCES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=False,  # noqa: S701 - plain text; pages escape every sentence
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)

LEAVE_A_MESSAGE = (
    "You may leave a message. Say only: “Hello, this is a message for you from "
    "[your first name]. Nothing is wrong. I will try again another time.” Do not say what it is "
    "about."
)
LEAVE_NO_MESSAGE = (
    "Do not leave a message. Ring off before the tone, and try again another time. Do not send "
    "a text instead."
)
TEXT = "Hello, please ring us when it suits you, on the number you already have for us. Thank you."


@dataclass(frozen=True)
class CallScript:
    """How to go about it, step by step, and the words to use."""

    first: tuple[str, ...]
    """Before a word is said of what it is about."""
    say: tuple[str, ...]
    """Once it is sure that it is the right person; on paper or in a text, all there is."""
    otherwise: tuple[str, ...]
    """If somebody else answers, or nobody does."""
    avoid: tuple[str, ...]
    """Words this person asked us not to use."""


def call_script(
    channel: Channel, occasion: Occasion, words: AllowedWords, head: Letterhead
) -> CallScript:
    """What to do on this channel. Nothing in it says who the person is or where they are."""
    if channel is Channel.PHONE:
        return _call(occasion, words, head)
    if channel is Channel.TEXT:
        say: tuple[str, ...] = (TEXT,)
        first = ("Send this text as it stands. Add no name and nothing about what it is for.",)
    else:
        say = write_letter(occasion, words, head).paragraphs
        first = (
            "Write it by hand from the words below. Use a plain envelope, or a neutral subject."
            if channel is Channel.LETTER
            else "Write this yourself: the words we would send include one they asked us not to "
            "use. Keep the subject neutral.",
        )
    return CallScript(first=first, say=say, otherwise=(), avoid=words.avoid)


def _call(occasion: Occasion, words: AllowedWords, head: Letterhead) -> CallScript:
    if words.name_service:
        who_we_are = f"You may say that you are ringing from {head.service_name}."
    else:
        who_we_are = (
            "Give your first name only. Do not say where you are ringing from until they have "
            "told you that it is safe to talk."
        )
    voicemail = LEAVE_A_MESSAGE if words.leave_voicemail else LEAVE_NO_MESSAGE
    return CallScript(
        first=(
            "Ask for the person by the name shown above, and make sure that it is them.",
            who_we_are,
            "Ask: “Is this a good time to talk?” If it is not, ask when would be better, and ring "
            "off.",
        ),
        say=_sentences(occasion),
        otherwise=(
            "If somebody else answers: say that you will ring back another time. Do not say who "
            "you are, where you are ringing from, or what it is about, even if they ask.",
            f"If it goes to a machine: {voicemail}",
            "If the call is cut off: do not ring back at once. Wait for them, or for another day.",
        ),
        avoid=words.avoid,
    )


def _sentences(occasion: Occasion) -> tuple[str, ...]:
    """Spoken to the person alone, so that the time may be said whatever may be written."""
    said = {
        "starts_at": spoken_time(occasion.starts_at) if occasion.starts_at else None,
        "told_before": spoken_time(occasion.told_before) if occasion.told_before else None,
        "to_staff": occasion.purpose in TO_STAFF,
    }
    written = _SENTENCES.get_template(f"calls/{occasion.purpose}.txt").render(said)
    return tuple(line.strip() for line in written.splitlines() if line.strip())
