"""What several of plumbing's tests need."""

import pytest
import structlog

from shared.plumbing import delivery


@pytest.fixture
def quick_retries(monkeypatch):
    """The same number of attempts, without the waiting."""
    monkeypatch.setattr(delivery, "RETRY_DELAYS", tuple(d / 20 for d in delivery.RETRY_DELAYS))
    monkeypatch.setattr(delivery, "UNREACHABLE_DELAY", delivery.UNREACHABLE_DELAY / 10)


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks():
    """As a log is by itself it shows everything around an error, which takes seconds each time."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
