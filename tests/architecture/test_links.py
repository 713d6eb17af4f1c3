"""No page sends its reader to a file, or to a heading in one, that is not there."""

import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.architecture.code import ROOMS, ROOT, named

_TARGET = r"\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)"
PICTURE = re.compile(r"!\[[^\]]*\]" + _TARGET)
LINK = re.compile(r"\[[^\]]*\]" + _TARGET)
NAMED_LINK = re.compile(r"^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)", re.MULTILINE)
IN_HTML = re.compile(r"<(?:img|a)\b[^>]*\b(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
MADE_ANCHOR = re.compile(r"<a\b[^>]*\b(?:id|name)=\"([^\"]+)\"")


def pages() -> list[Path]:
    """Every page that is kept; where there is no record of what is, every one in our rooms."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        kept = [ROOT / name for name in listed.stdout.split("\0") if name]
        return sorted(path for path in kept if path.is_file())
    rooms = [path for room in (*ROOMS, "docs") for path in (ROOT / room).rglob("*.md")]
    return sorted(
        [*ROOT.glob("*.md"), *(path for path in rooms if "node_modules" not in path.parts)]
    )


def links(text: str) -> list[str]:
    """Where a page points to, but for other hosts; what is code is no link."""
    plain = CODE.sub("", text)
    # A picture that is itself a link: first the picture, then what is around it.
    pictures, plain = PICTURE.findall(plain), PICTURE.sub("", plain)
    found = [
        *pictures,
        *(end for kind in (LINK, NAMED_LINK, IN_HTML) for end in kind.findall(plain)),
    ]
    return [end for end in found if not urlsplit(end).scheme and not end.startswith("//")]


def dead_links(page: Path) -> list[str]:
    return [link for link in links(page.read_text("utf-8")) if not leads_somewhere(page, link)]


def leads_somewhere(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    path = unquote(parts.path)
    base = ROOT if path.startswith("/") else page.parent
    target = (base / path.lstrip("/")).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    if not parts.fragment or target.suffix != ".md":
        return True
    return unquote(parts.fragment) in anchors(target)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, made from their words as GitHub makes them."""
    text = page.read_text("utf-8")
    found = set(MADE_ANCHOR.findall(text))
    times: dict[str, int] = {}
    for heading in HEADING.findall(re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        again = times.get(anchor, 0)
        times[anchor] = again + 1
        found.add(f"{anchor}-{again}" if again else anchor)
    return frozenset(found)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_link_leads_somewhere(page):
    assert dead_links(page) == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.architecture.test_links.ROOT", tmp_path)
    (tmp_path / "other.md").write_text("# What `parley` does\n\n## Twice\n\n## Twice\n")
    (tmp_path / "a b.png").touch()
    page = tmp_path / "page.md"
    page.write_text(
        "[1](other.md) [2](other.md#what-parley-does) ![3](a%20b.png) [4](#here) [5](/other.md)\n"
        "[6](other.md#twice-1) [7](https://example.org/x) `[8](code.md)`\n# Here\n"
        '[9](gone.md) [10](other.md#gone) ![11](gone.png "a picture") [12](../outside.md)\n'
        '[13](#gone) <img src="gone.svg"> [![14](gone-badge.svg)](other.md)\n\n'
        "[15]: gone-too.md\n```\n[16](in-code.md)\n```\n"
    )

    assert set(dead_links(page)) == {
        *("gone.md", "other.md#gone", "gone.png", "../outside.md", "#gone", "gone.svg"),
        *("gone-badge.svg", "gone-too.md"),
    }


def test_the_pages_are_really_read():
    read = {named(page) for page in pages()}

    assert {"README.md", "docs/runbook.md", "docs/decisions/README.md"} <= read
