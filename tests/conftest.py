"""Fixtures every room's tests may use."""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, and nothing of the rule.
settings.register_profile("parley", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("parley")

if "PARLEY_KEYS" not in os.environ:  # or each service a test starts would make its keys in here
    os.environ["PARLEY_KEYS"] = tempfile.mkdtemp(prefix="parley-keys-")
    atexit.register(shutil.rmtree, os.environ["PARLEY_KEYS"], ignore_errors=True)

pytest_plugins = [
    "tests.fixtures.backends",
    "tests.fixtures.clock",
    "tests.fixtures.keys",
    "tests.fixtures.databases",
    "tests.fixtures.broker",
    "tests.fixtures.browser",
    "tests.fixtures.mail",
    "tests.fixtures.order",
    "tests.fixtures.system",
]
