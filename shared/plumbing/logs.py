"""Logs of event names and ids, with nobody in them.

A line is `log.info("case_opened", case_id=case_id)`. Numbers, yes or no and ids are shown under
any key; words only under a key on the list `WORDS_SHOWN`. An exception is its type and where it
happened: its message and the values around it can hold what somebody typed, so they are dropped,
also when a library logs them.
"""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from enum import Enum
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from shared.plumbing.settings import CannotStart, Settings

WORDS_SHOWN = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "said",
        "action", "ailment", "attempt", "channel", "consumer", "codes", "decision", "dialect",
        "durable", "environment", "error_code", "error_type", "fact", "fault", "file", "kind",
        "leader", "loop", "method", "migration", "outcome", "part", "probe", "purpose", "reason",
        "role", "route", "signal", "source", "state", "status", "step", "stream", "subject",
        "teller", "type", "version", "what",
    }
)  # fmt: skip
"""Keys whose words may be shown: each takes coded words of ours, never what a person typed."""

NOT_SHOWN = "[not shown]"

LIBRARIES_HEARD = ("uvicorn", "alembic", "nats", "faststream", "mail", "parley")
"""Loggers whose own words are shown; they are written by their authors, not by our visitors."""

_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{32}$")
_EXCEPTIONS = ExceptionDictTransformer(show_locals=False, max_frames=20)


def configure(settings: Settings) -> None:
    """Set up logging for this process; doing it again changes nothing."""
    as_json = (settings.log_format or ("console" if settings.is_development else "json")) == "json"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_exceptions_quiet,
        show_no_people,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else _for_people()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    _route_libraries([_from_library, *shared], renderer, settings.log_level)
    sys.excepthook = last_words


def last_words(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """What the process says when it ends by an exception: a sentence, or no more than any log."""
    if isinstance(error, CannotStart):
        sys.stderr.write(f"{error}\n")
    elif isinstance(error, Exception):
        structlog.get_logger().error("process_failed", exc_info=(kind, error, traceback))
    else:
        sys.__excepthook__(kind, error, traceback)


def _to_stderr(*_names: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def keep_exceptions_quiet(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by the types in its chain and the places it passed."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    elif isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if exc_info and exc_info[0] is not None:
        event["exception"] = [
            {
                "type": one["exc_type"],
                "at": [f"{f['filename']}:{f['lineno']} {f['name']}" for f in one["frames"]],
            }
            for one in _EXCEPTIONS(exc_info)
        ]
    return event


def show_no_people(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask every value that could be something a person typed."""
    for key, value in event.items():
        if key not in (*WORDS_SHOWN, "exception") or not isinstance(value, str | list):
            event[key] = _shown(value)
    return event


def _shown(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str) and _ID.match(value):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(one) for one in value]
    return NOT_SHOWN


def _from_library(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep of a library's line who said it, and its words only where visitors cannot be in them.

    A message that was put together before it was logged (asyncio does so, with the exception's
    own words) is dropped; an unfilled template is safe.
    """
    record = event["_record"]
    name = record.name
    template, filling = event["event"], event.pop("positional_args", None)
    heard = name.partition(".")[0] in LIBRARIES_HEARD and "exc_info" not in event
    # Turned up, they quote what passes by: the mail server each address it is handed.
    heard = heard and record.levelno >= logging.WARNING
    words = template if filling or heard else NOT_SHOWN
    if heard and filling:
        words = template % filling
    return {**event, "event": "library_log", "logger": name, "said": words[:300]}


def _for_people() -> structlog.typing.Processor:
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )

    def render(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - structlog's own type
        chain = event.get("exception")
        if isinstance(chain, list):
            event["exception"] = "\n".join(_as_lines(one) for one in chain)
        return console(logger, method, event)

    return render


def _as_lines(one: Mapping[str, Any]) -> str:
    return "\n  ".join([one["type"], *one["at"]])


class _ToStderr(logging.Handler):
    """Writes to what standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


def _route_libraries(
    before: list[structlog.typing.Processor], renderer: structlog.typing.Processor, level: str
) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        use_get_message=False,
        pass_foreign_args=True,
    )
    to_stderr = _ToStderr()
    to_stderr.setFormatter(formatter)
    # A line that cannot be written would be shown with everything it was made from.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers = [to_stderr]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "faststream"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
    # We log each request ourselves, by its route: an address can hold a reference.
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=level == "debug")


def about(**ids: object) -> AbstractContextManager[None]:
    """Add these ids to every line logged inside the `with`."""
    return structlog.contextvars.bound_contextvars(**ids)
