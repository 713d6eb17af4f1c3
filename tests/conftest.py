"""Fixtures every room's tests may use."""

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
