"""The fields that each of Chatly's requests has, and the dependency that reads them."""

# No `from __future__ import annotations`: FastAPI reads the types of `Fields.__call__`, and finds those of an object only
# when they are no strings.

from collections.abc import AsyncIterator
from typing import Final

from fastapi import Request

from jackfield.core import Invalid

from .. import DialectOptions
from .._access import ReadsQuery
from .._strict import MOST_TOLD
from .form import Form, read_form

PAGING: Final = ("page", "per_page", "limit")
"""Of every list that has pages."""
MEDIA: Final = ("image", "document", "video", "audio")
"""Files, each under its kind."""
TEMPLATE: Final = ("template_id", "body_values", "header_values", "button_values", *MEDIA)
"""A template with its values."""
AUDIENCE: Final = ("contact_list_id", "contact_list_ids", "segment_id", "segment_ids")
CAMPAIGN: Final = ("campaign_name", "name", *AUDIENCE, "send_scheduled", "schedule_time")


class Fields(ReadsQuery):
    """A dependency: a request's fields, of which there may be none but `names`. Uploads are closed once it is
    answered."""

    def __init__(self, options: DialectOptions, names: tuple[str, ...]) -> None:
        self._options = options
        self._names = frozenset(names)

    async def __call__(self, request: Request) -> AsyncIterator[Form]:
        """The fields. Raises Invalid that tells each unknown one, and for a body that cannot be read."""
        form = await read_form(request, self._options)
        try:
            unknown = [name for name in (*form.data, *form.files) if name not in self._names][:MOST_TOLD]
            if unknown:
                details = {name[:100]: [f"The {name[:100]} field is unknown."] for name in unknown}
                raise Invalid(next(iter(details.values()))[0], details=details)
            yield form
        finally:
            for upload in form.files.values():
                await upload.close()
