"""Tickets: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_7 import Ticket, TicketReply
from .inputs_5 import TicketBody, TicketChange, TicketReplyBody


class ListTicketsQuery(Paging):
    """What list_tickets may be told."""

    status: NotRequired[list[str] | None]
    priority: NotRequired[list[str] | None]
    departmentId: NotRequired[str | None]
    assigneeId: NotRequired[str | None]
    contactId: NotRequired[str | None]
    chatId: NotRequired[str | None]
    search: NotRequired[str | None]


class TicketsCalls(Resource):
    """Tickets: all calls."""

    def list_tickets(self, **given: Unpack[ListTicketsQuery]) -> Pages[Ticket]:
        """Tickets, newest first."""
        return self._pages(Ticket, "/tickets", given)

    def create_ticket(self, **given: Unpack[TicketBody]) -> Call[Ticket]:
        """Without a department it goes to the first one."""
        return self._call(Ticket, "POST", "/tickets", given)

    def get_ticket(self, id_: str, /) -> Call[Ticket]:
        """One ticket."""
        return self._call(Ticket, "GET", f"/tickets/{quoted(id_)}")

    def update_ticket(self, id_: str, /, **given: Unpack[TicketChange]) -> Call[Ticket]:
        """Status, priority, department, assignee, contact, subject, body."""
        return self._call(Ticket, "PATCH", f"/tickets/{quoted(id_)}", given)

    def delete_ticket(self, id_: str, /) -> Call[Deleted]:
        """With its answers."""
        return self._call(Deleted, "DELETE", f"/tickets/{quoted(id_)}")

    def list_ticket_replies(self, id_: str, /, **given: Unpack[Paging]) -> Pages[TicketReply]:
        """Oldest first."""
        return self._pages(TicketReply, f"/tickets/{quoted(id_)}/replies", given)

    def reply_to_ticket(self, id_: str, /, **given: Unpack[TicketReplyBody]) -> Call[TicketReply]:
        """A member's answer makes an open ticket `answered`; the contact's opens it again."""
        return self._call(TicketReply, "POST", f"/tickets/{quoted(id_)}/replies", given)
