"""The words of the practice, and none that say nothing, blame anybody or name this machine."""

import ast
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture.code import ROOMS, ROOT, functions, named, python_files, tree_of

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "manager", "data", "info", "misc"}
EMPTY_VERBS = ("process_", "handle_")
NAMED_ELSEWHERE = re.compile(
    r"process_(bind_param|result_value)|handle_([A-Z]+|starttag|endtag|startendtag|data)"
)
"""What SQLAlchemy, aiosmtpd and HTMLParser call, by the names they gave it."""

BLAMING = re.compile(r"(?<![\"'])\b(victims?|offenders?)\b", re.IGNORECASE)
"""Here it is the harmed person, the person responsible, or a party; quoted words may stand."""

MACHINE = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w")
"""Where somebody's own files lie: nobody else has them there."""

ADDRESS = re.compile(r"(?:https?|wss?|nats)://((?:\[[\w:]+\]|[\w.-]+)(?::\d+)?)")
OPEN_TO_ANYBODY = {
    "github.com",
    "json-schema.org",
    "169.254.169.254",  # where clouds keep secrets: refused, in tests
    "keepachangelog.com",
    "schemas.openid.net",
    "www.apache.org",
    "www.asyncapi.com",
    "www.bbc.co.uk",
    "www.w3.org",
}
"""Hosts that may be named; where packages are fetched from is each machine's own affair."""

TEXT = {".py", ".md", ".toml", ".html", ".json", ".yaml", ".yml", ".txt", ".conf", ".lock", ".cfg"}
NOT_OURS = {"static", "node_modules", "__pycache__", "package-lock.json", "LICENSE"}


def texts() -> list[Path]:
    """Everything written here by hand, or by a tool that writes for people."""
    loose = [path for path in ROOT.iterdir() if path.is_file()]
    found = [path for room in (*ROOMS, "docs", ".ci") for path in (ROOT / room).rglob("*")]
    return [
        path
        for path in (*loose, *found)
        if path.is_file()
        and (path.suffix in TEXT or path.parent.name == ".ci" or path.name == "Makefile")
        and not NOT_OURS & set(path.parts)
        and path != Path(__file__)
    ]


def empty_names(path: str, tree: ast.AST) -> list[str]:
    """Names of files, classes and functions that do not say what is in them."""
    parts = Path(path).with_suffix("").parts
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    called = [function.name for function in functions(tree)]
    return [
        *(part for part in parts if part in EMPTY_WORDS),
        *(name for name in defined if name.endswith(("Manager", "Helper", "Utils", "Info"))),
        *(name for name in called if _is_empty_verb(name)),
    ]


def _is_empty_verb(name: str) -> bool:
    return name.lstrip("_").startswith(EMPTY_VERBS) and not NAMED_ELSEWHERE.fullmatch(name)


def strange_hosts(text: str) -> list[str]:
    """Hosts that not everybody can reach, or that nobody has agreed may be named."""
    hosts = [urlsplit(f"//{end}").hostname or "" for end in ADDRESS.findall(text)]
    return [host for host in hosts if host not in OPEN_TO_ANYBODY and not _stands_for_any(host)]


def _stands_for_any(host: str) -> bool:
    """Loopback, a name or number reserved for examples, a container's name, or a placeholder."""
    reserved = (".example", ".test", ".invalid", ".localhost", "example.org", "example.com")
    numbers = ("127.", "192.0.2.", "198.51.100.", "203.0.113.", "::1", "0.0.0.0")
    return "." not in host.strip(".") or host.endswith(reserved) or host.startswith(numbers)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_says_what_is_behind_it(room):
    found = {named(path): empty_names(named(path), tree_of(path)) for path in python_files(room)}

    assert {path: names for path, names in found.items() if names} == {}


def test_nobody_is_called_by_a_word_that_blames():
    """Tests may say such a word, to see that nobody else does."""
    read = [path for path in texts() if not named(path).startswith("tests/")]

    assert [named(path) for path in read if BLAMING.search(path.read_text("utf-8"))] == []


def test_no_text_names_somebodys_machine():
    assert [named(path) for path in texts() if MACHINE.search(path.read_text("utf-8"))] == []


def test_no_text_sends_anybody_to_a_host_they_may_not_reach():
    found = {named(path): strange_hosts(path.read_text("utf-8")) for path in texts()}

    assert {path: hosts for path, hosts in found.items() if hosts} == {}


def test_the_locks_hold_hashes_and_no_addresses():
    python = (ROOT / "requirements.lock").read_text()
    scripts = (ROOT / "shared/ui/vendor/package-lock.json").read_text()

    assert "--hash=sha256:" in python
    assert "://" not in python
    assert '"integrity"' in scripts
    assert '"resolved"' not in scripts


def test_a_word_that_is_planted_is_seen():
    planted = ast.parse("class CaseManager: ...\ndef handle_it(): ...\nasync def _process_(): ...")

    assert empty_names("shared/helpers.py", planted) == [
        *("helpers", "CaseManager", "handle_it", "_process_")
    ]
    assert BLAMING.search("the victim's wishes")
    assert not BLAMING.search('the law says "victim"')
    assert MACHINE.search("see /home/ada/parley")
    assert not MACHINE.search("GET /referral/home/address")
    assert strange_hosts("from https://packages.council.net/simple") == ["packages.council.net"]
    assert strange_hosts("nats://127.0.0.1:4222 http://mail.example https://nats:4222") == []


def test_the_texts_are_really_read():
    names = {named(path) for path in texts()}

    assert {"pyproject.toml", "Makefile", "docs/events.md", "shared/contracts/fact.py"} <= names
