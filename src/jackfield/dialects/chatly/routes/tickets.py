"""Support tickets."""

from typing import Annotated

from fastapi import APIRouter, Depends

from jackfield.core import PRIORITIES, STATUSES, DepartmentView, NotFound

from ..._openapi import Answer
from .. import answers, shapes
from ..context import Caller, Context
from ..fields import PAGING, example
from ..form import Form
from ..wire import ok
from .contacts import paging

MOST_TEXT = 20_000


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow("tickets:read"))]
    Writer = Annotated[Caller, Depends(context.allow("tickets:write"))]
    TicketsFields = Annotated[Form, Depends(context.fields("status", *PAGING))]
    StoreFields = Annotated[
        Form,
        Depends(context.fields("department_id", "subject", "priority", "body", "message", "description", "contact_id")),
    ]
    ReplyFields = Annotated[Form, Depends(context.fields("ticket_id", "id", "reply", "message", "status"))]

    async def departments(workspace_id: int) -> list[DepartmentView]:
        """All departments; a workspace without any gets its first, so that there is one to name."""
        found = await core.tickets.departments(workspace_id)
        return found or [await core.tickets.create_department(workspace_id, "General")]

    @router.get("/department", tags=["Tickets"], summary="Departments")
    async def list_departments(caller: Reader) -> Answer[answers.Departments]:
        """The departments whose ids a ticket takes."""
        return ok({"departments": [shapes.department(row) for row in await departments(caller.workspace_id)]})

    @router.get("/ticket", tags=["Tickets"], summary="Tickets")
    async def list_tickets(caller: Reader, form: TicketsFields) -> Answer[answers.Tickets]:
        """Tickets, newest first, and the departments there are."""
        number, size = paging(form)
        status = form.text("status", required=False)
        if status and status not in STATUSES:
            form.fail("status", "The selected status is invalid.")
        form.check()
        page = await core.tickets.list(caller.workspace_id, status=status or None, limit=size, page=number, total=True)
        return ok(
            {
                "tickets": [shapes.ticket(row, caller.zone) for row in page.items],
                "departments": [shapes.department(row) for row in await departments(caller.workspace_id)],
                **shapes.pages(page, number, size),
            }
        )

    @router.post(
        "/ticket-store",
        tags=["Tickets"],
        summary="Open a ticket",
        openapi_extra=example("department_id", "subject", "priority", "body", "contact_id", required=3),
    )
    async def create_ticket(caller: Writer, form: StoreFields) -> Answer[answers.Ticket]:
        """A ticket at a department. Optional: `body` and the contact it is about."""
        department = form.id("department_id")
        subject = form.text("subject", maximum=300)
        priority = form.text("priority", maximum=20).lower()
        priority = "medium" if priority == "normal" else priority
        if priority and priority not in PRIORITIES:
            form.fail("priority", "The selected priority is invalid.")
        body = form.text("body", "message", "description", required=False, maximum=MOST_TEXT)
        contact = await context.contact(caller, form, "contact_id") if form.raw("contact_id") is not None else None
        form.check()
        async with core.transaction():
            if department not in {one.id for one in await departments(caller.workspace_id)}:
                form.fail("department_id", "The selected department id is invalid.")
                form.check()
            row = await core.tickets.create(
                caller.workspace_id,
                subject,
                body=body or None,
                priority=priority,
                department_id=department,
                contact_id=contact.id if contact is not None else None,
                source="api",
            )
        return ok(shapes.ticket(row, caller.zone), "ticket_created_successfully")

    @router.post(
        "/ticket-reply",
        tags=["Tickets"],
        summary="Answer a ticket",
        openapi_extra=example("reply", "ticket_id", "status", required=1),
    )
    async def reply_to_ticket(caller: Writer, form: ReplyFields) -> Answer[answers.TicketReply]:
        """`reply` to `ticket_id`. Where exactly one ticket is open, it need not be named."""
        text = form.text("reply", "message", maximum=MOST_TEXT)
        status = form.text("status", required=False)
        if status and status not in STATUSES:
            form.fail("status", "The selected status is invalid.")
        given = form.id("ticket_id", "id", required=False)
        if given is None and not form.failed("ticket_id"):
            page = await core.tickets.list(
                caller.workspace_id, status=[one for one in STATUSES if one != "closed"], limit=2
            )
            if len(page.items) == 1:
                given = page.items[0].id
            else:
                form.fail("ticket_id", "The ticket id field is required.")
        if given is not None:
            try:
                await core.tickets.get(caller.workspace_id, given)
            except NotFound:
                form.fail("ticket_id", "The selected ticket id is invalid.")
        form.check()
        assert given is not None
        row = await core.tickets.reply(
            caller.workspace_id, given, text, member_id=caller.member.member_id, status=status or None
        )
        ticket = await core.tickets.get(caller.workspace_id, given)
        return ok(
            {**shapes.ticket_reply(row, caller.zone), "ticket": shapes.ticket(ticket, caller.zone)},
            "ticket_replied_successfully",
        )
