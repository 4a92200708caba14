"""What every dialect's OpenAPI document says beside what FastAPI finds: ids, security, bodies, and the answers' types.

An endpoint says in what it returns (`Answer[...]`) what its JSON is. The schemas are made when the document is asked for,
because most processes never are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

from fastapi import FastAPI, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from ._access import PUBLIC, Guard, ReadsQuery, api_routes, shown_path
from ._problems import FILLED, NO_NUL
from ._strict import JSON

T = TypeVar("T")

COUNTS = frozenset({"page", "per_page", "limit", "skip"})
"""Query parameters that are whole numbers in every dialect."""


class Answer(Response, Generic[T]):
    """An answer whose JSON is a T, in the dialect's envelope where it has one."""


def answered(data: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer[Any]:
    """JSON as an answer; the endpoint's annotation says of what type it is."""
    return Answer(data, status, headers=dict(headers or {}), media_type="application/json")


def operation_id(route: APIRoute) -> str:
    """What a client calls an operation: the endpoint's name, `sendText`."""
    first, *rest = route.name.split("_")
    return first + "".join(word.title() for word in rest)


def name_of(data: Any) -> str:
    """What the schema of a type is called."""
    origin = get_origin(data)
    if origin is list:
        return name_of(get_args(data)[0]) + "List"
    if origin is dict:
        return "Object"
    if origin in (UnionType, Union):
        return "Or".join(name_of(one) for one in get_args(data))
    name: str = data.__name__
    return name


def plainer(part: Any) -> None:
    """Take out of a document the patterns that only keep out NUL and blanks, which say nothing to a reader, and the titles
    that repeat a field's name."""
    if isinstance(part, dict):
        if part.get("pattern") in (NO_NUL, FILLED) and part.pop("pattern") == FILLED:
            part.setdefault("minLength", 1)
        properties = part.get("properties")
        for field in properties.values() if isinstance(properties, dict) else ():
            if isinstance(field, dict) and isinstance(field.get("title"), str):
                del field["title"]
        for one in part.values():
            plainer(one)
    elif isinstance(part, list):
        for one in part:
            plainer(one)


def body_of(
    properties: Mapping[str, Any],
    example: Mapping[str, Any],
    *,
    required: Sequence[str] = (),
    kind: str = JSON,
    optional: bool = False,
) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its body itself: an object of these properties, with an example.

    One content type for each operation, though a dialect takes several: openapi-python-client 0.29 writes code that does
    not run where there are two.
    """
    schema: dict[str, Any] = {"type": "object", "properties": dict(properties), "example": dict(example)}
    if required:
        schema["required"] = list(required)
    return {"requestBody": {"required": not optional, "content": {kind: {"schema": schema}}}}


class Documented:
    """How a dialect's document is completed.

    `envelope` makes the type of a whole answer from the type of its data (None: there is no envelope), `failure` is the type
    of failures, `schemes` are the security schemes and `security` what of them each kind of caller sends (`Guard.who`).
    """

    def __init__(
        self,
        *,
        failure: type,
        schemes: Mapping[str, Any],
        security: Mapping[str, Sequence[Mapping[str, Any]]],
        envelope: Callable[[Any], Any] | None = None,
    ) -> None:
        self._failure = failure
        self._schemes = schemes
        self._security = security
        self._envelope = envelope

    def document(self, app: FastAPI) -> None:
        """Complete the app's OpenAPI document, whenever it is asked for first."""
        plain = app.openapi

        def openapi() -> dict[str, Any]:
            if app.openapi_schema:
                return app.openapi_schema
            app.openapi_schema = self._complete(app, plain())
            return app.openapi_schema

        app.openapi = openapi  # type: ignore[method-assign]

    def _complete(self, app: FastAPI, schema: dict[str, Any]) -> dict[str, Any]:
        found = list(self._operations(app, schema))
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schema["components"]["securitySchemes"] = dict(self._schemes)
        refs = self._answers([route for route, _ in found], schemas)
        for route, operation in found:
            operation["operationId"] = operation_id(route)
            operation["security"] = self._security_of(route)
            self._queries(route, operation)
            _name_body(operation, schemas)
            answers = operation.setdefault("responses", {})
            answers.pop("422", None)
            for answer in answers.values():
                if answer["description"] == "Successful Response":
                    answer["description"] = "Done."
            if route.name in refs:
                content = answers["200"].setdefault("content", {}).setdefault("application/json", {})
                content["schema"] = refs[route.name]
            elif "content" in answers["200"] and len(answers["200"]["content"]) > 1:
                # FastAPI says JSON of every route; this one answers with a file.
                answers["200"]["content"].pop("application/json", None)
            failure = {"content": {"application/json": {"schema": refs[""]}}}
            answers["4XX"] = {"description": "The request was refused.", **failure}
            answers["5XX"] = {"description": "Something is wrong here, or the network refused.", **failure}
        plainer(schema)
        return schema

    def _operations(self, app: FastAPI, schema: dict[str, Any]) -> Iterator[tuple[APIRoute, dict[str, Any]]]:
        for path, route in api_routes(app.routes):
            for method in sorted(route.methods or ()):
                operation = schema["paths"].get(shown_path(path), {}).get(method.lower())
                if operation is not None and route.include_in_schema:
                    yield route, operation

    def _answers(self, routes: Sequence[APIRoute], schemas: dict[str, Any]) -> dict[str, Any]:
        """The references of the answers' schemas by route, and that of failures under ""; adds the schemas."""
        wanted: dict[str, Any] = {"": self._failure}
        for route in routes:
            returned = inspect.signature(route.endpoint).return_annotation
            if get_origin(returned) is Answer:
                (data,) = get_args(returned)
                wanted[route.name] = self._envelope(data) if self._envelope is not None else data
        made, definitions = TypeAdapter.json_schemas(
            [(name, "serialization", TypeAdapter(kind)) for name, kind in wanted.items()],
            ref_template="#/components/schemas/{model}",
        )
        schemas |= definitions.get("$defs", {})
        refs: dict[str, Any] = {}
        for (name, _), schema in made.items():
            if "$ref" not in schema:
                # A bare list: it gets a name too.
                named = name_of(wanted[name])
                schemas[named] = {"title": named, **schema}
                schema = {"$ref": f"#/components/schemas/{named}"}
            refs[name] = schema
        return refs

    def _security_of(self, route: APIRoute) -> list[Mapping[str, Any]]:
        extra = route.openapi_extra or {}
        if extra.get(PUBLIC):
            return []
        guard = next(one.call for one in route.dependant.dependencies if isinstance(one.call, Guard))
        return list(self._security[guard.who])

    def _queries(self, route: APIRoute, operation: dict[str, Any]) -> None:
        """The query parameters of a route that reads its fields itself and has no body."""
        for one in route.dependant.dependencies:
            names = getattr(one.call, "names", ())
            if isinstance(one.call, ReadsQuery) and "GET" in (route.methods or ()):
                operation.setdefault("parameters", []).extend(
                    {
                        "name": name,
                        "in": "query",
                        "required": False,
                        "schema": {"type": "integer" if name in COUNTS else "string"},
                    }
                    for name in names
                )


def _name_body(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Name the schema of an operation's body."""
    id_ = operation["operationId"]
    for given in operation.get("requestBody", {}).get("content", {}).values():
        if "$ref" not in given["schema"]:
            name = f"{id_[:1].upper()}{id_[1:]}Body"
            schemas[name] = {"title": name, **given["schema"]}
            given["schema"] = {"$ref": f"#/components/schemas/{name}"}
