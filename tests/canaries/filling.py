"""Forms filled in with nothing but canaries."""

from tests.canaries.birds import text, too_long
from tests.canaries.recorder import is_typed
from tests.fixtures.visitor import Page


def fill_with_nonsense(page: Page, button: str) -> Page:
    """Write a canary into everything into which people can write, and press; it is refused.

    What is long is refused for its length, and what has a form of its own for not having it.
    """
    form = page.form(button)
    written = {}
    for one in form.parts:
        if is_typed(one):
            name = str(one.get("name"))
            written[name] = too_long(name) if one.get("type", "text") == "text" else text(name)
    assert written, f"{page.path}: there is nothing to write into before {button!r}"
    answer = form.fill(**written).send()
    assert answer.errors, f"{page.path}: {button!r} took nonsense: {answer.main}"
    return answer
