"""Live events, with nothing missed when the connection breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from ._errors import ApiError
from ._http import failure_of
from .models import Event

if TYPE_CHECKING:
    from ._client import Client

_PAUSES = (0.1, 0.5, 1, 2, 5, 10)


class Events:
    """A stream: `async for`, or `for`. `cursor` is where it is, to be kept by who wants to resume later.

    Events may come twice after a broken connection, never not at all; `Event.id` tells them apart.
    """

    def __init__(self, client: Client, types: tuple[str, ...], profile: str | None, after: str | None) -> None:
        self._client = client
        self._types = types
        self._profile = profile
        self.cursor = after

    async def __aiter__(self) -> AsyncIterator[Event]:
        failures = 0
        while True:
            try:
                async for event in self._connected():
                    failures = 0
                    if event is not None:
                        yield event
            except ApiError as error:
                if error.status not in (429, 502, 503, 504):
                    raise
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def _connected(self) -> AsyncIterator[Event | None]:
        """Events of one connection; None once it is up to date."""
        http = self._client._http
        query = [("type", name) for name in self._types]
        if self._profile:
            query.append(("profileId", self._profile))
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": self.cursor} if self.cursor else {})}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
        async with http.session().get(
            http.base + "/events", params=query, headers=headers, timeout=timeout
        ) as response:
            if response.status >= 400:
                raise failure_of(response.status, None, await response.read())
            kind, data = "", b""
            async for line in response.content:
                line = line.rstrip(b"\n")
                if line.startswith(b"event: "):
                    kind = line[7:].decode()
                elif line.startswith(b"data: "):
                    data = line[6:]
                elif not line and kind:
                    if kind == "ready":
                        self.cursor = str(msgspec.json.decode(data)["cursor"])
                        yield None
                    elif kind == "error":
                        said = msgspec.json.decode(data)
                        if said["code"] != "SLOW_READER":
                            raise ApiError(401, said["code"], said["message"])
                        return
                    else:
                        event = msgspec.json.decode(data, type=Event)
                        self.cursor = event.cursor
                        yield event
                    kind, data = "", b""

    def __iter__(self) -> Iterator[Event]:
        stream = self.__aiter__()
        try:
            while True:
                yield self._client._run(anext(stream), None)
        finally:
            self._client._run(stream.aclose(), 5)  # type: ignore[attr-defined]
