"""Tables as CSV, safe to open in a spreadsheet."""

import csv
import io

from services.reporting.domain import Table

BEGINS_A_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\0",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)
"""A spreadsheet runs a cell that begins with one of these; the last four are full-width forms."""


def written(table: Table) -> str:
    """The table with its heads and its total. Words can never become a formula."""
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    writer.writerow(table.heads)
    for row in (*table.rows, *((table.total,) if table.total else ())):
        writer.writerow([_harmless(cell) for cell in row])
    return lines.getvalue()


def _harmless(cell: str | int) -> str | int:
    if isinstance(cell, str) and cell.lstrip(" ").startswith(BEGINS_A_FORMULA):
        return f"'{cell}"
    return cell
