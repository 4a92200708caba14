"""Saved views: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_6 import SavedView
from .inputs_4 import SavedViewBody, SavedViewChange


class SavedViewsCalls(Resource):
    """Saved views: all calls."""

    def list_saved_views(self, **given: Unpack[Paging]) -> Pages[SavedView]:
        """Your own and everybody's, in the order in which they were made."""
        return self._pages(SavedView, "/saved-views", given)

    def create_saved_view(self, **given: Unpack[SavedViewBody]) -> Call[SavedView]:
        """Filters of the inbox under a name. Those of a key are everybody's."""
        return self._call(SavedView, "POST", "/saved-views", given)

    def get_saved_view(self, id_: str, /) -> Call[SavedView]:
        """One of your own, or of everybody's."""
        return self._call(SavedView, "GET", f"/saved-views/{quoted(id_)}")

    def update_saved_view(self, id_: str, /, **given: Unpack[SavedViewChange]) -> Call[SavedView]:
        """Change name or filter."""
        return self._call(SavedView, "PATCH", f"/saved-views/{quoted(id_)}", given)

    def delete_saved_view(self, id_: str, /) -> Call[Deleted]:
        """Take it away, for all who see it."""
        return self._call(Deleted, "DELETE", f"/saved-views/{quoted(id_)}")
