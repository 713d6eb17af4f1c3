"""Looks whether a table whose rows are cards on a phone can be read without moving it."""

from playwright.async_api import Page

OUT_OF_VIEW = """() => {
  const found = [];
  for (const table of document.querySelectorAll("table.parley-stacked")) {
    const name = table.caption.textContent.trim();
    const around = table.closest(".parley-scroll");
    if (around.scrollWidth > around.clientWidth) found.push(`${name}: scrolls sideways`);
    for (const cell of table.querySelectorAll("tbody th, tbody td")) {
      const { left, right } = cell.getBoundingClientRect();
      if (left < 0 || right > innerWidth) found.push(`${name}: ${cell.textContent.trim()}`);
      const label = getComputedStyle(cell, "::before").content;
      const column = table.tHead.rows[0].cells[cell.cellIndex].textContent.trim();
      if (cell.matches("td") && cell.textContent.trim() && !label.includes(column))
        found.push(`${name}: ${column} is not said`);
    }
  }
  return found;
}"""


async def cells_out_of_view(page: Page) -> list[str]:
    """What of the tables on a phone's page is out of sight, or does not say its column."""
    found: list[str] = await page.evaluate(OUT_OF_VIEW)
    return found
