"""What a member of staff is given to say, write or leave as a message, when no machine may."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifications.domain.purposes import TO_STAFF
from services.notifications.domain.speech import spoken_time, word_to_avoid
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

VOICEMAIL = (
    "Hello, this is a message for you from [your first name]. Nothing is wrong. I will try again "
    "another time."
)
LEAVE_A_MESSAGE = f"You may leave a message. Say only: “{VOICEMAIL}” Do not say what it is about."
LEAVE_NO_MESSAGE = (
    "Do not leave a message. Ring off before the tone, and try again another time. Do not send "
    "a text instead."
)
NOT_SHOWN = "The wording we have holds a word this person asked us not to use, so it is not shown."
SAY_DIFFERENTLY = (
    "What is below holds a word this person asked us not to use. Say it in other words."
)
ONLY_ASKS_TO_RING = (
    "This text tells them nothing yet. When they ring, tell them, and only then press “Done: they "
    "know”. Until then leave this task open."
)
HOW_TO_WRITE: dict[Channel, str] = {
    Channel.LETTER: "Write it by hand from the words below. Use a plain envelope.",
    Channel.EMAIL: "Write this yourself from the words below. Keep the subject neutral.",
}
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
    caution: str = ""
    """Why there is nothing to copy, or what to say differently, because of those words."""


def call_script(
    channel: Channel, occasion: Occasion, words: AllowedWords, head: Letterhead
) -> CallScript:
    """What to do on this channel. Nothing in it says who the person is or where they are."""
    if channel is Channel.PHONE:
        return _call(occasion, words, head)
    if channel is Channel.TEXT:
        return _written(
            (TEXT,),
            (
                "Send this text as it stands. Add no name and nothing about what it is for.",
                ONLY_ASKS_TO_RING,
            ),
            words,
        )
    say = write_letter(occasion, words, head).paragraphs
    return _written(say, (HOW_TO_WRITE[channel],), words)


def _written(say: tuple[str, ...], how: tuple[str, ...], words: AllowedWords) -> CallScript:
    """What is to be copied; nothing at all if it holds a word this person asked us not to use.

    What is written stays, and others may read it: better to have no words of ours than one of
    these, which somebody in a hurry would copy with the rest.
    """
    if word_to_avoid("\n".join(say), words.avoid) is None:
        return CallScript(first=how, say=say, otherwise=(), avoid=words.avoid)
    return CallScript(
        first=_in_your_own_words(words),
        say=(),
        otherwise=(),
        avoid=words.avoid,
        caution=NOT_SHOWN,
    )


def _in_your_own_words(words: AllowedWords) -> tuple[str, ...]:
    """What a machine would keep to, for whoever has to find words of their own."""
    leave_out = "no name, no place, and nothing of what it is about"
    if not words.say_time:
        leave_out = "no name, no place, no day or time, and nothing of what it is about"
    who = (
        "You may say who it is from."
        if words.name_service
        else "Do not say who it is from, and give no number of ours: they have it already."
    )
    return (
        "Write it in your own words, without the words above.",
        f"Put in {leave_out}. {who}",
        "Use a plain envelope; in an email, a neutral subject.",
        "If that leaves too little to say, ask them only to ring us, and leave this task "
        "open until they have.",
    )


def _call(occasion: Occasion, words: AllowedWords, head: Letterhead) -> CallScript:
    if words.name_service:
        who_we_are = f"You may say that you are ringing from {head.service_name}."
    else:
        who_we_are = (
            "Give your first name only. Do not say where you are ringing from until they have "
            "told you that it is safe to talk."
        )
    may_leave = words.leave_voicemail and word_to_avoid(VOICEMAIL, words.avoid) is None
    voicemail = LEAVE_A_MESSAGE if may_leave else LEAVE_NO_MESSAGE
    say = _sentences(occasion)
    unwanted = word_to_avoid("\n".join(say), words.avoid)
    return CallScript(
        first=(
            "Ask for the person by the name shown above, and make sure that it is them.",
            who_we_are,
            "Ask: “Is this a good time to talk?” If it is not, ask when would be better, and ring "
            "off.",
        ),
        say=say,
        otherwise=(
            "If somebody else answers: say that you will ring back another time. Do not say who "
            "you are, where you are ringing from, or what it is about, even if they ask.",
            f"If it goes to a machine: {voicemail}",
            "If the call is cut off: do not ring back at once. Wait for them, or for another day.",
        ),
        avoid=words.avoid,
        caution=SAY_DIFFERENTLY if unwanted is not None else "",
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
