"""The chat page: server-rendered, self-contained, working on the session endpoints."""

import json
import secrets
from importlib.resources import files

from fastapi import FastAPI, Request, Response

from jackfield.core import Unauthenticated

from ..._access import PUBLIC
from ..context import Context
from ..wire import client_id


def _page(clients: list[dict[str, str]] | None) -> tuple[str, str]:
    """The page and its nonce; `clients` None shows the login."""
    nonce = secrets.token_urlsafe(16)
    # "<" could end the script element early.
    data = json.dumps(clients, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    template = (files(__package__) / "chat.html").read_text("utf-8")
    return template.replace("%NONCE%", nonce).replace("%CLIENTS%", data), nonce


def register(app: FastAPI, context: Context) -> None:
    """Add the route."""

    @app.get(
        "/chat",
        tags=["Chat"],
        summary="The chat page",
        responses={
            200: {"content": {"text/html": {"schema": {"type": "string"}}}},
            401: {"description": "Log in first.", "content": {"text/html": {"schema": {"type": "string"}}}},
        },
        openapi_extra={PUBLIC: True},
    )
    async def get_chat_page(request: Request) -> Response:
        """A page to read and answer chats in the browser; asks to log in first."""
        try:
            caller = await context.session(request)
        except Unauthenticated:
            (page, nonce), status = _page(None), 401
        else:
            caller.require("chats:read")
            rows = await context.clients(caller)
            page, nonce = _page([{"id": client_id(row), "name": row.name, "status": row.status} for row in rows])
            status = 200
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:;"
            " media-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
        return Response(page, status, headers=headers, media_type="text/html")
