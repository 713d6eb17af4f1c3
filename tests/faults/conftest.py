"""What the experiments need, and their figures at the end of the run."""

from collections.abc import Iterator

import pytest

from tests.faults import record
from tests.fixtures import backends


@pytest.fixture(scope="session", autouse=True)
def all_in_one_line() -> Iterator[None]:
    """When several processes share the run, the last one to finish has read all of it."""
    yield
    lines = record.kept()
    if lines:
        backends.measured("faults", record.summary(lines))
