"""The import rules of `pyproject.toml`: kept, and each of them seen to break."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
NAMES = {contract["id"]: contract["name"] for contract in SETTINGS["contracts"]}

PLANTED = [
    ("services-apart", "services.referral.domain", "services.scheduling.domain"),
    ("services-apart", "services.reporting.handlers", "services.referral.actions"),
    ("rooms-of-a-service", "services.referral.domain", "services.referral.store"),
    ("rooms-of-a-service", "services.referral.store", "services.referral.actions"),
    ("rooms-of-a-service", "services.referral.actions", "services.referral.routes"),
    ("rooms-of-a-service", "services.referral.routes", "services.referral.handlers"),
    ("rooms-of-a-service", "services.scheduling.handlers", "services.scheduling.routes"),
    ("rooms-of-a-service", "services.notifications.actions", "services.notifications.channels"),
    ("rooms-of-a-service", "services.notifications.store", "services.notifications.wording"),
    ("rooms-of-shared", "shared.ui.forms", "shared.plumbing.settings"),
    ("rooms-of-shared", "shared.contracts.fact", "shared.ui.forms"),
    ("shared-knows-no-service", "shared.plumbing.service", "services.referral.store"),
    ("nothing-imports-deploy", "shared.plumbing.service", "deploy.catalogue"),
    ("nothing-imports-deploy", "services.referral.routes", "deploy.catalogue"),
    ("nothing-imports-main", "services.referral.routes", "services.referral.main"),
    ("nothing-imports-main", "shared.plumbing.service", "services.reporting.main"),
    ("nothing-imports-migrations", "services.referral.store", "services.referral.migrations"),
    ("only-plumbing-speaks-nats", "services.referral.handlers", "nats"),
    ("only-plumbing-speaks-nats", "deploy.catalogue.services", "faststream"),
    ("contracts-depend-on-pydantic", "shared.contracts.fact", "structlog"),
    ("contracts-depend-on-pydantic", "shared.contracts.words", "shared.plumbing.world"),
    ("ui-knows-pages", "shared.ui.forms", "fastapi"),
    ("ui-knows-pages", "shared.ui.forms", "shared.contracts.words"),
    ("domain-is-pure", "services.referral.domain", "sqlmodel"),
    ("domain-is-pure", "services.referral.domain", "pydantic"),
    ("domain-is-pure", "services.referral.domain", "shared.plumbing.world"),
    ("store-knows-the-database", "services.referral.store", "fastapi"),
    ("store-knows-the-database", "services.referral.store", "shared.plumbing.outbox"),
    ("actions-decide-store-tell", "services.referral.actions", "sqlalchemy"),
    ("actions-decide-store-tell", "services.referral.actions", "shared.plumbing.bus"),
]
STRAY_FILES = [
    ("rooms-of-a-service", "services.referral.stray"),
    ("rooms-of-shared", "shared.stray"),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What is said of a copy of the code in which every rule is broken, by the rule's id."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for room in ("services", "shared", "deploy", "tests/architecture"):
        shutil.copytree(ROOT / room, tree / room, ignore=_not_code)
    (tree / "tests/__init__.py").touch()
    for _, module, imported in PLANTED:
        plant(tree, imported, "")
        plant(tree, module, f"import {imported}")
    for _, module in STRAY_FILES:
        plant(tree, module, "")
    said = check_imports(tree).stdout.partition("Broken contracts")[2]
    return {rule: _under(name, said) for rule, name in NAMES.items()}


def _not_code(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if Path(folder, name).is_file() and not name.endswith(".py")]


def _under(heading: str, text: str) -> str:
    """The part of a report below a heading, up to the next one."""
    return re.split(r"\n.+\n-{9,}\n", text.partition(f"\n{heading}\n")[2].lstrip("-\n"))[0]


def plant(tree: Path, module: str, line: str) -> None:
    """Add a line to a module of the tree, made if need be; packages from outside are there."""
    if module.partition(".")[0] not in SETTINGS["root_packages"]:
        return
    stem = tree / module.replace(".", "/")
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    with path.open("a") as file:
        file.write(f"\n{line}\n")


def check_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    lint_imports = str(Path(sys.executable).with_name("lint-imports"))
    command = [lint_imports, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def test_every_import_is_allowed():
    result = check_imports(ROOT)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("rule", "module", "imported"), PLANTED)
def test_a_planted_import_breaks_its_rule(complaints, rule, module, imported):
    both = rf"{re.escape(module)} (->|may not import) {re.escape(imported)}\b"

    assert re.search(both, complaints[rule]), complaints[rule]


@pytest.mark.parametrize(("rule", "module"), STRAY_FILES)
def test_a_file_that_is_in_no_room_is_refused(complaints, rule, module):
    room, _, name = module.rpartition(".")

    assert room in complaints[rule]
    assert re.search(rf"\b{name}\b", complaints[rule])


def test_every_rule_has_been_seen_to_break():
    assert {rule for rule, _, _ in PLANTED} == set(NAMES)
