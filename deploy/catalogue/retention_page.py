"""`docs/privacy/retention.md`: how long what is kept, for people."""

from pathlib import Path

from shared.contracts.retention import NIGHTS, RULES, WAIT, Rule

BEFORE = f"""\
# How long what is kept

Written by `make docs`: the first table from `shared/contracts/retention.py`, all else from
`deploy/catalogue/retention_notes.md`. Change those, not this page.

UK GDPR art 5(1)(e) says no longer than necessary, and sets no number. The periods are defaults to
start from; the operator decides each, and their data protection lead confirms it by ticking the
last column. **Every figure here is to be confirmed by the operator.**

**How Parley destroys.** Once a night each service looks for what has been kept long enough. That
is **marked**, shown to managers with the day it goes, waits **{WAIT.days} days and at least
{NIGHTS} nights on which the service ran**, and is destroyed. A legal hold stops it for as long as
it stands. Destroying a person means destroying their keys: what was sealed under them can no longer
be read. `parley retention plan` lists what would be done and changes nothing.

**Other periods** are set in days: `PARLEY_RETENTION=closed_case=2557,messages=60`. One below the
floor, above a hundred years, or of a class that does not exist is refused, and nothing starts with
it.

## What Parley does by itself

| record class | name in the setting | what it holds | kept by | trigger | period | floor | \
action at the end | marked first? | legal hold? | source | confirm |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""

NOTES = Path(__file__).parent / "retention_notes.md"


def retention_page() -> str:
    """The whole page."""
    rows = "\n".join(_row(rule) for rule in RULES.values())
    return f"{BEFORE}{rows}\n\n{NOTES.read_text()}"


def _row(rule: Rule) -> str:
    cells = (
        rule.called,
        f"`{rule.record_class}`",
        rule.holds,
        ", ".join(rule.kept_by),
        rule.begins,
        _days(rule.period.days),
        f"{rule.floor.days} days",
        rule.done,
        f"yes, {WAIT.days} days" if rule.waits else "no",
        "yes" if rule.hold_aware else "no",
        f"{rule.source}; to be confirmed",
        "- [ ]",
    )
    return f"| {' | '.join(cells)} |"


def _days(days: int) -> str:
    if not days:
        return f"at once; gone after the {WAIT.days} days' wait"
    years = round(days / 365.25, 1)
    named = f" ({years:g} {'year' if years == 1 else 'years'})" if days >= 365 else ""
    return f"{days:,} days{named}"
