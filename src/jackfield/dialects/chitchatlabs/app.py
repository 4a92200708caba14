"""The app: `message/single` and `message/blast`, and ours to follow what became of them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from jackfield import __version__
from jackfield.core import Core

from .. import DialectOptions
from .._access import GuardedRoute
from .._kit import build_app
from .._openapi import Documented
from . import answers
from .routes import register
from .shapes import fail

BASE = "/chat-service/apis"
DESCRIPTION = """ChitChatLabs' API on Jackfield. Send your API key in `x-tenant-api-key`. Successes are `{"success": true,
"data"}`, failures `{"success": false, "error": {"code", "message"}}`."""

SCHEMES = {
    "TenantKey": {"type": "apiKey", "in": "header", "name": "x-tenant-api-key"},
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
DOCUMENTED = Documented(
    envelope=answers.envelope,
    failure=answers.Failure,
    schemes=SCHEMES,
    security={"key or login": [{name: []} for name in SCHEMES]},
)


def build_chitchatlabs(core: Core, options: DialectOptions) -> FastAPI:
    """The app to be mounted under /chitchatlabs, or to be the whole of a host name."""
    app = build_app(
        title="ChitChatLabs on Jackfield", render=fail, description=DESCRIPTION, version=__version__, options=options
    )
    api = APIRouter(prefix=BASE, route_class=GuardedRoute)
    register(api, core, options)
    app.include_router(api)
    DOCUMENTED.document(app)
    return app
