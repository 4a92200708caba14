"""The Chatly app: every route under /auth/api and /auth/{language}/api, one error shape."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from jackfield.core import Core

from .. import DialectOptions
from .._access import GuardedRoute
from .._browser import COOKIE
from .._kit import build_app
from .._openapi import Documented
from . import answers
from .context import Context
from .routes import REGISTER, webhooks
from .wire import fail

DESCRIPTION = """Chatly's API on Jackfield: a program written for Chatly works with `<origin>/chatly` in place of its
origin. Send `apikey` with every request and, from `POST /auth/api/login` on, `Authorization: Bearer` with the JWT. Fields
may come as a form, as multipart or as JSON. Every answer is `{success, message, data}`."""

KEY_AND_LOGIN: dict[str, list[str]] = {"ApiKey": [], "Login": []}
DOCUMENTED = Documented(
    envelope=answers.envelope,
    failure=answers.Failure,
    schemes={
        "ApiKey": {"type": "apiKey", "in": "header", "name": "apikey", "description": "The account's API key."},
        "Login": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token of /login."},
        "Session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "The login of this server's dashboard.",
        },
    },
    security={
        "key": [{"ApiKey": []}],
        "key and login": [KEY_AND_LOGIN],
        "key and login, or login": [KEY_AND_LOGIN, {"Session": []}],
    },
)


def build_chatly(core: Core, options: DialectOptions) -> FastAPI:
    """The app to be mounted under /chatly."""
    app = build_app(title="Chatly on Jackfield", render=fail, description=DESCRIPTION, options=options)
    context = Context(core, options)
    router = APIRouter(route_class=GuardedRoute)
    for register in REGISTER:
        register(router, context)
    app.include_router(router, prefix="/auth/api")
    app.include_router(router, prefix="/auth/{language}/api", include_in_schema=False)
    client = APIRouter(route_class=GuardedRoute)
    webhooks.register(client, context)
    app.include_router(client, prefix="/auth")
    app.include_router(client, prefix="/auth/{language}", include_in_schema=False)
    DOCUMENTED.document(app)
    return app
