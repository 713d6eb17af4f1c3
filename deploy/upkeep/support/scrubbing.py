"""Taking out of sentences and log lines what may name somebody, or lead to them.

What we write ourselves holds nobody by construction; this is the second lock. A word that could
be a name is left out, however useful it looks.
"""

import json
import re
from collections.abc import Iterator

LEFT_OUT = "[left out]"
QUOTES = "'\""

_OUR_CODE = re.compile(r"/[^\s:]*?/(?=(?:services|shared|deploy|site-packages|python3\.\d+)/)")
_PATH = re.compile(r"(?<![\w:/])/(?:[^\s/:]+/)+[^\s:,;]*")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]*@")
_EMAIL = re.compile(r"[^\s<>\"'=]+@[^\s<>\"']+")
_LONG_NUMBER = re.compile(r"(?<![\w.:-])\+?\d[\d ()-]{7,}\d(?![\w.:-])")

_WORD = re.compile(
    r"[a-z][a-z0-9_]*"  # a coded word of ours
    r"|-?\d{1,20}(\.\d+)?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}"
    r"|True|False|None|GET|HEAD|POST|PUT|PATCH|DELETE|[A-Z][A-Za-z]{2,40}(Error|Exception)"
    r"|[a-z]+(\.[a-z_]+)+(\.v\d+)?"  # a subject, a logger
    r"|[a-z]+(-[a-z]+)+"  # a consumer
    r"|(/([a-z_.-]+|\{\w+\})?)+"  # a route's template
    r"|\[not shown\]"
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?")
_OURS = re.compile(rf"({_STAMP.pattern}) \[(debug|info|warning|error|critical) *\] ([a-z_]+)(.*)")
_PAIR = re.compile(r"(\w+)=('[^']*'|\"[^\"]*\"|\S+)")
_FRAME = re.compile(r"\s+((?:services|shared|deploy|site-packages|python3\.\d+)/[\w/.-]+:\d+ \S+)")
_ERROR = re.compile(r"[A-Z]\w{2,60}")
_BROKERS = re.compile(r"\[\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+ \[(INF|WRN|ERR|FTL)\] ")
_QUOTED = re.compile(r'"[^"]*"')


def sentence(text: str) -> str:
    """A sentence of ours without the paths of this machine, credentials, addresses and numbers."""
    text = _CREDENTIALS.sub("", _OUR_CODE.sub("", text))
    for pattern in (_PATH, _EMAIL, _LONG_NUMBER):
        text = pattern.sub(LEFT_OUT, text)
    return text


def log_lines(text: str) -> Iterator[str]:
    """The lines of a log, of those that are ours or the broker's; the last says what is missing."""
    missing = 0
    for line in text.splitlines():
        kept = _console(line) or _json(line) or _frame(line) or _brokers(line)
        if kept is None:
            missing += 1
        else:
            yield kept
    if missing:
        yield f"({missing:,} lines of another form are left out.)"


def _console(line: str) -> str | None:
    """A line for people: its event, and what is said under each key where that is a coded word."""
    found = _OURS.fullmatch(line.rstrip())
    if found is None:
        return None
    stamp, _, level, event, rest = found.groups()
    pairs = (f"{key}={_word(value.strip(QUOTES))}" for key, value in _PAIR.findall(rest))
    return " ".join([stamp, f"[{level}]", event, *pairs])


def _json(line: str) -> str | None:
    """A line for programs, in the same form."""
    try:
        said = json.loads(line)
        stamp, level, event = (str(said.pop(key)) for key in ("timestamp", "level", "event"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if not _STAMP.fullmatch(stamp) or not _WORD.fullmatch(event) or not _WORD.fullmatch(level):
        return None
    errors = said.pop("exception", [])
    pairs = [f"{key}={_word(str(value))}" for key, value in said.items() if _WORD.fullmatch(key)]
    frames = [kept for one in _frames(errors) if (kept := _frame(one)) is not None]
    return "\n".join([" ".join([stamp, f"[{level}]", event, *pairs]), *frames])


def _frames(errors: object) -> Iterator[str]:
    for one in errors if isinstance(errors, list) else []:
        yield str(one.get("type", ""))
        yield from (f"  {frame}" for frame in one.get("at", ()))


def _frame(line: str) -> str | None:
    """The kind of an error, or a place in code that it passed."""
    if _ERROR.fullmatch(line) and line.endswith(("Error", "Exception", "Refused")):
        return line
    found = _FRAME.fullmatch(_OUR_CODE.sub("", line))
    return f"  {found[1]}" if found else None


def _word(value: str) -> str:
    return value if _WORD.fullmatch(value) else LEFT_OUT


def _brokers(line: str) -> str | None:
    """A line of the nats-server's, without what it quotes; None when it is not one."""
    if not _BROKERS.match(line):
        return None
    return sentence(_QUOTED.sub(LEFT_OUT, line))
