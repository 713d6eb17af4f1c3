"""The canaries: what is planted wherever something personal may stand, and how each is found.

Every text that is planted holds the same rare stem and a mark of its own; a number, a date and a
secret are canaries as they are. Each is looked for in every way in which it could have been
written down, the digests included that whoever has a list of likely numbers could compare.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from urllib.parse import quote, urlencode

STEM = "zyxcanary"
"""In every text that is planted; no word of ours, of any library or of any language has it."""

SHOWN_AROUND = 60
MOST_SHOWN = 5

BORN = date(1913, 2, 27)
ALSO_BORN = date(1911, 11, 3)

PHONES = tuple(f"0770090014{last}" for last in range(8))
"""Set aside for fiction, so that nobody is ever called."""

Needle = tuple[str, bytes]
"""How it was written, and the bytes."""


def text(mark: str) -> str:
    """A canary of one's own: `text("ada")`; letters alone, so that any field takes it."""
    return f"{STEM.capitalize()}{mark}"


def too_long(mark: str) -> str:
    """A canary that no field takes."""
    return text(mark) + "x" * 2000


def email(mark: str) -> str:
    return f"{STEM}{mark}@example.org"


def in_codes(*codes: str) -> tuple[str, ...]:
    """Answers that are chosen, not written: together, in each way they would be written down."""
    as_fields = zip(("age_band", "gender", "ethnicity"), codes, strict=True)
    plain = [str(code) for code in codes]
    return json.dumps(plain), str(plain), str(tuple(plain)), urlencode(list(as_fields))


def address(mark: str) -> str:
    return f"1 {text(mark)} Street\nLeicester\nLE1 1AA"


@dataclass
class Aviary:
    """Every canary of one run, and where each of them is in what is searched."""

    secrets: list[str] = field(default_factory=list)
    """What the product made up itself and nobody else may ever read: links, codes, cookies."""
    digested: list[str] = field(default_factory=list)
    """What somebody could guess: a plain digest of it would be as good as the thing itself."""

    def also(self, *secrets: str) -> None:
        self.secrets += [one for one in secrets if one]
        self.__dict__.pop("needles", None)

    @cached_property
    def needles(self) -> dict[str, tuple[Needle, ...]]:
        """By the view of the data in which they are looked for."""
        exact = [*_in_base64(STEM), *((f"secret {n}", s.encode()) for n, s in self._numbered())]
        digests = [one for value in self.digested for one in _digests(value)]
        return {
            "raw": tuple(exact + [one for one in digests if one[0].endswith("raw")]),
            "lower": tuple(
                [*_of_the_stem(), *_of_the_dates()]
                + [one for one in digests if not one[0].endswith("raw")]
            ),
            "squeezed": tuple(_of_the_phones()),
        }

    def _numbered(self) -> Iterable[tuple[int, str]]:
        return enumerate(self.secrets)

    def hits(self, data: bytes) -> list[str]:
        """Where a canary is in `data`, with what stands around it; none is what we want."""
        found: list[str] = []
        views = {"raw": data, "lower": data.lower(), "squeezed": data.translate(None, b" -()./")}
        for view, needles in self.needles.items():
            for how, needle in needles:
                at = views[view].find(needle)
                if at >= 0:
                    around = views[view][max(0, at - SHOWN_AROUND) : at + SHOWN_AROUND]
                    found.append(f"{how}: {around!r}")
        return found[:MOST_SHOWN]


def _of_the_stem() -> Iterator[Needle]:
    """In lower case: what is searched is folded too."""
    yield "as it is", STEM.encode()
    yield "UTF-16 LE", STEM.encode("utf-16-le")
    yield "UTF-16 BE", STEM.encode("utf-16-be")
    yield "hex", STEM.encode().hex().encode()
    yield "hex of capitals", STEM.upper().encode().hex().encode()
    yield "hex of a name", STEM.capitalize().encode().hex().encode()
    for spelt in (STEM, STEM.upper(), STEM.capitalize()):
        yield "url-quoted", "".join(f"%{ord(one):02x}" for one in spelt).encode()
        yield "JSON escapes", "".join(f"\\u{ord(one):04x}" for one in spelt).encode()
        yield "HTML entities", "".join(f"&#{ord(one)};" for one in spelt).encode()
        yield "quoted-printable", "".join(f"={ord(one):02x}" for one in spelt).encode()
    yield "backwards", STEM[::-1].encode()


def _in_base64(stem: str) -> Iterator[Needle]:
    """Wherever in a longer text it stands, and however it was spelt; the edges are cut off."""
    for spelt in {stem, stem.upper(), stem.capitalize()}:
        for kind, raw in (("", spelt.encode()), (" of UTF-16", spelt.encode("utf-16-le"))):
            for before in range(3):
                written = base64.b64encode(b"\0" * before + raw)
                first = -(-before * 8 // 6)
                last = (before + len(raw)) * 8 // 6
                yield f"base64{kind}", written[first:last]


def _of_the_dates() -> Iterator[Needle]:
    for born in (BORN, ALSO_BORN):
        for how in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d%m%Y", "%Y, %m, %d"):
            yield "date of birth", f"{born:{how}}".encode()
        yield "date of birth", f"{born.day} {born:%B %Y}".lower().encode()
        yield "date of birth", f"date({born.year}, {born.month}, {born.day})".encode()
        yield "date of birth", base64.b64encode(born.isoformat().encode())[:12].lower()


def _of_the_phones() -> Iterator[Needle]:
    """Without what stands between the digits, and without the 0 or the +44 before them."""
    for phone in PHONES:
        digits = phone.lstrip("0")
        yield "phone", digits.encode()
        yield "phone, UTF-16", digits.encode("utf-16-le")
        yield "phone, hex", digits.encode().hex().encode()
        yield "phone, base64", base64.b64encode(f"+44{digits}".encode())[:16]
        yield "phone, base64", base64.b64encode(phone.encode())[:14]


def _digests(value: str) -> Iterator[Needle]:
    for kind in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(kind, value.encode())
        yield f"{kind}", digest.hexdigest().encode()
        yield f"{kind} raw", digest.digest()


def every_way_of_writing(what: str) -> dict[str, bytes]:
    """A canary in each way it could stand somewhere: to see that each way is found."""
    raw = what.encode()
    return {
        "as it is": raw,
        "capitals": what.upper().encode(),
        "folded": what.casefold().encode(),
        "UTF-16 LE": what.encode("utf-16-le"),
        "UTF-16 BE": what.encode("utf-16-be"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "url-quoted": "".join(f"%{one:02X}" for one in raw).encode(),
        "half url-quoted": quote(f"ü {what}").encode(),
        "JSON escapes": "".join(f"\\u{ord(one):04x}" for one in what).encode(),
        "HTML entities": "".join(f"&#{ord(one)};" for one in what).encode(),
        "quoted-printable": "".join(f"={one:02X}" for one in raw).encode(),
        "backwards": what[::-1].encode(),
        **{
            f"base64 after {before}": base64.b64encode(b"?" * before + raw + b"??")
            for before in range(3)
        },
        "url-safe base64": base64.urlsafe_b64encode(b"??" + raw),
        "base64 of UTF-16": base64.b64encode(b"?" + what.encode("utf-16-le")),
        "in the middle of much": b"\0" * 70_000 + raw + b"\xff" * 70_000,
    }
