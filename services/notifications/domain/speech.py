"""How a time is said, and which words somebody asked us not to use."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_NOT_A_LETTER = re.compile(r"[\W_]+")


def spoken_time(moment: datetime) -> str:
    """`Tuesday 3 March 2026 at 2:30pm`, by London's clocks.

    In the hour that happens twice it says which; nobody should have to guess.
    """
    here = moment.astimezone(LONDON)
    half = "am" if here.hour < 12 else "pm"
    minutes = f":{here.minute:02}" if here.minute else ""
    clock = f"{(here.hour - 1) % 12 + 1}{minutes}{half}"
    if (here.hour, here.minute) in {(0, 0), (12, 0)}:
        clock = "midday" if here.hour else "midnight"
    if here.utcoffset() != here.replace(fold=1 - here.fold).utcoffset():
        clock += f" ({'after' if here.fold else 'before'} the clocks go back)"
    return f"{here:%A} {here.day} {here:%B} {here.year} at {clock}"


def word_to_avoid(text: str, avoid: Iterable[str]) -> str | None:
    """The first of `avoid` that `text` has in it, in any spelling of case, accents or spaces.

    Part of a word counts too: somebody who asks us not to say `meet` does not want `meeting`.
    """
    heard = _plain(text)
    for word in avoid:
        plain = _plain(word)
        if plain and plain in heard:
            return word
    return None


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    return _NOT_A_LETTER.sub(" ", letters).strip()
