"""How a dialect serves its OpenAPI document: made once, beside other requests, for where it is mounted."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from jackfield.dialects._kit import build_app


def dialect() -> FastAPI:
    """A dialect without operations."""
    return build_app(title="One", render=lambda request, failure: PlainTextResponse(failure.code, failure.status))


def visitor(app: FastAPI, mounted: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, root_path=mounted)
    return httpx.AsyncClient(transport=transport, base_url="http://jackfield.test")


async def test_others_are_answered_while_a_document_is_made() -> None:
    app = dialect()
    began, go_on = threading.Event(), threading.Event()
    made: list[dict[str, Any]] = []

    def slow() -> dict[str, Any]:
        began.set()
        assert go_on.wait(10), "the event loop stood still"
        made.append(FastAPI.openapi(app))
        return made[-1]

    app.openapi = slow  # type: ignore[method-assign]
    async with visitor(app) as client:
        both = [asyncio.create_task(client.get("/openapi.json")) for _ in range(2)]
        assert await asyncio.to_thread(began.wait, 10)
        assert (await client.get("/docs")).status_code == 200
        go_on.set()
        assert [(await one).json()["info"]["title"] for one in both] == ["One", "One"]
    assert len(made) == 1


async def test_a_document_says_where_the_dialect_is_mounted() -> None:
    app = dialect()
    async with visitor(app, "/api") as below, visitor(app) as at_the_root:
        assert (await below.get("/openapi.json")).json()["servers"] == [{"url": "/api"}]
        assert "servers" not in (await at_the_root.get("/openapi.json")).json()
