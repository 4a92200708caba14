"""A call that has not been made yet, and a list that has not been read yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

if TYPE_CHECKING:
    from ._client import Client

T = TypeVar("T")
R = TypeVar("R")


class Request(msgspec.Struct, kw_only=True):
    """What is asked: `file` is a path or bytes for a multipart body, with `form` beside it."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    body: Any = None
    file: Any = None
    form: Mapping[str, Any] = {}
    key: str | None = None


class Call(Generic[T]):
    """Await it, or `.now()`; it is made once for each. Raises ApiError, ConnectionFailed."""

    def __init__(self, client: Client, request: Request, type_: Any) -> None:
        self._client = client
        self._request = request
        self._type = type_

    def __await__(self) -> Generator[Any, None, T]:
        return self._make().__await__()

    async def _make(self) -> T:
        answer = await self._client._http.ask(self._request)
        made: T = answer.data(self._type)
        return made

    def now(self, timeout: float | None = None) -> T:
        """Make the call and wait for its answer, in programs without asyncio. `timeout` in seconds."""
        return self._client._run(self._make(), timeout)


class Pages(Generic[T]):
    """A list, page by page: `for`, `async for`, `.first()`, `.all()`."""

    def __init__(self, client: Client, request: Request, type_: type[T]) -> None:
        self._client = client
        self._request = request
        self._type = type_

    async def _page(self, cursor: str | None) -> tuple[list[T], str | None]:
        query = {**self._request.query, **({"cursor": cursor} if cursor else {})}
        answer = await self._client._http.ask(msgspec.structs.replace(self._request, query=query))
        return cast("list[T]", answer.data(GenericAlias(list, (self._type,)))), answer.meta.get("cursor")

    async def __aiter__(self) -> AsyncIterator[T]:
        cursor: str | None = None
        while True:
            items, cursor = await self._page(cursor)
            for item in items:
                yield item
            if not cursor:
                return

    def __iter__(self) -> Iterator[T]:
        cursor: str | None = None
        while True:
            items, cursor = self._client._run(self._page(cursor), None)
            yield from items
            if not cursor:
                return

    def page(self) -> Call[list[T]]:
        """The first page only."""
        return Call(self._client, self._request, GenericAlias(list, (self._type,)))
