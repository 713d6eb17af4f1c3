"""Looks at a page as somebody at a desk and as somebody with a small phone would.

Where PARLEY_SCREENSHOTS names a folder, what was seen is kept there as a picture.
"""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from tests.fixtures.browser import DESK, PHONE, axe_violations, sideways_scroll
from tests.ui.stacked import cells_out_of_view

HEIGHTS = {DESK: 800, PHONE: 640}
COLOURS = 64
"""Enough for pages that are text, tags and a chart."""

TALLEST = 2400
"""Pixels; a list goes on like that."""

CAPTIONS = "captions.tsv"
"""What each picture shows, for whoever writes the index."""


async def look_at(page: Page, name: str, caption: str) -> None:
    """Nothing keeps anybody out and nothing is too wide, at either width."""
    for width, height in HEIGHTS.items():
        await page.set_viewport_size({"width": width, "height": height})
        # To the top: what stays in sight while somebody scrolls would be in the middle of it.
        await page.evaluate("scrollTo(0, 0)")
        assert await sideways_scroll(page) == [], f"{name} at {width}"
        assert await axe_violations(page) == [], f"{name} at {width}"
        if width == PHONE:
            assert await cells_out_of_view(page) == [], name
        await _keep(page, f"{name}-{width}", caption)
    await page.set_viewport_size({"width": DESK, "height": HEIGHTS[DESK]})


async def _keep(page: Page, name: str, caption: str) -> None:
    folder = os.environ.get("PARLEY_SCREENSHOTS")
    if folder:
        _write(Path(folder), name, await page.screenshot(full_page=True), caption)


def _write(folder: Path, name: str, taken: bytes, caption: str) -> None:
    whole = Image.open(io.BytesIO(taken)).convert("RGB")
    picture = whole.crop((0, 0, whole.width, min(whole.height, TALLEST)))
    small = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(folder / f"{name}.png", optimize=True)
    with (folder / CAPTIONS).open("a") as captions:
        captions.write(f"{name}\t{caption}\n")
