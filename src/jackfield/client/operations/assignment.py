"""Assignment: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_1 import AssignmentNext, AssignmentRule
from .answers_4 import ChatAssignment
from .inputs_4 import RulesBody


class AssignmentCalls(Resource):
    """Assignment: all calls."""

    def list_assignment_rules(self) -> Call[list[AssignmentRule]]:
        """In their order: the first that fits a chat, and finds somebody, gives it away."""
        return self._call(list[AssignmentRule], "GET", "/assignment-rules")

    def set_assignment_rules(self, **given: Unpack[RulesBody]) -> Call[list[AssignmentRule]]:
        """All of them, in their order. A private chat that somebody's message opens, and that is nobody's, is
        given away in the transaction of that message."""
        return self._call(list[AssignmentRule], "PUT", "/assignment-rules", given)

    def list_next_assignees(self) -> Call[list[AssignmentNext]]:
        """By each rule as things stand now, whatever it asks of the chat."""
        return self._call(list[AssignmentNext], "GET", "/assignment-rules/next")

    def list_chat_assignments(self, id_: str, /, **given: Unpack[Paging]) -> Pages[ChatAssignment]:
        """To whom rules gave the chat, newest first."""
        return self._pages(ChatAssignment, f"/chats/{quoted(id_)}/assignments", given)
