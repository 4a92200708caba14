"""mcp: tools for assistants, over stdio."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import typer

from jackfield.client import ApiError, Client, ConnectionFailed

from ._command import KeyOption, Url, chosen_server


def mcp(ctx: typer.Context, url: Url = None, api_key: KeyOption = None) -> None:
    """Serve tools to an assistant over stdio (Model Context Protocol), which work at the server of --url with --key."""
    server = chosen_server(ctx, url, api_key, None)
    if server is None:
        raise typer.BadParameter("Give the address of a server: --url, or JACKFIELD_URL in the environment.")
    asyncio.run(_serve(server.url, server.key))


async def _serve(url: str, key: str) -> None:
    from jackfield.assistants.tools import Refused, build

    async with Client(url, key) as client:

        async def api(method: str, path: str, query: Mapping[str, Any], body: Any) -> Any:
            try:
                if method == "GET":
                    return await client.get(path, **query)
                return await client.post(path, body, **query)
            except ApiError as error:
                raise Refused(error.code, error.message) from None
            except ConnectionFailed as error:
                raise Refused("CONNECTION_FAILED", str(error)) from None

        await build(lambda _: api).run_stdio_async()
