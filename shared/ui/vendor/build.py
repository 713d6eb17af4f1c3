"""Rebuilds shared/ui/static from pinned npm packages: `python shared/ui/vendor/build.py`.

Needs node, npm and the npm registry; the outputs are committed, so nothing else ever does. Run it
after changing anything in this folder, and again after raising a version in package.json.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent
STATIC = VENDOR.parent / "static"

NOT_OURS = re.compile(r"GDS Transport|crown|crest|\.woff|@font-face|sourceMappingURL", re.I)
"""The identity of GOV.UK, which a service outside it must not show; and dead references."""


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        for source in VENDOR.iterdir():
            if source.is_file():
                shutil.copy(source, room)
        _run(room, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        outputs = _built(room)
    for name, content in outputs.items():
        if found := NOT_OURS.search(content):
            sys.exit(f"{name} holds {found[0]!r}, which must not be served")
    _written(outputs)


def _built(room: Path) -> dict[str, str]:
    """Plain name → content; a script that imports another names it by its hashed name."""
    _run(
        room,
        *("npx", "--no-install", "sass", "--load-path=node_modules", "--style=compressed"),
        # Without --no-error-css a failed build leaves a stylesheet that holds the error.
        *("--no-source-map", "--no-error-css", "--quiet-deps", "page.scss", "page.css"),
    )
    package = room / "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js"
    script = re.sub(r"\n?//# sourceMappingURL=.*", "", package.read_text())
    outputs = {
        "govuk-frontend.js": script,
        "icon.svg": (room / "icon.svg").read_text(),
        "page.css": (room / "page.css").read_text(),
        "start.js": (room / "start.js").read_text(),
    }
    first = (room / "page.js").read_text()
    outputs["page.js"] = first.replace("govuk-frontend.js", hashed("govuk-frontend.js", script))
    return outputs


def hashed(name: str, content: str) -> str:
    """`page.css` → `page.<16 hex digits of its content's SHA-256>.css`."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content.encode()).hexdigest()[:16]}.{ending}"


def _written(outputs: dict[str, str]) -> None:
    shutil.rmtree(STATIC, ignore_errors=True)
    STATIC.mkdir()
    manifest = {}
    for name, content in sorted(outputs.items()):
        file = hashed(name, content)
        (STATIC / file).write_text(content)
        manifest[name] = {"file": file, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    (STATIC / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def _run(room: Path, *command: str) -> None:
    subprocess.run(command, cwd=room, check=True)  # noqa: S603 - fixed commands, nobody's input


if __name__ == "__main__":
    main()
