"""Tickets with their departments and answers; notes about contacts."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from msgspec import UNSET
from pydantic import AliasChoices, Field

from jackfield.core import ContactNoteView, DepartmentView, NotFound, Principal, TicketReplyView, TicketView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged

PRIORITY = "^(low|medium|high|urgent)$"
STATUS = "^(open|pending|answered|closed)$"
Ref = Annotated[Str | int | None, Field(description="An id.")]


class DepartmentBody(Wire):
    """Who answers a kind of ticket."""

    model_config = example(name="Support")

    name: Annotated[Str, Field(min_length=1, max_length=100)]


class TicketBody(Wire):
    """A new ticket; a chat brings its contact along."""

    model_config = example(subject="Parcel has not come", body="Ordered two weeks ago.", priority="high")

    subject: Annotated[
        Str,
        Field(
            min_length=1,
            max_length=300,
            validation_alias=AliasChoices("subject", "name", "title"),
            description="Also taken as `name`.",
        ),
    ]
    body: Annotated[Str | None, Field(max_length=20_000)] = None
    priority: Annotated[str, Field(pattern=PRIORITY)] = "medium"
    department_id: Annotated[Ref, Field(alias="departmentId")] = None
    contact_id: Annotated[Ref, Field(alias="contactId")] = None
    chat_id: Annotated[Ref, Field(alias="chatId")] = None
    assignee_id: Annotated[Ref, Field(alias="assigneeId")] = None


class TicketChange(Wire):
    """What to change; null takes an assignee, department or contact away."""

    model_config = example(status="closed", priority="low")

    subject: Annotated[Str, Field(min_length=1, max_length=300)] | None = None
    body: Annotated[Str | None, Field(max_length=20_000)] = None
    status: Annotated[str | None, Field(pattern=STATUS)] = None
    priority: Annotated[str | None, Field(pattern=PRIORITY)] = None
    department_id: Annotated[Ref, Field(alias="departmentId")] = None
    contact_id: Annotated[Ref, Field(alias="contactId")] = None
    assignee_id: Annotated[Ref, Field(alias="assigneeId")] = None


class TicketReplyBody(Wire):
    """An answer; `fromContact` when it is the contact's."""

    model_config = example(text="It is on its way.", status="answered")

    text: Annotated[Str, Field(min_length=1, max_length=20_000)]
    status: Annotated[str | None, Field(pattern=STATUS)] = None
    from_contact: Annotated[bool, Field(alias="fromContact")] = False


class ContactNoteBody(Wire):
    """A note about a contact; never sent."""

    model_config = example(title="Call", text="Wants to be called back.")

    text: Annotated[Str, Field(min_length=1, max_length=10_000)]
    title: Annotated[Str | None, Field(max_length=200)] = None


def department(row: DepartmentView) -> answers.Department:
    """A department."""
    return {"id": str(row.id), "name": row.name, "createdAt": iso(row.created_at)}


def _id(value: int | None) -> str | None:
    return str(value) if value else None


def ticket(row: TicketView) -> answers.Ticket:
    """A ticket."""
    return {
        "id": str(row.id),
        "subject": row.subject,
        "body": row.body,
        "priority": row.priority,
        "status": row.status,
        "departmentId": _id(row.department_id),
        "contactId": _id(row.contact_id),
        "chatId": _id(row.chat_id),
        "assigneeId": _id(row.assignee_id),
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
        "closedAt": iso(row.closed_at),
    }


def reply(row: TicketReplyView) -> answers.TicketReply:
    """An answer on a ticket."""
    return {
        "id": str(row.id),
        "ticketId": str(row.ticket_id),
        "memberId": _id(row.member_id),
        "text": row.text,
        "createdAt": iso(row.created_at),
    }


def note(row: ContactNoteView) -> answers.ContactNote:
    """A note about a contact."""
    return {
        "id": str(row.id),
        "contactId": str(row.contact_id),
        "memberId": _id(row.member_id),
        "title": row.title,
        "text": row.text,
        "createdAt": iso(row.created_at),
    }


def ref(given: str | int | None, what: str) -> int | None:
    """An id of an object that a body refers to."""
    return None if given in (None, "") else parse_id(given, what, f"{what.upper()}_NOT_FOUND")


REFS = (
    ("department_id", "department"),
    ("contact_id", "contact"),
    ("chat_id", "chat"),
    ("assignee_id", "member"),
)


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _departments(app, context)
    _tickets(app, context)
    _notes(app, context)


def _departments(app: FastAPI, context: Context) -> None:
    service = context.core.tickets
    Reader = Annotated[Principal, Depends(context.allow("tickets:read"))]
    Writer = Annotated[Principal, Depends(context.allow("tickets:write"))]
    tags: list[Any] = ["Departments"]

    def id_of(given: str) -> int:
        return parse_id(given, "department", "DEPARTMENT_NOT_FOUND")

    @app.get("/departments", tags=tags, summary="List departments")
    async def list_departments(caller: Reader) -> Ok[list[answers.Department]]:
        """By name; a workspace without any gets its General one."""
        return ok([department(row) for row in await service.departments(caller.workspace_id)])

    @app.post("/departments", tags=tags, summary="Create a department", status_code=201)
    async def create_department(body: DepartmentBody, caller: Writer) -> Ok[answers.Department]:
        """Make a department."""
        return ok(department(await service.create_department(caller.workspace_id, body.name, by=caller)), 201)

    @app.get("/departments/{id}", tags=tags, summary="Get a department")
    async def get_department(id: str, caller: Reader) -> Ok[answers.Department]:
        """One department."""
        return ok(department(await service.department(caller.workspace_id, id_of(id))))

    @app.patch("/departments/{id}", tags=tags, summary="Rename a department")
    async def rename_department(id: str, body: DepartmentBody, caller: Writer) -> Ok[answers.Department]:
        """Give it another name."""
        return ok(department(await service.rename_department(caller.workspace_id, id_of(id), body.name, by=caller)))

    @app.delete("/departments/{id}", tags=tags, summary="Delete a department")
    async def delete_department(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Its tickets stay, without one."""
        await service.delete_department(caller.workspace_id, id_of(id), by=caller)
        return deleted(id)


def _tickets(app: FastAPI, context: Context) -> None:
    service = context.core.tickets
    Reader = Annotated[Principal, Depends(context.allow("tickets:read"))]
    Writer = Annotated[Principal, Depends(context.allow("tickets:write"))]
    tags: list[Any] = ["Tickets"]

    def id_of(given: str) -> int:
        return parse_id(given, "ticket", "TICKET_NOT_FOUND")

    @app.get("/tickets", tags=tags, summary="List tickets")
    async def list_tickets(
        caller: Reader,
        paging: Pages,
        status: Annotated[list[str] | None, Query()] = None,
        priority: Annotated[list[str] | None, Query()] = None,
        department_id: Annotated[str | None, Query(alias="departmentId")] = None,
        assignee_id: Annotated[str | None, Query(alias="assigneeId", description="`none`: nobody's.")] = None,
        contact_id: Annotated[str | None, Query(alias="contactId")] = None,
        chat_id: Annotated[str | None, Query(alias="chatId")] = None,
        search: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Paged[answers.Ticket]:
        """Tickets, newest first."""
        page = await service.list(
            caller.workspace_id,
            status=status,
            priority=priority,
            department_id=ref(department_id, "department"),
            assignee_id=None if assignee_id == "none" else UNSET if not assignee_id else ref(assignee_id, "member"),
            contact_id=ref(contact_id, "contact"),
            chat_id=ref(chat_id, "chat"),
            channel_id=caller.channel_id,
            search=search,
            **numbers(paging),
        )
        return paged(page, [ticket(row) for row in page.items])

    @app.post("/tickets", tags=tags, summary="Open a ticket", status_code=201)
    async def create_ticket(body: TicketBody, caller: Writer) -> Ok[answers.Ticket]:
        """Without a department it goes to the first one."""
        given: dict[str, Any] = {name: ref(getattr(body, name), what) for name, what in REFS}
        row = await service.create(caller.workspace_id, body.subject, body=body.body, priority=body.priority, **given)
        return ok(ticket(row), 201)

    @app.get("/tickets/{id}", tags=tags, summary="Get a ticket")
    async def get_ticket(id: str, caller: Reader) -> Ok[answers.Ticket]:
        """One ticket."""
        return ok(ticket(await service.get(caller.workspace_id, id_of(id))))

    @app.patch("/tickets/{id}", tags=tags, summary="Update a ticket")
    @app.put("/tickets/{id}", tags=tags, summary="Update a ticket", include_in_schema=False)
    async def update_ticket(id: str, body: TicketChange, caller: Writer) -> Ok[answers.Ticket]:
        """Status, priority, department, assignee, contact, subject, body."""
        given = body.model_fields_set
        changes: dict[str, Any] = {
            name: getattr(body, name)
            for name in ("subject", "status", "priority")
            if name in given and getattr(body, name) is not None
        }
        if "body" in given:
            changes["body"] = body.body
        changes |= {name: ref(getattr(body, name), what) for name, what in REFS if name in given}
        return ok(ticket(await service.update(caller.workspace_id, id_of(id), **changes)))

    @app.delete("/tickets/{id}", tags=tags, summary="Delete a ticket")
    async def delete_ticket(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """With its answers."""
        await service.delete(caller.workspace_id, id_of(id), by=caller)
        return deleted(id)

    @app.get("/tickets/{id}/replies", tags=tags, summary="Answers on a ticket")
    async def list_ticket_replies(id: str, caller: Reader, paging: Pages) -> Paged[answers.TicketReply]:
        """Oldest first."""
        page = await service.replies(caller.workspace_id, id_of(id), **numbers(paging))
        return paged(page, [reply(row) for row in page.items])

    @app.post("/tickets/{id}/replies", tags=tags, summary="Answer a ticket", status_code=201)
    async def reply_to_ticket(id: str, body: TicketReplyBody, caller: Writer) -> Ok[answers.TicketReply]:
        """A member's answer makes an open ticket `answered`; the contact's opens it again."""
        status = body.status
        if status is None and not body.from_contact and caller.member_id is None:
            # A program answers for the team, though no member's name stands under it.
            status = "answered"
        row = await service.reply(
            caller.workspace_id,
            id_of(id),
            body.text,
            member_id=None if body.from_contact else caller.member_id,
            status=status,
        )
        return ok(reply(row), 201)


def _notes(app: FastAPI, context: Context) -> None:
    notes = context.core.notes
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Contacts"]

    def id_of(given: str) -> int:
        return parse_id(given, "contact", "CONTACT_NOT_FOUND")

    async def own(caller: Principal, contact_id: str, note_id: str) -> int:
        row = await notes.contact_note(caller.workspace_id, parse_id(note_id, "note", "NOTE_NOT_FOUND"))
        if row.contact_id != id_of(contact_id):
            raise NotFound("There is no such note.", code="NOTE_NOT_FOUND")
        return row.id

    @app.get("/contacts/{id}/notes", tags=tags, summary="Notes about a contact")
    async def list_contact_notes(id: str, caller: Reader, paging: Pages) -> Paged[answers.ContactNote]:
        """Newest first."""
        page = await notes.contact_notes(caller.workspace_id, contact_id=id_of(id), **numbers(paging))
        return paged(page, [note(row) for row in page.items])

    @app.post("/contacts/{id}/notes", tags=tags, summary="Write a note about a contact", status_code=201)
    async def create_contact_note(id: str, body: ContactNoteBody, caller: Writer) -> Ok[answers.ContactNote]:
        """A note of staff; never sent."""
        made = await notes.add_contact_note(
            caller.workspace_id, id_of(id), body.text, title=body.title, member_id=caller.member_id
        )
        return ok(note(made), 201)

    @app.patch("/contacts/{id}/notes/{noteId}", tags=tags, summary="Change a note")
    async def update_contact_note(
        id: str, noteId: str, body: ContactNoteBody, caller: Writer
    ) -> Ok[answers.ContactNote]:
        """Another text or title."""
        found = await own(caller, id, noteId)
        return ok(note(await notes.update_contact_note(caller.workspace_id, found, text=body.text, title=body.title)))

    @app.delete("/contacts/{id}/notes/{noteId}", tags=tags, summary="Delete a note")
    async def delete_contact_note(id: str, noteId: str, caller: Writer) -> Ok[answers.Deleted]:
        """Take a note away."""
        found = await own(caller, id, noteId)
        await notes.delete_contact_note(caller.workspace_id, found)
        return deleted(found)
