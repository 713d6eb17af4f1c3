"""The addresses of the site as a whole: is everything alive, is everything ready?"""

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.plumbing.blueprint import Service
from shared.plumbing.staff import OPEN_TO_ALL


def create(services: Mapping[str, Service]) -> FastAPI:
    """`/health/live`, `/health/ready` and `/metrics` for four services behind one port."""
    router = APIRouter(dependencies=[OPEN_TO_ALL], include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        return PlainTextResponse("alive\n")

    @router.get("/health/ready")
    async def ready() -> Response:
        """Ready when all are; otherwise each service's ailments and what to do."""
        found = {name: await service.health.ailments() for name, service in services.items()}
        said = {
            name: [
                {"code": one.code, "about": one.about, "what_to_do": one.what_to_do} for one in some
            ]
            for name, some in found.items()
        }
        well = not any(found.values())
        body = {"ready": well, "ailments": said}
        return JSONResponse(body, status_code=200 if well else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        addresses = "\n".join(f"/{name}/metrics" for name in services)
        return PlainTextResponse(f"Each service counts for itself:\n{addresses}\n", 404)

    app = FastAPI(title="Parley", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    return app
