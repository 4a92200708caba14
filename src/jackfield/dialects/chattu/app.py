"""The Chattu app: routes by noun, one error shape."""

from __future__ import annotations

from fastapi import FastAPI

from jackfield.core import Core

from .. import DialectOptions
from .._browser import COOKIE
from .._kit import build_app
from .._openapi import Documented
from . import answers
from .context import Context
from .routes import REGISTER
from .wire import fail

DESCRIPTION = """Chattu's API on Jackfield: a program written for Chattu works with `<origin>/chattu` as its base URL.
`x-api-key` takes the account's key or a client's own; the chat endpoints take a login (`POST /login`). Every failure is
`{success: false, status: "error", error, code, message}`."""

KEY: list[dict[str, list[str]]] = [{"ApiKey": []}, {"Bearer": []}]
LOGIN: list[dict[str, list[str]]] = [{"Session": []}, {"Bearer": []}]
DOCUMENTED = Documented(
    failure=answers.Failure,
    schemes={
        "ApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "x-api-key",
            "description": "The account's key or a client's.",
        },
        "Bearer": {"type": "http", "scheme": "bearer", "description": "A key, or the token of a login."},
        "Session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The cookie of POST /login."},
    },
    security={"key": KEY, "login": LOGIN, "key or login": [*KEY, {"Session": []}]},
)


def build_chattu(core: Core, options: DialectOptions) -> FastAPI:
    """The app to be mounted under /chattu."""
    app = build_app(title="Chattu on Jackfield", render=fail, description=DESCRIPTION, options=options)
    context = Context(core, options)
    for register in REGISTER:
        register(app, context)
    DOCUMENTED.document(app)
    return app
