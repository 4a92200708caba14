"""Health and metrics, for whoever watches the process."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jackfield import __version__
from jackfield.core import Core, StorageUnavailable

from .metrics import Metrics

READY_WITHIN_S = 2.0
"""How long the database may take to answer before the process counts as not ready."""


def health_routes(core: Core, told: Metrics) -> list[Route]:
    """`/healthz` (the process answers), `/readyz` (its database does too) and `/metrics` (Prometheus)."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    async def readyz(_: Request) -> Response:
        try:
            await core.ping(READY_WITHIN_S)
        except StorageUnavailable as error:
            return JSONResponse({"status": "unavailable", "reason": error.message}, 503)
        except Exception as error:
            return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503)
        return JSONResponse({"status": "ready"})

    async def metrics(_: Request) -> Response:
        return Response(await told.page(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
