"""Filters over contacts from query parameters, and tables that come in and go out."""

import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, Response
from starlette.responses import StreamingResponse

from jackfield.core import KEYS, MEDIA_TYPES, Core, TableFormat, whole_table

from .checks import invalid, snake
from .times import planned

TIMES = frozenset({"seen_since", "seen_before", "created_since", "created_before"})
"""Keys of a filter whose values are times."""


async def filter_of(
    tag: Annotated[list[str] | None, Query(description="Has all of these tags.")] = None,
    tags: Annotated[list[str] | None, Query(description="As `tag`; several are separated by commas.")] = None,
    any_tag: Annotated[list[str] | None, Query(alias="anyTag", description="Has one of these tags.")] = None,
    not_tag: Annotated[list[str] | None, Query(alias="notTag", description="Has none of these tags.")] = None,
    list_: Annotated[list[str] | None, Query(alias="list", description="Is in one of these lists.")] = None,
    optin: bool | None = None,
    blocked: bool | None = None,
    source: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    name: str | None = None,
    seen_since: Annotated[str | None, Query(alias="seenSince", description="ISO 8601")] = None,
    seen_before: Annotated[str | None, Query(alias="seenBefore", description="ISO 8601")] = None,
    created_since: Annotated[str | None, Query(alias="createdSince", description="ISO 8601")] = None,
    created_before: Annotated[str | None, Query(alias="createdBefore", description="ISO 8601")] = None,
    filter_: Annotated[str | None, Query(alias="filter", description="A filter as JSON, as segments have it.")] = None,
) -> dict[str, Any]:
    """A filter from query parameters; all conditions hold together. Its times are to be read yet (`with_times`)."""
    found: dict[str, Any] = {}
    if filter_:
        try:
            given = json.loads(filter_)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise invalid("filter", "Must be a JSON object.")
        found |= _spelled(given, "filter")
    given_here = {
        "tags": [*(tag or []), *split_names(tags)] or None,
        "any_tags": any_tag,
        "not_tags": not_tag,
        "lists": list_,
        "optin": optin,
        "blocked": blocked,
        "source": source,
        "phone": phone,
        "email": email,
        "name": name,
        "seen_since": _GivenTime("seenSince", seen_since) if seen_since else None,
        "seen_before": _GivenTime("seenBefore", seen_before) if seen_before else None,
        "created_since": _GivenTime("createdSince", created_since) if created_since else None,
        "created_before": _GivenTime("createdBefore", created_before) if created_before else None,
    }
    return found | {key: value for key, value in given_here.items() if value is not None}


def split_names(given: list[str] | None) -> list[str]:
    """The names of a query parameter that may be repeated, or have several separated by commas."""
    return [name.strip() for one in given or [] for name in one.split(",") if name.strip()]


async def filter_from(core: Core, workspace_id: int, given: Mapping[str, Any], place: str = "filter") -> dict[str, Any]:
    """A filter of a body as the core takes it: names in this API's spelling (`anyTags`) or the core's (`any_tags`), times
    as everywhere here (ISO 8601, without a zone in the workspace's; Unix seconds or ms). Raises Invalid."""
    return await with_times(core, workspace_id, _spelled(given, place))


async def with_times(core: Core, workspace_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A filter whose times are read; those that name no zone are in the workspace's. Raises Invalid."""
    return {
        key: await planned(core, workspace_id, *value) if isinstance(value, _GivenTime) else value
        for key, value in given.items()
    }


class _GivenTime(NamedTuple):
    """A time as it was given, and the name under which it was."""

    field: str
    value: str | int


def _spelled(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        key = snake(name) if snake(name) in KEYS else name
        if key in TIMES and value is not None:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise invalid(f"{place}.{name}", "Give a time as ISO 8601, such as 2026-02-05T10:00:00Z.")
            value = _GivenTime(f"{place}.{name}", value)
        elif key == "equals" and isinstance(value, dict):
            value = {snake(field): one for field, one in value.items()}
        elif key == "campaign" and isinstance(value, dict) and "status" in value and "state" not in value:
            value = {"state" if field == "status" else field: one for field, one in value.items()}
        found[key] = value
    return found


Filter = Annotated[dict[str, Any], Depends(filter_of)]


Format = Annotated[TableFormat, Query(description="The file's: CSV, or a workbook of Excel (XLSX).")]
TABLES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}}
}
"""What an export answers, for its document."""


def _named(name: str, format: TableFormat) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.{format}"', "X-Content-Type-Options": "nosniff"}


def exported(name: str, format: TableFormat, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Response:
    """A file of rows that are all there, called `name`."""
    body = whole_table(format, columns, rows)
    return Response(body, media_type=MEDIA_TYPES[format], headers=_named(name, format))


async def streamed(pieces: AsyncIterator[bytes], name: str, format: TableFormat) -> Response:
    """A file in pieces, called `name`. The first piece is made before the answer begins, so that a bad filter is still an
    error."""
    first = await anext(pieces, b"")

    async def all_() -> AsyncIterator[bytes]:
        yield first
        async with contextlib.aclosing(pieces) as rest:  # type: ignore[type-var]
            async for piece in rest:
                yield piece

    return StreamingResponse(all_(), media_type=MEDIA_TYPES[format], headers=_named(name, format))


def mapping_of(text: str | None) -> dict[str, Any] | None:
    """Which column is what, as JSON: `{"phone": "Mobile", "tags": ["Label"]}`. Raises Invalid."""
    if not text or not text.strip():
        return None
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    well = isinstance(given, dict) and all(
        isinstance(one, str) or (isinstance(one, list) and all(isinstance(part, str) for part in one))
        for one in given.values()
    )
    if not well:
        raise invalid("mapping", 'Must be a JSON object such as {"phone": "Mobile"}.')
    return dict(given)
