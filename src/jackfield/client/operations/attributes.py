"""Attributes: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_5 import Label
from .inputs_1 import AttributeBody, AttributeChange


class ListAttributesQuery(Paging):
    """What list_attributes may be told."""

    q: NotRequired[str | None]
    counts: NotRequired[bool]


class AttributesCalls(Resource):
    """Attributes: all calls."""

    def create_attribute(self, **given: Unpack[AttributeBody]) -> Call[Label]:
        """A custom field of contacts."""
        return self._call(Label, "POST", "/attributes", given)

    def list_attributes(self, **given: Unpack[ListAttributesQuery]) -> Pages[Label]:
        """In the order in which they were made."""
        return self._pages(Label, "/attributes", given)

    def update_attribute(self, id_: str, /, **given: Unpack[AttributeChange]) -> Call[Label]:
        """Change name or kind; the values stay as they are."""
        return self._call(Label, "PATCH", f"/attributes/{quoted(id_)}", given)

    def get_attribute(self, id_: str, /) -> Call[Label]:
        """With the number of contacts."""
        return self._call(Label, "GET", f"/attributes/{quoted(id_)}")

    def delete_attribute(self, id_: str, /) -> Call[Deleted]:
        """It is taken off its contacts, which stay."""
        return self._call(Deleted, "DELETE", f"/attributes/{quoted(id_)}")
