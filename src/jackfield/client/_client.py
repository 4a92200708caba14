"""The client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import TimeoutError as Late
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ._call import Call, Pages, Request
from ._events import Events
from ._http import Http
from ._resources import Bulk, Campaigns, Chats, Contacts, Inbound, Keys, Messages, Profiles, Webhooks
from .operations.everything import Groups

T = TypeVar("T")


class Client(Groups):
    """The native API of a server. `url` is its address, with or without `/api`; `attempts` how often a call is tried.

    Every call of the reference is a method of its noun, named after its operation id: `client.chats.get_chat_counts()`. Any
    address can be called with `get`, `post`, `put`, `patch` and `delete`.
    """

    def __init__(self, url: str, key: str, *, attempts: int = 4, timeout: float = 60.0) -> None:
        self._http = Http(url, key, attempts=attempts, timeout=timeout)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        super().__init__(self)
        self.messages = Messages(self)
        self.bulk = Bulk(self)
        self.contacts = Contacts(self)
        self.campaigns = Campaigns(self)
        self.profiles = Profiles(self)
        self.webhooks = Webhooks(self)
        self.keys = Keys(self)
        self.chats = Chats(self)
        self.inbound = Inbound(self)

    def __repr__(self) -> str:
        return f"Client({self._http.base!r})"

    # -- any call ------------------------------------------------------------------------------------

    def get(self, path: str, **query: Any) -> Call[Any]:
        """GET; files come as bytes."""
        return Call(self, Request(method="GET", path=path, query=query), Any)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        file: str | Path | bytes | None = None,
        key: str | None = None,
        **query: Any,
    ) -> Call[Any]:
        """POST; `file` makes it an upload with `body`'s fields beside it, `key` is an Idempotency-Key of your own."""
        if file is not None:
            form = body if isinstance(body, dict) else {}
            return Call(self, Request(method="POST", path=path, query=query, file=file, form=form), Any)
        return Call(self, Request(method="POST", path=path, query=query, body=body, key=key), Any)

    def put(self, path: str, body: Any = None, **query: Any) -> Call[Any]:
        """PUT."""
        return Call(self, Request(method="PUT", path=path, query=query, body=body), Any)

    def patch(self, path: str, body: Any = None, **query: Any) -> Call[Any]:
        """PATCH."""
        return Call(self, Request(method="PATCH", path=path, query=query, body=body), Any)

    def delete(self, path: str, body: Any = None, **query: Any) -> Call[Any]:
        """DELETE."""
        return Call(self, Request(method="DELETE", path=path, query=query, body=body), Any)

    def pages(self, path: str, **query: Any) -> Pages[dict[str, Any]]:
        """A list that is read page by page."""
        return Pages(self, Request(method="GET", path=path, query=query), dict[str, Any])

    def events(self, *types: str, profile: str | None = None, after: str | None = None) -> Events:
        """Live events of these types (all without any), from now on or after an event's `cursor`."""
        return Events(self, types, profile, after)

    # -- with and without asyncio ----------------------------------------------------------------------

    def _run(self, work: Awaitable[T], timeout: float | None) -> T:
        """Run it on a loop of our own, in a thread of our own, and wait."""
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="jackfield-client", daemon=True)
                self._thread.start()
        future = asyncio.run_coroutine_threadsafe(_awaited(work), self._loop)
        try:
            result: T = future.result(timeout)
        except Late:
            future.cancel()
            raise TimeoutError(f"no answer within {timeout} s") from None
        except BaseException:
            future.cancel()
            raise
        return result

    def close(self) -> None:
        """End the connections of synchronous calls."""
        if self._loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._http.close(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()
            self._loop = self._thread = None

    async def aclose(self) -> None:
        """End the connections of this loop's calls."""
        await self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _awaited(work: Awaitable[T]) -> T:
    return await work
