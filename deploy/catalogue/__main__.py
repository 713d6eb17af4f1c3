"""`python -m deploy.catalogue write|check`: schemas, samples and pages, made or compared."""

import sys
import tomllib
from pathlib import Path

from deploy.catalogue.access_page import access_page
from deploy.catalogue.asyncapi import asyncapi
from deploy.catalogue.events_page import events_page
from deploy.catalogue.released import Released, as_text
from deploy.catalogue.retention_page import retention_page
from deploy.catalogue.services import parties
from shared.contracts.catalogue import FACTS

ROOT = Path(__file__).parents[2]
CONTRACTS = Path("shared/contracts")
USAGE = "usage: python -m deploy.catalogue write|check [folder]"


def problems(root: Path) -> list[str]:
    """Why today's contracts may not be released at all."""
    return Released(root / CONTRACTS).problems(FACTS)


def contract_files(root: Path) -> dict[Path, str]:
    """The released files that are still to be written."""
    unreleased = Released(root / CONTRACTS).unreleased(FACTS)
    return {root / CONTRACTS / name: text for name, text in unreleased.items()}


def pages(root: Path) -> dict[Path, str]:
    """The pages as they should be; every fact is released already."""
    released, services = Released(root / CONTRACTS), parties()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return {
        root / "docs/access.md": access_page(),
        root / "docs/events.md": events_page(services, released),
        root / "docs/privacy/retention.md": retention_page(),
        root / "docs/asyncapi.json": as_text(asyncapi(services, released, version)),
    }


def stale(root: Path) -> list[Path]:
    """The files that are not what the code says."""
    missing = contract_files(root)
    wanted = missing or pages(root)
    return [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]


def write(root: Path) -> list[Path]:
    """Bring every file up to date; the paths of those that changed."""
    written = []
    for files in (contract_files, pages):
        for path, text in files(root).items():
            if not path.exists() or path.read_text() != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                written.append(path)
    return written


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in ("write", "check") or len(arguments) > 2:
        sys.stderr.write(USAGE + "\n")
        return 2
    root = Path(arguments[1]) if arguments[1:] else ROOT
    if refused := problems(root):
        sys.stderr.write("\n".join(refused) + "\n")
        return 1
    if arguments[0] == "write":
        for path in write(root):
            sys.stdout.write(f"wrote {path.relative_to(root)}\n")
        return 0
    out_of_date = stale(root)
    for path in out_of_date:
        sys.stderr.write(f"stale: {path.relative_to(root)}; run `make docs`\n")
    return 1 if out_of_date else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
