"""OpenAPI for the JSON API alone: pages are for people and are not described to programs."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from shared.plumbing.problems import PROBLEM_TYPE

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Nothing that was sent is repeated in it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "reference": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "in": {"type": "string"},
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def install(app: FastAPI) -> None:
    """Serve the description at the app's `openapi_url`."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _describe(app: FastAPI) -> dict[str, Any]:
    routes = [
        route
        for route in iter_route_contexts(app.routes)
        if (route.path or "").split("/")[2:3] == ["api"]
    ]
    described = get_openapi(title=app.title, version="1", routes=routes)
    for operation in (one for path in described["paths"].values() for one in path.values()):
        if "422" in operation["responses"]:
            operation["responses"]["422"] = {
                "description": "What was sent is not in the right form, or may not be done.",
                "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    return described
