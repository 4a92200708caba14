"""What FastAPI does not say of itself in the OpenAPI document: security, the envelope, the answers all share."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, NotRequired, Protocol, Union, get_args, get_origin, runtime_checkable

from fastapi import FastAPI
from typing_extensions import TypedDict

from .._access import LOGIN, PUBLIC
from .._openapi import name_of, operation_id, plainer
from . import answers, automation_shapes, events
from .envelope import Ok, Paged

__all__ = ["answer_model", "document", "operation_id"]

ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message"],
    "description": "What is wrong. `code` is stable; `message` is for people.",
    "properties": {
        "code": {"type": "string", "examples": ["VALIDATION_ERROR", "UNAUTHORIZED", "CONTACT_NOT_FOUND", "CONFLICT"]},
        "message": {"type": "string"},
        "details": {
            "description": "Of VALIDATION_ERROR: each wrong field, as the request spelled it, with what is wrong with it. "
            "Of other codes: figures or the network's own code."
        },
    },
}
FAILURE: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error", "message", "meta"],
    "description": "A request that was refused or went wrong. `message` is that of the error.",
    "properties": {
        "success": {"type": "boolean", "const": False},
        "message": {"type": "string"},
        "error": {"$ref": "#/components/schemas/Error"},
        "meta": {"$ref": "#/components/schemas/Meta"},
    },
}


class Meta(TypedDict):
    """About an answer."""

    timestamp: answers.Time


class PageMeta(Meta):
    """About a page: `cursor` opens the next one, `total` is there where it was counted."""

    cursor: str | None
    hasMore: bool
    total: NotRequired[int]


_TEXTS = dict.fromkeys(("id", "profileId", "type", "status", "direction"), NotRequired[str])
_TEMPLATE: dict[str, Any] = {
    **dict.fromkeys(("id", "profileId", "name", "category", "messageType"), NotRequired[str]),
    "createdAt": NotRequired[str | None],
    "content": NotRequired[answers.Json],
    "variables": NotRequired[list[str]],
}
BESIDE: dict[str, dict[str, Any]] = {
    "Accepted": {
        **_TEXTS,
        **dict.fromkeys(("messageId", "conversationId", "senderJid"), NotRequired[str]),
        "timestamp": NotRequired[str | None],
    },
    "Message": {
        **_TEXTS,
        **dict.fromkeys(("messageId", "conversationId", "senderJid"), NotRequired[str]),
        **dict.fromkeys(("timestamp", "providerId"), NotRequired[str | None]),
        "content": NotRequired[answers.Json | None],
    },
    "Contact": {
        "id": NotRequired[str],
        **dict.fromkeys(("phone", "name", "createdAt", "updatedAt"), NotRequired[str | None]),
        "tags": NotRequired[list[str]],
        "metadata": NotRequired[answers.Json],
    },
    "Webhook": {
        **dict.fromkeys(("id", "url", "secret"), NotRequired[str]),
        **dict.fromkeys(("profileId", "createdAt"), NotRequired[str | None]),
        "events": NotRequired[list[str]],
        "enabled": NotRequired[bool],
    },
    "TestDelivery": {
        "delivered": NotRequired[bool],
        **dict.fromkeys(("statusCode", "responseTime"), NotRequired[int | None]),
    },
    "TemplatePreview": {"rendered": NotRequired[answers.Json], "variables": NotRequired[list[str]]},
    "ImportResult": {
        **dict.fromkeys(("created", "updated", "failed"), NotRequired[int]),
        "errors": NotRequired[list[str]],
    },
    "TemplateInfo": _TEMPLATE,
    "TemplateDetails": _TEMPLATE,
}
"""What may stand beside `data` for MultiWA's client, by the name of what the data is (see `multiwa`)."""
_COUNTED: dict[str, Any] = dict.fromkeys(("total", "limit", "offset"), NotRequired[int])
BESIDE_LISTS: dict[str, dict[str, Any]] = {"Contact": _COUNTED, "TemplateInfo": _COUNTED}


@runtime_checkable
class DescribesAnswer(Protocol):
    """A route whose answer gets its schema when the document is written."""

    def describe_answer(self) -> None:
        """Make the schema."""


_models: dict[Any, Any] = {}


def answer_model(returned: Any) -> Any:
    """The schema of what an endpoint returns: the envelope of `Ok[...]` or `Paged[...]`; None for anything else."""
    if get_origin(returned) in (UnionType, Union):
        # An answer that may also be a file.
        returned = next((one for one in get_args(returned) if get_origin(one) in (Ok, Paged)), None)
    if get_origin(returned) not in (Ok, Paged):
        return None
    if returned not in _models:
        (data,) = get_args(returned)
        is_page = get_origin(returned) is Paged
        make: Any = TypedDict
        _models[returned] = make(
            name_of(data) + ("Page" if is_page else "Answer"),
            {
                "success": Literal[True],
                "data": list[data] if is_page else data,  # type: ignore[valid-type]
                "meta": PageMeta if is_page else Meta,
                **(BESIDE_LISTS if is_page else BESIDE).get(name_of(data), {}),
            },
        )
    return _models[returned]


def document(app: FastAPI) -> None:
    """Complete the app's OpenAPI document."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        for route in app.routes:
            if isinstance(route, DescribesAnswer):
                route.describe_answer()
        schema = plain()
        components = schema.setdefault("components", {})
        components["securitySchemes"] = {
            "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "Bearer": {"type": "http", "scheme": "bearer"},
        }
        schemas = components.setdefault("schemas", {})
        schemas |= {"Failure": FAILURE, "Error": ERROR, **events.schemas(), **automation_shapes.schemas()}
        schema["webhooks"] = events.webhooks()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for operations in schema["paths"].values():
            for operation in operations.values():
                _complete(operation)
        plainer(schema)
        automation_shapes.refer(schema)
        _name_forms(schema)
        app.openapi_schema = schema
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _name_forms(schema: dict[str, Any]) -> None:
    """Forms that come as multipart get a name like those of JSON bodies."""
    schemas = schema["components"]["schemas"]
    for name in [one for one in schemas if one.startswith("Body_")]:
        operation = name.removeprefix("Body_")
        schemas[f"{operation[:1].upper()}{operation[1:]}Form"] = {**schemas.pop(name), "title": f"{operation} form"}
    for operations in schema["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                named = content.get("schema", {}).get("$ref", "")
                if "/Body_" in named:
                    id_ = operation["operationId"]
                    content["schema"]["$ref"] = f"#/components/schemas/{id_[:1].upper()}{id_[1:]}Form"


def _complete(operation: dict[str, Any]) -> None:
    failure = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
    found = operation.setdefault("responses", {})
    found.pop("422", None)
    for answer in found.values():
        answer["description"] = "Done." if answer["description"] == "Successful Response" else answer["description"]
    found["4XX"] = {"description": "The request was refused; `error.code` says why.", **failure}
    found["5XX"] = {"description": "Something is wrong here, or the network refused.", **failure}
    if operation.get(LOGIN):
        operation["security"] = [{"Bearer": []}]
    elif not operation.get(PUBLIC):
        operation["security"] = [{"ApiKey": []}, {"Bearer": []}]
    else:
        operation["security"] = []
