"""Tags: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_5 import Label
from .inputs_5 import TagBody, TagChange


class ListTagsQuery(Paging):
    """What list_tags may be told."""

    q: NotRequired[str | None]
    counts: NotRequired[bool]


class TagsCalls(Resource):
    """Tags: all calls."""

    def create_tag(self, **given: Unpack[TagBody]) -> Call[Label]:
        """A label for contacts."""
        return self._call(Label, "POST", "/tags", given)

    def list_tags(self, **given: Unpack[ListTagsQuery]) -> Pages[Label]:
        """In the order in which they were made."""
        return self._pages(Label, "/tags", given)

    def update_tag(self, id_: str, /, **given: Unpack[TagChange]) -> Call[Label]:
        """Change what is given; `keywords` replaces. Contacts that have the tag keep it."""
        return self._call(Label, "PATCH", f"/tags/{quoted(id_)}", given)

    def get_tag(self, id_: str, /) -> Call[Label]:
        """With the number of contacts."""
        return self._call(Label, "GET", f"/tags/{quoted(id_)}")

    def delete_tag(self, id_: str, /) -> Call[Deleted]:
        """It is taken off its contacts, which stay."""
        return self._call(Deleted, "DELETE", f"/tags/{quoted(id_)}")
