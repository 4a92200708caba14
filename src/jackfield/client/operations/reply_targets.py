"""Reply targets: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource

from .answers_6 import ReplyTarget
from .inputs_5 import TargetsBody


class ReplyTargetsCalls(Resource):
    """Reply targets: all calls."""

    def list_reply_targets(self) -> Call[list[ReplyTarget]]:
        """Those of the department of whoever has a chat hold; else those of its profile; else those of the
        workspace."""
        return self._call(list[ReplyTarget], "GET", "/reply-targets")

    def set_reply_targets(self, **given: Unpack[TargetsBody]) -> Call[list[ReplyTarget]]:
        """All of them. They hold for what is written from now on; clocks that run keep their times. An empty
        list switches targets off."""
        return self._call(list[ReplyTarget], "PUT", "/reply-targets", given)
