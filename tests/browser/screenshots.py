"""Takes the pictures in docs/screenshots anew, and writes their index: `make screenshots`.

They are taken by the tests that look at each page, so a page that keeps somebody out has none.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.browser.looking import CAPTIONS
from tests.fixtures.browser import DESK, PHONE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"

TESTS = ("test_pages.py", "test_form.py")
"""In this order: the second adds people to the lists that the first shows."""

PARTS = {"form": "The public form", "staff": "For staff"}

BEGINNING = f"""# What it looks like

Each page at {DESK} px and at {PHONE} px, as `make screenshots` took it. Everybody in them is
invented. With scripts switched off the pages hold the same, with every follow-up question open.
"""


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for old in (*FOLDER.glob("*.png"), FOLDER / CAPTIONS):
        old.unlink(missing_ok=True)
    tests = [str(Path(__file__).with_name(name)) for name in TESTS]
    status = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests],
        cwd=ROOT,
        env=os.environ | {"PARLEY_SCREENSHOTS": str(FOLDER)},
        check=False,
    ).returncode
    captions = FOLDER / CAPTIONS
    if captions.exists():
        (FOLDER / "README.md").write_text(index(captions.read_text()))
        captions.unlink()
    return status


def index(captions: str) -> str:
    """The index of the pictures, in the order of the form and then as they were taken."""
    lines = [BEGINNING]
    taken = dict(line.split("\t") for line in captions.splitlines())
    names = dict.fromkeys(name.rpartition("-")[0] for name in taken)
    for part, heading in PARTS.items():
        own = [name for name in names if name.startswith(f"{part}-")]
        lines += ["", f"## {heading}", ""]
        for name in sorted(own) if part == "form" else own:
            desk, phone = f"{name}-{DESK}.png", f"{name}-{PHONE}.png"
            caption = taken[f"{name}-{DESK}"]
            lines.append(f"- {caption}: [on a desk]({desk}), [on a phone]({phone})")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


if __name__ == "__main__":
    sys.exit(main())
