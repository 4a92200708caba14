"""What every request must keep to, whatever it asks for: who asks comes first, then its query, its type, its body."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from starlette.exceptions import HTTPException

from jackfield.core import Invalid

from .._access import GuardedRoute
from .openapi import answer_model

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
BESIDE: Final = frozenset({"profileId"})
"""What MultiWA's clients send beside the rest wherever they go: taken where it means nothing, in a body or a query."""


def refused(details: Mapping[str, list[str]]) -> Invalid:
    """The error for some fields."""
    field, why = next(iter(details.items()))
    return Invalid(f"{field}: {why[0]}", details=dict(details))


def known_queries(request: Request | Any, known: Iterable[str]) -> None:
    """Raises Invalid that names each query parameter which the operation does not have."""
    unknown = [name for name in request.query_params if name not in known and name not in BESIDE]
    if unknown:
        raise refused({name[:100]: ["Unknown query parameter."] for name in unknown})


def content_type(request: Request | Any, wanted: str) -> None:
    """Raises HTTPException 415 that names the header, unless the body is of this type."""
    given = request.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    fits = kind == wanted or (wanted == JSON and kind.startswith("application/") and kind.endswith("+json"))
    if not fits:
        found = f"not {given[:100]!r}" if given else "which is missing"
        raise HTTPException(415, f"Content-Type: must be {wanted}, {found}.", {"Accept": wanted})


class NativeRoute(GuardedRoute):
    """A route that is strict: nothing of a request is passed over in silence; and typed: its answer's type is what its
    endpoint says that it returns (`Ok[...]`, `Paged[...]`)."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options["response_model"] = answer_model(inspect.signature(endpoint).return_annotation)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with what comes before it."""
        answer = super().get_route_handler()
        guards = self.guards
        parts = list(_parts(self.dependant))
        extra = (self.openapi_extra or {}).get("parameters", ())
        queries = frozenset({one.alias for part in parts for one in part.query_params} | {one["name"] for one in extra})
        field = self.body_field
        documented = (self.openapi_extra or {}).get("requestBody")
        form = field is not None and isinstance(field.field_info, Form)
        names = frozenset(one.alias for part in parts for one in part.body_params) if form else frozenset()

        async def handle(request: Request) -> Response:
            for guard in guards:
                await guard(request)
            if request.scope["query_string"]:
                known_queries(request, queries)
            if form:
                content_type(request, FORM)
                given = await request.form()
                unknown = [name for name in given if name not in names and name not in BESIDE]
                if unknown:
                    raise refused({name[:100]: ["Unknown field."] for name in unknown})
            elif field is not None:
                if await request.body():
                    content_type(request, JSON)
            elif documented is None and (body := await request.body()):
                nothing_in(body)
            return await answer(request)

        return handle


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    """An endpoint and all that it depends on."""
    yield dependant
    for one in dependant.dependencies:
        yield from _parts(one)


def nothing_in(body: bytes) -> None:
    """Raises Invalid that names the fields of a body where none is read."""
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise refused({"body": ["This request takes no body."]})
    unknown = [str(name) for name in given if name not in BESIDE]
    if unknown:
        raise refused({name[:100]: ["Unknown field."] for name in unknown})
