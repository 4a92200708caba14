"""Segments: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Contact, Deleted
from .answers_6 import Segment, SegmentPreview
from .inputs_3 import FilterBody
from .inputs_5 import SegmentBody, SegmentChange


class SegmentsCalls(Resource):
    """Segments: all calls."""

    def list_segments(self, **given: Unpack[Paging]) -> Pages[Segment]:
        """In the order in which they were made, uncounted."""
        return self._pages(Segment, "/segments", given)

    def create_segment(self, **given: Unpack[SegmentBody]) -> Call[Segment]:
        """Save a filter over fields, attributes, tags, lists, last seen, opt-in, and what a campaign reached."""
        return self._call(Segment, "POST", "/segments", given)

    def preview_segment(self, **given: Unpack[FilterBody]) -> Call[SegmentPreview]:
        """How many contacts a filter gives now, and the newest of them."""
        return self._call(SegmentPreview, "POST", "/segments/preview", given)

    def get_segment(self, id_: str, /) -> Call[Segment]:
        """With the number of contacts that match now."""
        return self._call(Segment, "GET", f"/segments/{quoted(id_)}")

    def update_segment(self, id_: str, /, **given: Unpack[SegmentChange]) -> Call[Segment]:
        """Change name or filter."""
        return self._call(Segment, "PATCH", f"/segments/{quoted(id_)}", given)

    def delete_segment(self, id_: str, /) -> Call[Deleted]:
        """Campaigns made from it keep their audience."""
        return self._call(Deleted, "DELETE", f"/segments/{quoted(id_)}")

    def list_segment_contacts(self, id_: str, /, **given: Unpack[Paging]) -> Pages[Contact]:
        """Contacts that match now, newest first."""
        return self._pages(Contact, f"/segments/{quoted(id_)}/contacts", given)
