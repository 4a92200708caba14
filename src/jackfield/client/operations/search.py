"""Search: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Paging, Resource

from .answers_5 import Found


class SearchQuery(Paging):
    """What search may be told."""

    q: str
    kinds: NotRequired[list[str] | None]


class SearchCalls(Resource):
    """Search: all calls."""

    def search(self, **given: Unpack[SearchQuery]) -> Call[Found]:
        """Contacts, chats and campaigns whose name, number or address contains `q`; messages of chats that have
        all its words, where a word of three or more letters may go on. When no name contains `q`, names with
        typing errors. The newest of each kind; `cursors` open their next pages. What the caller may not see
        is left out; messages are found some moments after they were written."""
        return self._call(Found, "GET", "/search", **given)
