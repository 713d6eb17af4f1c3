"""A service starts without the other three, and with no library but its own.

An image installs the libraries every service needs and the extra of its one service; whatever
else happens to lie in a developer's environment must not be leaned on.
"""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from shared.contracts.catalogue import SERVICES
from tests.architecture.code import ROOMS, ROOT, named, python_files, tree_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

START = """
import importlib, pkgutil, sys
from pathlib import Path

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FORBIDDEN:
            raise ModuleNotFoundError(f"{name} is not among what the service installs", name=name)

FORBIDDEN = set(sys.argv[2].split(","))
sys.meta_path.insert(0, NotInstalled())
service = importlib.import_module(f"services.{sys.argv[1]}")
for room in pkgutil.walk_packages(service.__path__, f"{service.__name__}."):
    if ".migrations" not in room.name:
        importlib.import_module(room.name)
main = importlib.import_module(f"{service.__name__}.main")
settings = importlib.import_module("shared.plumbing.settings").Settings
assert main.create(settings(database_url="sqlite+aiosqlite:////never-made.db")).routes
print(*sorted({name.split(".")[1] for name in sys.modules if name.startswith("services.")}))
"""


def start(service: str, forbidden: set[str]) -> subprocess.CompletedProcess[str]:
    """Import every room of a service and put it together, in a process of its own."""
    command = [sys.executable, "-c", START, service, ",".join(sorted(forbidden))]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def installed_by(*extras: str) -> frozenset[str]:
    """Every distribution that comes with Parley and these extras, directly or behind another."""
    wanted = [*PROJECT["dependencies"]]
    for extra in extras:
        wanted += PROJECT["optional-dependencies"][extra]
    found: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement = Requirement(wanted.pop())
        key = (plain(requirement.name), frozenset(requirement.extras))
        if key in found:
            continue
        found.add(key)
        wanted += [
            text
            for text in _requires(requirement.name)
            if _applies(Requirement(text), frozenset(requirement.extras))
        ]
    return frozenset(name for name, _ in found)


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    environments = [default_environment() | {"extra": extra} for extra in (extras or {""})]
    return any(requirement.marker.evaluate(environment) for environment in environments)


def _requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


@cache
def modules() -> dict[str, set[str]]:
    """Which distributions a module that can be imported comes from."""
    return {
        module: {plain(name) for name in distributions}
        for module, distributions in metadata.packages_distributions().items()
    }


def foreign_to(service: str) -> set[str]:
    allowed = installed_by(service)
    return {module for module, sources in modules().items() if not sources & allowed} - set(ROOMS)


def imported_anywhere(room: str) -> dict[str, str]:
    """Every library that code in a room names, at its head or inside a function, and where."""
    found = {}
    for path in python_files(room):
        for node in ast.walk(tree_of(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            found |= {name.partition(".")[0]: named(path) for name in names}
    return {name: path for name, path in found.items() if name in modules() and name not in ROOMS}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_alone_and_with_its_own_libraries(service):
    result = start(service, foreign_to(service))

    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [service]


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_imported_late_is_its_own_too(service):
    foreign = foreign_to(service)
    found = imported_anywhere(f"services/{service}")

    assert {name: path for name, path in found.items() if name in foreign} == {}


def test_what_is_shared_needs_no_services_extra():
    found = imported_anywhere("shared")

    assert {
        name: path for name, path in found.items() if not modules()[name] & installed_by()
    } == {}


def test_a_library_of_another_service_is_seen():
    foreign = foreign_to("scheduling")

    assert {"aiosmtplib", "phonenumbers", "vl_convert", "pytest"} <= foreign
    assert not {"fastapi", "starlette", "sqlalchemy", "greenlet", "nats"} & foreign
    assert "phonenumbers" not in foreign_to("referral")


def test_a_missing_library_keeps_a_service_from_starting():
    result = start("reporting", {"sqlmodel"})

    assert result.returncode == 1
    assert "sqlmodel is not among what the service installs" in result.stderr
