"""Newsletters: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource, quoted

from .answers_5 import Group, GroupDetails
from .inputs_4 import NewsletterBody


class ListNewslettersQuery(TypedDict):
    """What list_newsletters may be told."""

    profileId: NotRequired[str | None]
    refresh: NotRequired[bool]


class GetNewsletterQuery(TypedDict):
    """What get_newsletter may be told."""

    profileId: NotRequired[str | None]


class NewslettersCalls(Resource):
    """Newsletters: all calls."""

    def list_newsletters(self, **given: Unpack[ListNewslettersQuery]) -> Call[list[Group]]:
        """WhatsApp's broadcast channels that the profile owns or follows."""
        return self._call(list[Group], "GET", "/newsletters", **given)

    def create_newsletter(self, **given: Unpack[NewsletterBody]) -> Call[GroupDetails]:
        """Make a newsletter; write to it with `to` set to its id."""
        return self._call(GroupDetails, "POST", "/newsletters", given)

    def get_newsletter(self, id_: str, /, **given: Unpack[GetNewsletterQuery]) -> Call[GroupDetails]:
        """One newsletter."""
        return self._call(GroupDetails, "GET", f"/newsletters/{quoted(id_)}", **given)
