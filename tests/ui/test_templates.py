"""What every template of the product keeps to; the browser would refuse the rest in silence."""

import re
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, nodes

from shared.ui.pages import Pages

ROOT = Path(__file__).parents[2]
ROOMS = ("services", "shared", "deploy")
TEMPLATES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.html"))

COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.S)
FORBIDDEN = {
    "a style element": r"<style\b",
    "a style attribute": r"\sstyle\s*=",
    "a script with content": r"<script\b(?![^>]*\bsrc=)",
    "a script that is not closed at once": r"<script\b[^>]*>(?!</script>)",
    "an event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "a javascript address": r"javascript:",
    "a nonce": r"\bnonce\s*=",
    "words marked safe": r"\|\s*safe\b|autoescape\s+false",
    "the header or footer of GOV.UK": r"components/(header|footer)/|macros/logo",
    "a file or page of another site": r"(?:src|href)=[\"'](?:https?:)?//",
}


def found_in(text: str) -> list[str]:
    plain = COMMENT.sub("", text)
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, plain, re.I)]


def room_of(path: Path) -> Path:
    """The folder its service looks for templates in."""
    return next(folder for folder in path.parents if folder.name in {"pages", "templates"})


def missing_macros(text: str, folder: Path) -> list[str]:
    environment = Pages("any", folder).environment
    missing = []
    for wanted in environment.parse(text).find_all(nodes.FromImport):
        assert isinstance(wanted.template, nodes.Const)
        file = wanted.template.value
        try:
            there = vars(environment.get_template(file).module)
        except TemplateNotFound:
            there = {}
        names = [each if isinstance(each, str) else each[0] for each in wanted.names]
        missing += [f"{file}: {macro}" for macro in names if macro not in there]
    return missing


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_the_content_security_policy_forbids(path: Path):
    assert found_in(path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_imports_only_macros_that_exist(path: Path):
    assert missing_macros(path.read_text(), room_of(path)) == []


def test_a_macro_that_does_not_exist_is_missed():
    text = '{% from "macros.html" import when, wen %}{% from "gone.html" import x %}'

    assert missing_macros(text, ROOT) == ["macros.html: wen", "gone.html: x"]


@pytest.mark.parametrize(
    "text",
    [
        "<style>p {}</style>",
        '<p style="margin: 0">',
        "<script>alert(1)</script>",
        '<script src="/x.js">alert(1)</script>',
        '<p onclick="x()">',
        '<a href="javascript:x()">',
        "{{ words | safe }}",
        "{% autoescape false %}",
        '<a href="https://example.org/">',
        '{% from "govuk_frontend_jinja/components/footer/macro.html" import govukFooter %}',
    ],
)
def test_the_guard_sees_what_it_is_there_for(text: str):
    assert found_in(text) != []


def test_the_guard_lets_our_own_scripts_and_comments_pass():
    fine = """<script type="module" src="{{ static('page.js') }}"></script>{# | safe #}"""

    assert found_in(fine) == []
    assert ROOT / "shared/ui/templates/layout/public.html" in TEMPLATES
