"""Lists: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_1 import Added
from .answers_4 import Contact, Deleted
from .answers_5 import Label
from .answers_6 import Removed
from .inputs_4 import MembersBody, NameBody


class ListListsQuery(Paging):
    """What list_lists may be told."""

    q: NotRequired[str | None]
    counts: NotRequired[bool]


class ListsCalls(Resource):
    """Lists: all calls."""

    def create_list(self, **given: Unpack[NameBody]) -> Call[Label]:
        """A static group of contacts."""
        return self._call(Label, "POST", "/lists", given)

    def list_lists(self, **given: Unpack[ListListsQuery]) -> Pages[Label]:
        """In the order in which they were made."""
        return self._pages(Label, "/lists", given)

    def rename_list(self, id_: str, /, **given: Unpack[NameBody]) -> Call[Label]:
        """Give it another name."""
        return self._call(Label, "PATCH", f"/lists/{quoted(id_)}", given)

    def get_list(self, id_: str, /) -> Call[Label]:
        """With the number of contacts."""
        return self._call(Label, "GET", f"/lists/{quoted(id_)}")

    def delete_list(self, id_: str, /) -> Call[Deleted]:
        """It is taken off its contacts, which stay."""
        return self._call(Deleted, "DELETE", f"/lists/{quoted(id_)}")

    def list_list_contacts(self, id_: str, /, **given: Unpack[Paging]) -> Pages[Contact]:
        """Contacts, newest first."""
        return self._pages(Contact, f"/lists/{quoted(id_)}/contacts", given)

    def add_list_contacts(self, id_: str, /, *, key: str | None = None, **given: Unpack[MembersBody]) -> Call[Added]:
        """By id, or all that a filter gives; `added` counts those that were not in it."""
        return self._call(Added, "POST", f"/lists/{quoted(id_)}/contacts", given, key=key)

    def remove_list_contacts(self, id_: str, /, **given: Unpack[MembersBody]) -> Call[Removed]:
        """`removed` counts those that were in it."""
        return self._call(Removed, "DELETE", f"/lists/{quoted(id_)}/contacts", given)
