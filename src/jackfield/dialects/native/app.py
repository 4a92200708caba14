"""The native app: route files by noun, one error shape, the hot route and the live ones in the same OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.routing import Route, WebSocketRoute

from jackfield import __version__
from jackfield.core import Core, LoginRequired, OutcomeUnknown, SendError, Throttled, Unavailable, explain

from .. import DialectOptions
from .._access import SCOPE
from .._kit import Failure, build_app, json_response
from .context import Context
from .envelope import fail
from .events import asyncapi as events_document
from .hot import PREFIXES
from .hot import hot_routes as hot_text_routes
from .live import LiveRoutes
from .openapi import document, operation_id
from .requests import NativeRoute
from .routes import REGISTER

BULK = 16
"""Bulk messages may be so many times as large as other bodies: 100,000 messages of some 300 bytes."""
__all__ = ["build_native", "hot_routes"]

DESCRIPTION = """The native API of Jackfield. Authenticate with `X-API-Key`, or `Authorization: Bearer` with a key or
a token from `POST /auth/login`; pages of this server may use the session cookie that it sets on request. Every answer is
`{success, data, meta}`, every failure `{success: false, error: {code, message, details?}}`. `Idempotency-Key` on sends
makes a repeat within 24 hours give the first answer."""


def build_native(core: Core, options: DialectOptions) -> FastAPI:
    """The app to be mounted under /api and /api/v1."""
    app = build_app(
        title="Jackfield",
        render=fail,
        description=DESCRIPTION,
        version=__version__,
        options=options,
        larger={"/bulk/send": BULK},
    )
    app.router.route_class = NativeRoute
    app.router.generate_unique_id_function = operation_id
    app.add_exception_handler(SendError, _refused)
    live = LiveRoutes(core, options)
    context = Context(core, options, live.writer)
    for register in REGISTER:
        register(app, context)
    _live(app, live)
    document(app)
    return app


def hot_routes(core: Core, options: DialectOptions) -> list[Any]:
    """Routes to be matched before the mounted app: the hot one, and those that stay open."""
    return [*hot_text_routes(core, options), *LiveRoutes(core, options).routes(PREFIXES)]


def _live(app: FastAPI, live: LiveRoutes) -> None:
    """The live endpoints where the app is mounted elsewhere, and in the document."""

    @app.get(
        "/events",
        tags=["Live events"],
        summary="Live events (server-sent)",
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
        response_class=Response,
        openapi_extra={
            SCOPE: "events:read",
            "parameters": [
                {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": text}
                for name, text in (
                    ("type", "Event types or families such as `message.*`, repeated or separated by commas."),
                    ("profileId", "Events of this profile, and those of none."),
                    ("after", "Resume after this id; `Last-Event-ID` does the same."),
                    ("token", "The key or token, where no header can be set."),
                    ("types", "As `type`."),
                    ("lastEventId", "As `after`."),
                    ("apiKey", "As `token`."),
                )
            ],
        },
    )
    async def events(request: Request) -> Response:
        """The same events as webhooks, as they happen; `id` of each is where to resume. `WS /ws` takes the same
        parameters and sends the same JSON: `{id, cursor, event, profileId, timestamp, data}`."""
        return await live.events(request)

    async def asyncapi(_: Request) -> Response:
        """The document of the live events, as public as `/openapi.json`."""
        return json_response(events_document())

    app.router.routes.append(WebSocketRoute("/ws", live.socket_app))
    app.router.routes.append(Route("/asyncapi.json", asyncapi))


async def _refused(request: Request, error: Exception) -> Response:
    """A network's refusal of something that was asked of it directly, with the error book's words."""
    assert isinstance(error, SendError)
    details = explain(error.code)
    if isinstance(error, Throttled):
        headers = {"Retry-After": str(max(1, round(error.retry_after)))}
        return fail(
            request, Failure(status=429, code="THROTTLED", message=error.message, details=details, headers=headers)
        )
    status, code = 422, "PROVIDER_REJECTED"
    if isinstance(error, LoginRequired):
        status, code = 409, "PROFILE_NOT_CONNECTED"
    elif isinstance(error, Unavailable):
        status, code = 503, "NETWORK_UNAVAILABLE"
    elif isinstance(error, OutcomeUnknown):
        status, code = 504, "OUTCOME_UNKNOWN"
    return fail(request, Failure(status=status, code=code, message=error.message, details=details))
