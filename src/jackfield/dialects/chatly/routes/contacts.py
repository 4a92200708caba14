"""Contacts, contact lists, segments."""

from typing import Annotated, Any

import phonenumbers
from fastapi import APIRouter, Depends

from jackfield.core import Conflict, NotFound

from ..._kit import parse_id
from ..._openapi import Answer
from .. import answers, countries, shapes
from ..audience import ensure_segment
from ..context import Caller, Context
from ..fields import PAGING, example
from ..form import Form
from ..wire import RETRIEVED, ok

PER_PAGE, MOST_PER_PAGE = 50, 200
SEARCH = ("search", "q", "phone", "name")


def paging(form: Form) -> tuple[int, int]:
    """Which page (from 1) of how many rows is asked for. Raises Invalid for what is no number."""
    number, size = form.id("page", required=False), form.id("per_page", "limit", required=False)
    form.check()
    return min(number or 1, 100_000), min(size or PER_PAGE, MOST_PER_PAGE)


def phone_of(form: Form, country: str | None) -> str:
    """The phone field as E.164 digits: numeric, at least 11 digits; with a leading 0 one of the country's own."""
    given = form.text("phone", maximum=40)
    if not given or form.failed("phone"):
        return ""
    digits = given.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        form.fail("phone", "The phone must be a number.")
    elif len(digits) < 11:
        form.fail("phone", "The phone must be at least 11 digits.")
    elif len(digits) > 15:
        form.fail("phone", "The phone must not be greater than 15 digits.")
    elif digits.startswith("0"):
        try:
            number = phonenumbers.parse(digits, country)
        except phonenumbers.NumberParseException:
            number = None
        if number is not None and phonenumbers.is_valid_number(number):
            found: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return found.removeprefix("+")
        form.fail("phone", "The phone must begin with its country code.")
    else:
        return digits
    return ""


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Caller, Depends(context.allow("contacts:write"))]
    ContactsFields = Annotated[Form, Depends(context.fields(*SEARCH, *PAGING))]
    StoreFields = Annotated[
        Form, Depends(context.fields("name", "phone", "country_id", "email", "contact_list_id", "contact_list_ids"))
    ]
    Listed = Annotated[Form, Depends(context.fields(*PAGING))]
    StoreListFields = Annotated[Form, Depends(context.fields("name", "contact_ids", "contact_id"))]

    @router.get("/whatsapp-contact", tags=["Contacts"], summary="List contacts")
    async def list_contacts(caller: Reader, form: ContactsFields) -> Answer[answers.Contacts]:
        """Contacts with a phone number, newest first; `search` looks in name, e-mail and phone."""
        number, size = paging(form)
        search = form.text(*SEARCH, required=False, maximum=200)
        form.check()
        page = await core.contacts.list(
            caller.workspace_id, {"has_phone": True}, q=search or None, limit=size, page=number, total=True
        )
        rows = [shapes.contact(row, caller.zone, caller.language) for row in page.items]
        return ok({"contacts": rows, **shapes.pages(page, number, size)})

    @router.post(
        "/whatsapp-contact-store",
        tags=["Contacts"],
        summary="Create a contact",
        openapi_extra=example("phone", "country_id", "name", "email", "contact_list_id", required=2),
    )
    async def create_contact(caller: Writer, form: StoreFields) -> Answer[answers.Contact]:
        """A contact with a phone number (numeric, 11 digits or more) of a country. Optional: name, email, lists."""
        country_id = form.id("country_id")
        country = countries.numbering().get(country_id or 0)
        if country_id is not None and country is None:
            form.fail("country_id", "The selected country id is invalid.")
        phone = phone_of(form, country)
        name, email = form.text("name", required=False, maximum=200), form.text("email", required=False, maximum=254)
        lists = await _lists(caller, form)
        form.check()
        try:
            made = await core.contacts.create(
                caller.workspace_id,
                name=name or None,
                phone=f"+{phone}",
                email=email or None,
                country=country,
                lists=lists,
                source="api",
            )
        except Conflict:
            form.fail("phone", "The phone has already been taken.")
            form.check()
            raise
        return ok(shapes.contact(made, caller.zone, caller.language), "contact_created_successfully")

    async def _lists(caller: Caller, form: Form) -> list[int]:
        found = []
        for id_ in form.ids("contact_list_id", "contact_list_ids"):
            try:
                found.append((await core.contacts.lists.get(caller.workspace_id, id_)).id)
            except NotFound:
                form.fail("contact_list_id", "The selected contact list id is invalid.")
        return found

    # -- lists ---------------------------------------------------------------------------------------

    @router.get("/whatsapp-contact-list", tags=["Contacts"], summary="Contact lists")
    async def list_contact_lists(caller: Reader, form: Listed) -> Answer[answers.ContactLists]:
        """The contact lists with how many contacts each has."""
        number, size = paging(form)
        page = await core.contacts.lists.list(caller.workspace_id, counts=True, limit=size, page=number, total=True)
        rows = [shapes.label(row, caller.zone) for row in page.items]
        return ok({"contact_lists": rows, **shapes.pages(page, number, size)})

    async def _members(caller: Caller, form: Form, list_id: int) -> None:
        ids = form.ids("contact_ids", "contact_id")
        form.check()
        if ids:
            await core.contacts.lists.add_members(caller.workspace_id, list_id, ids)

    @router.post(
        "/whatsapp-contact-list-store",
        tags=["Contacts"],
        summary="Create a contact list",
        openapi_extra=example("name", "contact_ids[]", required=1),
    )
    async def create_contact_list(caller: Writer, form: StoreListFields) -> Answer[answers.Label]:
        """A list by its name; `contact_ids[]` puts contacts into it."""
        name = form.text("name", maximum=100)
        form.ids("contact_ids", "contact_id")
        form.check()
        async with core.transaction():
            made = await _named(form, core.contacts.lists.create(caller.workspace_id, name))
            await _members(caller, form, made.id)
        made = await core.contacts.lists.get(caller.workspace_id, made.id)
        return ok(shapes.label(made, caller.zone), "contact_list_created_successfully")

    @router.post(
        "/whatsapp-contact-list-update/{id}",
        tags=["Contacts"],
        summary="Rename a contact list",
        openapi_extra=example("name", "contact_ids[]", required=1),
    )
    async def update_contact_list(id: str, caller: Writer, form: StoreListFields) -> Answer[answers.Label]:
        """Another name; `contact_ids[]` puts contacts into it."""
        name = form.text("name", maximum=100)
        form.ids("contact_ids", "contact_id")
        form.check()
        list_id = parse_id(id, "contact list")
        async with core.transaction():
            await _named(form, core.contacts.lists.rename(caller.workspace_id, list_id, name))
            await _members(caller, form, list_id)
        made = await core.contacts.lists.get(caller.workspace_id, list_id)
        return ok(shapes.label(made, caller.zone), "contact_list_updated_successfully")

    # -- segments ------------------------------------------------------------------------------------

    @router.get("/segment", tags=["Contacts"], summary="Segments")
    async def list_segments(caller: Reader, form: Listed) -> Answer[answers.Segments]:
        """The saved filters; the first one, where there was none, is all contacts."""
        number, size = paging(form)
        await ensure_segment(core, caller.workspace_id)
        page = await core.contacts.segments.list(caller.workspace_id, limit=size, page=number, total=True)
        rows = [shapes.segment(row, caller.zone) for row in page.items]
        return ok({"segments": rows, **shapes.pages(page, number, size)}, RETRIEVED)


async def _named(form: Form, action: Any) -> Any:
    """A label's creation or renaming; a name that is taken is the name field's fault."""
    try:
        return await action
    except Conflict:
        form.fail("name", "The name has already been taken.")
        form.check()
        raise
