import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.plumbing import crash

ROOT = Path(__file__).parents[2]


def test_every_named_crash_point_is_really_in_the_code_and_no_other():
    called = set()
    for folder in ("shared", "services", "deploy"):
        for source in (ROOT / folder).rglob("*.py"):
            called |= set(re.findall(r'crash_point\("([a-z_.]+)"\)', source.read_text()))

    called.discard("name")
    assert called == crash.CRASH_POINTS


def test_the_process_dies_at_the_point_that_was_asked_for_and_at_no_other():
    code = (
        "from shared.plumbing.crash import crash_point\n"
        "crash_point('relay.before_publish'); print('passed', flush=True)\n"
        "crash_point('relay.after_puback'); print('survived', flush=True)\n"
    )
    environment = {**os.environ, "PARLEY_CRASH_AT": "relay.after_puback"}

    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True
    )

    assert ended.returncode == crash.EXIT_STATUS
    assert ended.stdout == "passed\n"


def test_a_simulation_may_raise_instead(monkeypatch):
    def die(name):
        raise RuntimeError(name)

    monkeypatch.setattr(crash, "hook", die)

    with pytest.raises(RuntimeError, match=r"handler\.before_commit"):
        crash.crash_point("handler.before_commit")
