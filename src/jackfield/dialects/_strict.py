"""Nothing of a request is passed over in silence: its type, its query parameters, the fields of its body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from jackfield.core import Invalid, UnknownPlaceholders

from ._problems import Problems

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"
MOST_TOLD: Final = 20
"""Most unknown names that an error tells."""


def refused(details: Mapping[str, list[str]]) -> Invalid:
    """The error for some fields."""
    field, why = next(iter(details.items()))
    return Invalid(f"{field}: {why[0]}", details=Problems(details))


@contextmanager
def told_as(field: str) -> Iterator[None]:
    """The core's error about an address becomes one about the field that it came in."""
    try:
        yield
    except Invalid as error:
        raise Invalid(f"{field}: {error.message}", code=error.code, details={field: [error.message]}) from None


@contextmanager
def placeholders_told(
    request: Mapping[str, Any] | Callable[[int | None], Mapping[str, Any]], *, inside: bool = False, filled_by: str = ""
) -> Iterator[None]:
    """Placeholders that nothing fills are told by the fields that hold them; `request` gives those, or makes them for the
    message of a bulk send. With `inside` a field has its whole path, `content.text`, else the name at the top. `filled_by`
    is the field that should have had the values, with {} for the message's number; it is told too."""
    try:
        yield
    except UnknownPlaceholders as error:
        names = "|".join(re.escape(mark.strip("{}$").casefold()) for mark in error.marks)
        held = re.compile(rf"(?:\{{\s*|\$)(?:{names})(?!\w)")
        given = request if isinstance(request, Mapping) else request(error.index)
        places = [place if inside else place.partition(".")[0] for place in _holding(given, held)]
        if not places:
            raise
        if filled_by:
            places.append(filled_by.format(error.index))
        raise refused({place: [error.why] for place in dict.fromkeys(places[:MOST_TOLD])}) from None


def _holding(value: Any, pattern: re.Pattern[str], place: str = "") -> Iterator[str]:
    """Where the texts lie that a pattern is found in, folded."""
    if isinstance(value, str):
        if pattern.search(value.casefold()):
            yield place
    elif isinstance(value, Mapping | list | tuple):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, one in pairs:
            yield from _holding(one, pattern, f"{place}.{name}" if place else str(name))


def known_queries(
    request: Any, known: Collection[str], beside: Collection[str] = (), lists: Collection[str] | None = None
) -> None:
    """Raises Invalid that names each query parameter which the operation does not have, and, with `lists`, each that is given
    several times and is none of them: which of its values is meant would be a guess.

    A known name that ends with "[" stands for all that begin so.
    """
    prefixes = tuple(name for name in known if name.endswith("["))
    unknown = [
        name
        for name in request.query_params
        if name not in known and name not in beside and not (prefixes and name.startswith(prefixes))
    ]
    if unknown:
        raise refused({name[:100]: ["Unknown query parameter."] for name in unknown[:MOST_TOLD]})
    if lists is None or len(request.query_params) == len(given := request.query_params.multi_items()):
        return
    times = Counter(name for name, _ in given if name not in lists)
    repeated = [name for name, count in times.items() if count > 1]
    if repeated:
        raise refused({name: [f"Is given {times[name]} times; give it once."] for name in repeated[:MOST_TOLD]})


def known_fields(data: Mapping[str, Any], known: Collection[str], place: str = "") -> None:
    """Raises Invalid that names each field of an object which is not known; `place` stands before the names."""
    unknown = [name for name in data if name not in known]
    if unknown:
        raise refused({f"{place}{name[:100]}": ["Unknown field."] for name in unknown[:MOST_TOLD]})


def content_type(request: Any, *wanted: str) -> str:
    """The type of the body, one of those wanted. Raises HTTPException 415 that names the header."""
    given = request.headers.get("content-type", "")
    kind: str = given.partition(";")[0].strip().lower()
    if kind in wanted:
        return kind
    if JSON in wanted and kind.startswith("application/") and kind.endswith("+json"):
        return JSON
    names = " or ".join(wanted)
    found = f"not {given[:100]!r}" if given else "which is missing"
    raise HTTPException(415, f"Content-Type: must be {names}, {found}.", {"Accept": ", ".join(wanted)})


def queries_of(route: APIRoute) -> frozenset[str]:
    """The names of the query parameters that a route has: those that it declares, and those of its documentation."""
    declared = {one.alias for part in dependants(route.dependant) for one in part.query_params}
    documented = (route.openapi_extra or {}).get("parameters", ())
    return frozenset(declared | {one["name"] for one in documented if one.get("in") == "query"})


def lists_of(route: APIRoute) -> frozenset[str]:
    """The names of the query parameters of a route that may be given several times."""
    declared = [one for part in dependants(route.dependant) for one in part.query_params]
    return frozenset(one.alias for one in declared if _holds_list(one.field_info.annotation))


def _holds_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_holds_list(one) for one in get_args(annotation))


def dependants(dependant: Dependant) -> Iterator[Dependant]:
    """An endpoint and all that it depends on."""
    yield dependant
    for one in dependant.dependencies:
        yield from dependants(one)


def queries(*names: str) -> dict[str, Any]:
    """Query parameters of a route that reads them itself, for its `openapi_extra`."""
    return {"parameters": [_parameter(name) for name in names]}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}


def top_names(names: Iterable[str]) -> frozenset[str]:
    """Names of fields up to the first dot or bracket: `action.catalogId` and `sections[].title` lie in a field."""
    return frozenset(name.partition(".")[0].partition("[")[0] for name in names)
