"""What the native routes share: the core, the caller, the channel that a request means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Depends, Query, Request
from pydantic import ConfigDict, Field

from jackfield.core import ChannelView, Core, Forbidden, Principal, fingerprint

from .. import DialectOptions
from .._access import Guard
from .._context import KeyContext
from .._kit import parse_id
from .callers import caller_of
from .checks import invalid
from .envelope import Ok
from .live_writer import Writer

T = TypeVar("T")


class Paging(msgspec.Struct, kw_only=True):
    """Which part of a list is wanted. `page` (from 1) wins over `cursor` and has the list counted."""

    limit: int = 50
    cursor: str | None = None
    page: int | None = None
    total: bool = False


async def _paging(
    limit: Annotated[int, Query(ge=1, le=200, description="Objects per page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="`meta.cursor` of the page before.")] = None,
    page: Annotated[int | None, Query(ge=1, le=1_000_000, description="Page number, instead of a cursor.")] = None,
    offset: Annotated[
        int | None, Query(ge=0, le=200_000_000, description="Objects to leave out, a multiple of `limit`.")
    ] = None,
    total: Annotated[bool, Query(description="Count all that match, as `meta.total`.")] = False,
) -> Paging:
    if offset is not None:
        if page is not None or cursor is not None:
            raise invalid("offset", "Give either an offset, a page or a cursor.")
        if offset % limit:
            raise invalid("offset", f"Must be a multiple of limit ({limit}).")
        page = offset // limit + 1
    return Paging(limit=limit, cursor=cursor, page=page, total=total or page is not None)


async def _cursor(
    limit: Annotated[int, Query(ge=1, le=200, description="Objects per page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="`meta.cursor` of the page before.")] = None,
    page: Annotated[int | None, Query(include_in_schema=False)] = None,
    offset: Annotated[int | None, Query(include_in_schema=False)] = None,
) -> Paging:
    # Who counts pages would be shown the first one for ever.
    for field, given, first in (("page", page, 1), ("offset", offset, 0)):
        if given is not None and given != first:
            raise invalid(field, "This list has no page numbers; use meta.cursor of the page before.")
    return Paging(limit=limit, cursor=cursor)


Sort = Annotated[str, Query(pattern="^-?(createdAt|id)$", description="`-createdAt`, or `createdAt`: oldest first.")]
"""In which order a list comes that is kept by id."""


def numbers(paging: Paging) -> dict[str, Any]:
    """Paging as the core's lists take it."""
    return msgspec.structs.asdict(paging)


Pages = Annotated[Paging, Depends(_paging)]
"""Pages by cursor or by number."""
Cursor = Annotated[Paging, Depends(_cursor)]
"""Pages by cursor only: lists that may have a million rows and no counted order."""


def example(body: dict[str, Any] | None = None, /, **fields: Any) -> ConfigDict:
    """A body's example in the OpenAPI document, the reference pages and the tests that walk them."""
    return ConfigDict(json_schema_extra={"example": {**(body or {}), **fields}})


Beside = Annotated[str | int | None, Field(alias="profileId", description="Taken and not needed here.")]
"""A profile that MultiWA's clients name where the object belongs to the whole workspace."""


class Context(KeyContext):
    """One per app."""

    dialect = "native"

    def __init__(self, core: Core, options: DialectOptions, writer: Writer) -> None:
        super().__init__(core, options)
        self.actions = core.actions
        self.caps = core.caps
        self.writer = writer

    def person(self) -> Guard:
        """A dependency: a member by their own login."""
        return Guard(self._person, who="login", count=self.count_caller)

    async def _person(self, request: Request) -> Principal:
        caller = await self.caller(request)
        if caller.member_id is None:
            raise Forbidden("This is for people who are logged in; an API key has no password and no sessions.")
        return caller

    async def caller(self, request: Request) -> Principal:
        """Who calls, also by the dashboard's cookie. Raises Unauthenticated, Forbidden (a cookie from another site)."""
        return await caller_of(self.core, self.options, request)

    async def channel(self, caller: Principal, given: object = None) -> ChannelView:
        """The channel that a request means: the one named, else the key's own, else the workspace's default."""
        if given is None or given == "":
            return await self.own_channel(caller)
        channel_id = parse_id(given, "profile", "PROFILE_NOT_FOUND")
        caller.channel(channel_id)
        return await self.core.channels.get(caller.workspace_id, channel_id)

    async def once(
        self, request: Request, caller: Principal, body: Callable[[], Any], action: Callable[[], Awaitable[Ok[T]]]
    ) -> Ok[T]:
        """Run an action; with an `Idempotency-Key` a repeat within 24 h gives the first answer.

        `body` gives the request's body, which a repeat must have too.
        """
        key = request.headers.get("idempotency-key")
        if key is None:
            return await action()
        if not 1 <= len(key) <= 255:
            raise invalid("Idempotency-Key", "Must have 1 to 255 characters.")

        async def run() -> tuple[str, int]:
            response = await action()
            return bytes(response.body).decode(), response.status_code

        mark = fingerprint(request.method, request.url.path, msgspec.json.encode(body()))
        answer = await self.core.accounts.once(caller.workspace_id, key, mark, run)
        return Ok(answer.response, answer.status, media_type="application/json")
