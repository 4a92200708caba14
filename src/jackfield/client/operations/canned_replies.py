"""Canned replies: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_3 import CannedReply
from .answers_4 import Deleted
from .answers_5 import FilledReply
from .inputs_3 import CannedReplyBody, CannedReplyChange


class ListCannedRepliesQuery(Paging):
    """What list_canned_replies may be told."""

    q: NotRequired[str | None]


class CannedRepliesCalls(Resource):
    """Canned replies: all calls."""

    def list_canned_replies(self, **given: Unpack[ListCannedRepliesQuery]) -> Pages[CannedReply]:
        """By shortcut."""
        return self._pages(CannedReply, "/canned-replies", given)

    def create_canned_reply(self, **given: Unpack[CannedReplyBody]) -> Call[CannedReply]:
        """A text with placeholders and up to ten files, for the whole workspace."""
        return self._call(CannedReply, "POST", "/canned-replies", given)

    def get_canned_reply(self, id_: str, /) -> Call[CannedReply]:
        """One, with links to its files that work for an hour."""
        return self._call(CannedReply, "GET", f"/canned-replies/{quoted(id_)}")

    def update_canned_reply(self, id_: str, /, **given: Unpack[CannedReplyChange]) -> Call[CannedReply]:
        """Change what is given."""
        return self._call(CannedReply, "PATCH", f"/canned-replies/{quoted(id_)}", given)

    def delete_canned_reply(self, id_: str, /) -> Call[Deleted]:
        """Its files stay."""
        return self._call(Deleted, "DELETE", f"/canned-replies/{quoted(id_)}")

    def fill_canned_reply(self, id_: str, reply_id: str, /) -> Call[FilledReply]:
        """As it reads in a chat: placeholders filled from its contact and the caller; those without a value are
        empty."""
        return self._call(FilledReply, "GET", f"/chats/{quoted(id_)}/canned-replies/{quoted(reply_id)}")
