"""The fields that each of Chatly's requests has, and the dependency that reads them."""

# No `from __future__ import annotations`: FastAPI reads the types of `Fields.__call__`, and finds those of an object only
# when they are no strings.

from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi import Request

from jackfield.core import Invalid

from .. import DialectOptions
from .._access import ReadsQuery
from .._openapi import body_of
from .._strict import FORM, JSON, MOST_TOLD
from .form import Form, read_form

PAGING: Final = ("page", "per_page", "limit")
"""Of every list that has pages."""
MEDIA: Final = ("image", "document", "video", "audio")
"""Files, each under its kind."""
TEMPLATE: Final = ("template_id", "channel_id", "body_values", "header_values", "button_values", *MEDIA)
"""A template with its values."""
AUDIENCE: Final = ("contact_list_id", "contact_list_ids", "segment_id", "segment_ids")
CAMPAIGN: Final = ("campaign_name", "name", *AUDIENCE, "send_scheduled", "schedule_time")

EXAMPLES: Final[dict[str, Any]] = {
    "email": "user@example.com",
    "password": "your-password",
    "password_confirmation": "your-password",
    "code": "123456",
    "name": "John Customer",
    "phone": "919999999999",
    "country_id": 101,
    "message": "Hello from user API",
    "template_id": 1,
    "body_values[]": ["John"],
    "button_values[]": ["SAVE20"],
    "events[]": ["contact.created"],
    "campaign_name": "May Offer",
    "send_scheduled": 1,
    "schedule_time": "2030-05-14 10:00:00",
    "subject": "An order that did not arrive",
    "priority": "medium",
    "body": "It was to come on Monday.",
    "reply": "It is on its way.",
    "status": "open",
    "first_name": "Asha",
    "last_name": "Rao",
    "note": "Prefers to be called in the morning.",
    "title": "Calls",
    "color": "#22c55e",
    "webhook_url": "https://example.com/hook",
    "enabled": 1,
    "secret": "a-long-secret",
}
"""A value of each field, for the OpenAPI document. What is not here is an id, or a list of ids: 1, [1]."""


def example(*fields: str, files: tuple[str, ...] = (), required: int = 0) -> dict[str, Any]:
    """A body of these fields in the OpenAPI document, the first `required` of which must be there: as multipart where there
    are files, else as JSON. Every call takes both, and URL-encoded forms."""
    shown = {name: EXAMPLES.get(name, [1] if name.endswith("[]") else 1) for name in fields}
    properties: dict[str, Any] = {name: _schema(value) for name, value in shown.items()}
    properties |= {name: {"type": "string", "format": "binary"} for name in files}
    kind = FORM if files else JSON
    return body_of(properties, shown, required=fields[:required], kind=kind, optional=not required)


def _schema(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"type": "array", "items": _schema(value[0])}
    return {"type": "integer" if isinstance(value, int) else "string"}


class Fields(ReadsQuery):
    """A dependency: a request's fields, of which there may be none but `names`. Uploads are closed once it is
    answered."""

    def __init__(self, options: DialectOptions, names: tuple[str, ...]) -> None:
        self._options = options
        self.names = tuple(dict.fromkeys(names))
        self._known = frozenset(names)

    async def __call__(self, request: Request) -> AsyncIterator[Form]:
        """The fields. Raises Invalid that tells each unknown one, and for a body that cannot be read."""
        form = await read_form(request, self._options)
        try:
            unknown = [name for name in (*form.data, *form.files) if name not in self._known][:MOST_TOLD]
            if unknown:
                details = {name[:100]: [f"The {name[:100]} field is unknown."] for name in unknown}
                raise Invalid(next(iter(details.values()))[0], details=details)
            yield form
        finally:
            for upload in form.files.values():
                await upload.close()
