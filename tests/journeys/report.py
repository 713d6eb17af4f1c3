"""Reading the report page."""

from tests.fixtures.system import System
from tests.fixtures.visitor import Page

MEETINGS = "Meetings"
BY_AREA = "Referrals by area"
BY_SOURCE = "Referrals by source"
BY_MONTH = "Referrals by month"


def figures(page: Page, table: str, row: str = "All") -> list[int]:
    """The figures of one row."""
    rows = [list(cells.values()) for cells in page.table(table)]
    [found] = [cells for cells in rows if cells[0] == row]
    return [int(cell) for cell in found[1:]]


def more(before: list[int], *by: int) -> list[int]:
    return [figure + plus for figure, plus in zip(before, by, strict=True)]


def report_of(system: System) -> Page:
    """The report once everything is counted."""
    system.rest()
    return system.visitor().open("/reporting/")
