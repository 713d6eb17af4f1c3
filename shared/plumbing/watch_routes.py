"""The addresses by which a service is watched: is it alive, is it ready, what does it count?

Each is there bare, for a container on its own, and under the service's name, for four behind one
port. None of them shows a person.
"""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.plumbing.blueprint import Service
from shared.plumbing.staff import OPEN_TO_ALL

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def routes_for(name: str) -> APIRouter:
    """`/health/live`, `/health/ready` and `/metrics`, bare and under `/<name>`."""
    router = APIRouter(dependencies=[OPEN_TO_ALL], include_in_schema=False)
    for prefix in ("", f"/{name}"):
        router.add_api_route(f"{prefix}/health/live", live, methods=["GET", "HEAD"])
        router.add_api_route(f"{prefix}/health/ready", ready, methods=["GET", "HEAD"])
        router.add_api_route(f"{prefix}/metrics", counted, methods=["GET"])
    return router


async def live() -> Response:
    """The process answers: restarting it would not help anything."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """200 when nothing ails the service; otherwise 503 and, for each ailment, what to do."""
    service: Service = request.app.state.service
    ailments = await service.health.ailments()
    service.metrics.ready.set(0 if ailments else 1)
    said = [
        {"code": one.code, "about": one.about, "what_to_do": one.what_to_do} for one in ailments
    ]
    body = {"service": service.name, "ready": not ailments, "ailments": said}
    return JSONResponse(body, status_code=503 if ailments else 200)


async def counted(request: Request) -> Response:
    """What is counted, for Prometheus; the gauges are measured on the way."""
    service: Service = request.app.state.service
    service.metrics.ready.set(0 if await service.health.ailments() else 1)
    return Response(service.metrics.text(), media_type=METRICS_TYPE)
