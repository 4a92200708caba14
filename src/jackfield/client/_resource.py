"""What all groups of calls share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import msgspec
from typing_extensions import TypedDict

from ._call import Call, Pages, Request

if TYPE_CHECKING:
    from ._client import Client

T = TypeVar("T")


class Answer(msgspec.Struct, kw_only=True, rename="camel"):
    """Base of what the server answers: camelCase on the wire, and what is not known is left out."""


class Paging(TypedDict, total=False):
    """Where a list begins: at a cursor, a page (from 1) or an offset; `limit` is how many come with one request."""

    limit: int
    cursor: str
    page: int
    offset: int
    total: bool


class Resource:
    """Base of a group of calls."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _call(
        self, type_: type[T], method: str, path: str, body: Any = None, *, key: str | None = None, **query: Any
    ) -> Call[T]:
        return Call(self._client, Request(method=method, path=path, body=body, query=query, key=key), type_)

    def _pages(self, type_: type[T], path: str, query: Mapping[str, Any]) -> Pages[T]:
        return Pages(self._client, Request(method="GET", path=path, query=query), type_)

    def _upload(
        self, type_: type[T], path: str, file: str | Path | bytes, form: Mapping[str, Any], **query: Any
    ) -> Call[T]:
        request = Request(method="POST", path=path, file=file, form=form, query=query)
        return Call(self._client, request, type_)


def quoted(part: str) -> str:
    """A part of a path, such as a name or an address."""
    return quote(str(part), safe="@~")
