"""What every request must keep to, whatever it asks for: who asks comes first, then its query, its type, its body."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from fastapi.params import Form
from fastapi.utils import create_model_field

from .._access import GuardedRoute
from .._kit import decode_json
from .._limits import MOST_FIELDS, MOST_FILES
from .._strict import FORM, JSON, content_type, dependants, refused
from .openapi import answer_model

BESIDE: Final = frozenset({"profileId"})
"""What MultiWA's clients send beside the rest wherever they go: taken where it means nothing, in a body or a query."""


class NativeRoute(GuardedRoute):
    """A route that is strict: nothing of a request is passed over in silence; and typed: its answer's type is what its
    endpoint says that it returns (`Ok[...]`, `Paged[...]`)."""

    beside = BESIDE
    once = True

    def describe_answer(self) -> None:
        """Give the route the schema of its answer, for the document.

        Not when the route is made: the schemas of 260 routes took 2 of the 3 seconds (CPU) of a start, and most processes
        are never asked for the document.
        """
        model = answer_model(inspect.signature(self.endpoint).return_annotation)
        if model is not None and self.response_field is None:
            self.response_model = model
            self.response_field = create_model_field(f"Response_{self.unique_id}", model, mode="serialization")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with what comes before it."""
        answer = super().get_route_handler()
        parts = list(dependants(self.dependant))
        field = self.body_field
        documented = (self.openapi_extra or {}).get("requestBody")
        form = field is not None and isinstance(field.field_info, Form)
        names = frozenset(one.alias for part in parts for one in part.body_params) if form else frozenset()

        async def handle(request: Request) -> Response:
            await self.admit(request)
            self.check_query(request)
            if form:
                content_type(request, FORM)
                given = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
                unknown = [name for name in given if name not in names and name not in BESIDE]
                if unknown:
                    raise refused({name[:100]: ["Unknown field."] for name in unknown})
            elif field is not None:
                if body := await request.body():
                    content_type(request, JSON)
                    # Where Starlette keeps what it has decoded.
                    request._json = await decode_json(body)
            elif documented is None and (body := await request.body()):
                nothing_in(body)
            return await answer(request)

        return handle


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
