"""The vendored stylesheets and scripts: found by plain name, served under a hashed one."""

import json
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FOR_A_YEAR = "public, max-age=31536000, immutable"


def manifest() -> dict[str, str]:
    """Plain name → hashed file name, e.g. `page.css` → `page.0f3a….css`."""
    entries = json.loads((STATIC / "manifest.json").read_text())
    return {name: entry["file"] for name, entry in entries.items()}


class Assets(StaticFiles):
    """Serves the hashed files only; a name carries its content's hash, so it never goes stale."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)
        self._hashed = frozenset(manifest().values())

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path not in self._hashed:
            return Response(status_code=404)
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = FOR_A_YEAR
        return response
