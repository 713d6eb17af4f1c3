"""Tables that stay whole on a phone: each cell knows its column, each part says what it is."""

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

_PART = re.compile(r"<(tr|th|td)\b([^>]*)>(?=\s*(</td>)?)")
"""A tag that a template wrote; what people wrote is escaped and holds none."""


def stacked(rows: Markup, heads: Iterable[str | Mapping[str, object]]) -> Markup:
    """The rows of a table's body with the role of each part, and each cell's column in front.

    A style that shows rows as cards takes the meaning of a table away, unless it is spelt out.
    Plain text is escaped, and so has no rows. A cell with nothing in it gets no label.
    """
    labels = [head if isinstance(head, str) else str(head["text"]) for head in heads]
    place = -1

    def spelt_out(part: re.Match[str]) -> str:
        nonlocal place
        tag, attributes, is_empty = part[1], part[2], part[3]
        place = -1 if tag == "tr" else place + 1
        role = {"tr": "row", "th": "rowheader", "td": "cell"}[tag]
        label = ""
        if tag == "td" and not is_empty and place < len(labels):
            label = f' data-label="{escape(labels[place])}"'
        return f'<{tag} role="{role}"{label}{attributes}>'

    return Markup(_PART.sub(spelt_out, escape(rows)))  # noqa: S704 - escaped, or a template's own
