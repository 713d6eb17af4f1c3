import asyncio
import json
import logging
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from shared.contracts.words import Purpose
from shared.plumbing import logs
from shared.plumbing.settings import Settings

CANARY = "Zebedee Canary, 12 Larkspur Road"
ROOT = Path(__file__).parents[2]
CASE = UUID("0198c0de-0000-7000-8000-0000000000aa")


@pytest.fixture(params=["json", "console"])
def log(request, capsys):
    handlers, level = logging.root.handlers, logging.root.level
    logs.configure(Settings(log_format=request.param, log_level="debug"))
    yield structlog.get_logger()
    logging.root.handlers, logging.root.level = handlers, level
    structlog.reset_defaults()


def test_a_line_shows_its_event_its_ids_and_its_numbers(log, capsys):
    log.info("case_opened", case_id=CASE, purpose=Purpose.MEETING_BOOKED, waited=3, urgent=True)

    line = capsys.readouterr().err
    assert "case_opened" in line
    assert str(CASE) in line
    assert "meeting_booked" in line
    assert "3" in line


def test_words_under_a_key_nobody_vouched_for_are_not_shown(log, capsys):
    log.info("case_opened", name=CANARY, who=[CANARY], form={"name": CANARY}, note=CANARY)

    line = capsys.readouterr().err
    assert "Zebedee" not in line
    assert logs.NOT_SHOWN in line


def test_an_exception_is_logged_without_its_words_or_the_values_around_it(log, capsys):
    address = CANARY
    try:
        try:
            raise KeyError(address)
        except KeyError as cause:
            raise ValueError(f"no such person: {address}") from cause
    except ValueError:
        log.exception("request_failed")

    line = capsys.readouterr().err
    assert "Zebedee" not in line
    assert "ValueError" in line
    assert "KeyError" in line
    assert "test_logs.py" in line


def test_an_exception_given_by_hand_is_logged_the_same_way(log, capsys):
    log.error("request_failed", exc_info=ValueError(CANARY))

    line = capsys.readouterr().err
    assert "Zebedee" not in line
    assert "ValueError" in line


def test_a_library_that_logs_an_exception_shows_no_more_of_it(log, capsys):
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        logging.getLogger("some.library").exception("could not send to %s", CANARY)

    lines = capsys.readouterr().err
    assert "Zebedee" not in lines
    assert "ValueError" in lines
    assert "could not send to %s" in lines


async def test_a_task_that_nobody_waited_for_is_logged_without_its_words(log, capsys):
    async def fall() -> None:
        raise ValueError(CANARY)

    task = asyncio.create_task(fall())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    asyncio.get_running_loop().call_exception_handler(
        {"message": f"lost {CANARY}", "exception": ValueError(CANARY)}
    )

    lines = capsys.readouterr().err
    assert "asyncio" in lines
    assert "Zebedee" not in lines


def test_what_a_request_is_about_is_on_every_line_inside_it(log, capsys):
    with logs.about(reference=str(CASE)):
        log.info("one")
    log.info("two")

    one, two = capsys.readouterr().err.strip().splitlines()
    assert str(CASE) in one
    assert str(CASE) not in two


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (f"raise ValueError('{CANARY}')", "process_failed"),
        ("raise CannotStart('Set the thing right.')", "Set the thing right.\n"),
    ],
)
def test_a_process_that_ends_by_an_exception_says_no_more_than_any_log(ending, words):
    code = (
        "from shared.plumbing import logs\n"
        "from shared.plumbing.settings import CannotStart, Settings\n"
        f"logs.configure(Settings())\n{ending}\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Zebedee" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_json_is_json(capsys):
    logs.configure(Settings(environment="production"))
    structlog.get_logger().info("case_opened", case_id=CASE)

    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "case_opened"
    assert line["case_id"] == str(CASE)
    assert line["level"] == "info"
    structlog.reset_defaults()


@pytest.mark.parametrize("library", ["mail.log", "nats", "uvicorn.error", "faststream"])
def test_a_library_that_was_turned_up_shows_nothing_that_passes_by(capsys, library):
    logs.configure(Settings(log_level="debug"))
    turned_up = logging.getLogger(library)
    turned_up.setLevel(logging.DEBUG)
    try:
        turned_up.debug("recip: %s", "canary@example.org")
        turned_up.info("recip: canary@example.org")
        turned_up.warning("too many connections: %s", 7)
    finally:
        turned_up.setLevel(logging.NOTSET)

    said = capsys.readouterr().err
    assert "canary" not in said
    assert "too many connections: 7" in said
