"""The vendored files are what the manifest says, and hold nothing of GOV.UK's own identity."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from shared.ui.assets import STATIC, manifest
from tests.ui.gallery import pages

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "shared/ui/vendor"
ENTRIES = json.loads((STATIC / "manifest.json").read_text())
MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy of"


def test_the_folder_holds_just_what_the_manifest_names():
    named = {entry["file"] for entry in ENTRIES.values()}

    assert {path.name for path in STATIC.iterdir()} == named | {"manifest.json"}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_file_is_named_after_its_content(name: str):
    entry = ENTRIES[name]
    found = hashlib.sha256((STATIC / entry["file"]).read_bytes()).hexdigest()

    assert found == entry["sha256"]
    assert f".{found[:16]}." in entry["file"]


@pytest.mark.parametrize("name", ENTRIES)
def test_no_file_carries_the_identity_of_govuk(name: str):
    content = (STATIC / ENTRIES[name]["file"]).read_text()

    assert not re.search(r"GDS Transport|crown|crest|\.woff|@font-face|url\(", content, re.I)


def test_no_font_or_picture_of_govuk_was_copied():
    endings = {path.suffix for path in STATIC.iterdir()}

    assert endings == {".css", ".js", ".svg", ".json"}


def test_scripts_import_each_other_by_their_hashed_names():
    script = (STATIC / manifest()["page.js"]).read_text()

    assert f'"./{manifest()["govuk-frontend.js"]}"' in script


def test_our_own_scripts_and_icon_are_built_from_their_sources():
    for name in ("start.js", "icon.svg"):
        assert (STATIC / manifest()[name]).read_text() == (VENDOR / name).read_text()


def test_the_notices_carry_the_licence_of_what_is_vendored():
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text()
    version = json.loads((VENDOR / "package.json").read_text())["devDependencies"]["govuk-frontend"]

    assert MIT in notices
    assert "Crown Copyright (Government Digital Service)" in notices
    assert f"GOV.UK Frontend {version}" in notices


def test_versions_are_exact_and_the_lock_names_no_registry():
    lock = (VENDOR / "package-lock.json").read_text()
    wanted = json.loads((VENDOR / "package.json").read_text())["devDependencies"]

    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted.values())
    assert '"resolved"' not in lock
    assert all(
        entry.get("integrity") for name, entry in json.loads(lock)["packages"].items() if name
    )


async def test_hashed_files_are_kept_for_a_year_and_nothing_else_is_served():
    async with AsyncClient(transport=ASGITransport(pages.make()), base_url="http://here") as client:
        for file in manifest().values():
            answer = await client.get(f"/gallery/static/{file}")
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        for path in ("manifest.json", "page.css", "../pages.py", "..%2fpages.py", ""):
            assert (await client.get(f"/gallery/static/{path}")).status_code == 404
