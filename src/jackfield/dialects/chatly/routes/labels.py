"""Notes about contacts, tags, and which contact has which."""

from typing import Annotated

from fastapi import APIRouter, Depends

from jackfield.core import NotFound

from ..._openapi import Answer
from .. import answers, shapes
from ..context import Caller, Context
from ..fields import PAGING, example
from ..form import Form
from ..wire import ok
from .contacts import _named, paging

MOST_TEXT = 10_000

NOTE = ("note", "message", "text", "description", "details")


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Caller, Depends(context.allow("contacts:write"))]
    NotesFields = Annotated[Form, Depends(context.fields("contact_id", *PAGING))]
    AddNoteFields = Annotated[Form, Depends(context.fields("contact_id", "title", *NOTE))]
    Listed = Annotated[Form, Depends(context.fields(*PAGING))]
    AddTagFields = Annotated[Form, Depends(context.fields("name", "title", "tag", "color"))]
    TagContactFields = Annotated[Form, Depends(context.fields("contact_id", "tag_id", "tag_ids"))]

    async def about(caller: Caller, form: Form) -> int | None:
        """The contact that a list is narrowed to, where one is named."""
        if form.raw("contact_id") is None:
            return None
        contact = await context.contact(caller, form, "contact_id")
        form.check()
        return contact.id if contact is not None else None

    @router.get("/notes", tags=["Notes and tags"], summary="Notes")
    async def list_notes(caller: Reader, form: NotesFields) -> Answer[answers.Notes]:
        """Notes about contacts, newest first; of one contact with `contact_id`."""
        number, size = paging(form)
        contact_id = await about(caller, form)
        page = await core.notes.contact_notes(
            caller.workspace_id, contact_id=contact_id, limit=size, page=number, total=True
        )
        rows = [shapes.note(row, caller.zone) for row in page.items]
        return ok({"notes": rows, **shapes.pages(page, number, size)})

    @router.post(
        "/notes",
        tags=["Notes and tags"],
        summary="Write a note",
        openapi_extra=example("contact_id", "note", "title", required=2),
    )
    async def create_note(caller: Writer, form: AddNoteFields) -> Answer[answers.Note]:
        """A `note` about a contact."""
        contact = await context.contact(caller, form, "contact_id")
        title = form.text("title", required=False, maximum=200)
        text = form.text(*NOTE, maximum=MOST_TEXT)
        form.check()
        assert contact is not None
        row = await core.notes.add_contact_note(
            caller.workspace_id, contact.id, text, title=title or None, member_id=caller.member.member_id
        )
        return ok(shapes.note(row, caller.zone), "note_created_successfully")

    @router.get("/tags", tags=["Notes and tags"], summary="Tags")
    async def list_tags(caller: Reader, form: Listed) -> Answer[answers.Tags]:
        """The tags with how many contacts each has."""
        number, size = paging(form)
        page = await core.contacts.tags.list(caller.workspace_id, counts=True, limit=size, page=number, total=True)
        rows = [shapes.label(row, caller.zone) for row in page.items]
        return ok({"tags": rows, **shapes.pages(page, number, size)})

    @router.post(
        "/tags", tags=["Notes and tags"], summary="Create a tag", openapi_extra=example("name", "color", required=1)
    )
    async def create_tag(caller: Writer, form: AddTagFields) -> Answer[answers.Label]:
        """A tag by its `name` (or `title`)."""
        name = form.text("name", "title", "tag", maximum=100)
        color = form.text("color", required=False, maximum=50)
        form.check()
        row = await _named(form, core.contacts.tags.create(caller.workspace_id, name, color=color or None))
        return ok(shapes.label(row, caller.zone), "tag_created_successfully")

    @router.get("/tags/contact-tags", tags=["Notes and tags"], summary="Contact tags")
    async def list_contact_tags(caller: Reader, form: NotesFields) -> Answer[answers.ContactTags]:
        """Which contact has which tag; of one contact with `contact_id`."""
        number, size = paging(form)
        contact_id = await about(caller, form)
        page = await core.contacts.tags.assignments(caller.workspace_id, contact_id=contact_id, limit=size, page=number)
        return ok({"contact_tags": page.items, **shapes.pages(page, number, size)})

    @router.post(
        "/tags/store/contact-tag",
        tags=["Notes and tags"],
        summary="Tag a contact",
        openapi_extra=example("contact_id", "tag_id", required=2),
    )
    async def tag_contact(caller: Writer, form: TagContactFields) -> Answer[answers.Contact]:
        """Put a tag (`tag_id`, several as `tag_id[]`) on a contact."""
        contact = await context.contact(caller, form, "contact_id")
        names = []
        for id_ in form.ids("tag_id", "tag_ids", required=True):
            try:
                names.append((await core.contacts.tags.get(caller.workspace_id, id_)).name)
            except NotFound:
                form.fail("tag_id", "The selected tag id is invalid.")
        form.check()
        assert contact is not None
        row = await core.contacts.add_tags(caller.workspace_id, contact.id, names, strict=True)
        return ok(shapes.contact(row, caller.zone, caller.language), "tag_added_successfully")
