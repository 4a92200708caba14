"""Drafts: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted, Draft
from .inputs_3 import DraftBody


class DraftsCalls(Resource):
    """Drafts: all calls."""

    def list_drafts(self, **given: Unpack[Paging]) -> Pages[Draft]:
        """Drafts of the member who is logged in; keys have none."""
        return self._pages(Draft, "/drafts", given)

    def get_draft(self, id_: str, /) -> Call[Draft]:
        """What the member who is logged in has written here and not sent."""
        return self._call(Draft, "GET", f"/chats/{quoted(id_)}/draft")

    def save_draft(self, id_: str, /, **given: Unpack[DraftBody]) -> Call[Draft]:
        """Keep what is written now, for all devices of the member who is logged in."""
        return self._call(Draft, "PUT", f"/chats/{quoted(id_)}/draft", given)

    def delete_draft(self, id_: str, /) -> Call[Deleted]:
        """Nothing is written here any more."""
        return self._call(Deleted, "DELETE", f"/chats/{quoted(id_)}/draft")
