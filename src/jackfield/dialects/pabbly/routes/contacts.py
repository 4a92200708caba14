"""Contacts: made one or many at once, changed, listed with filters, and their lists."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from msgspec import UNSET

from jackfield.core import ContactInput, ContactView, Invalid, JackfieldError, Principal

from ..._kit import json_body
from ..._openapi import Answer
from ..._strict import known_fields
from .. import answers, ids, params, shapes
from ..context import Context
from ..convert import SOURCES, attributes_of, contact_input
from ..envelope import iso, ok
from ..fields import CHANGES, CONTACT

PAGE = 25
"""Contacts per page: the documented default and cap."""
AT_ONCE = 1000
"""Contacts per request; each is a transaction of its own."""
_NUMBER = re.compile(r"[\s+().-]*\d[\d\s+().-]*", re.ASCII)
_ATTRIBUTE = re.compile(r"attributes\[(\d{1,3})\]\[(name|value)\]")


def register(api: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]

    async def shown(caller: Principal, views: list[ContactView]) -> list[dict[str, Any]]:
        attribute_ids = await _attribute_ids(context, caller.workspace_id, views)
        reached = await core.campaigns.that_reached(caller.workspace_id, [one.phone for one in views if one.phone])
        return [shapes.contact(one, attribute_ids, reached.get(one.phone or "", ())) for one in views]

    async def contact_answer(caller: Principal, view: ContactView, *, single: bool = False) -> dict[str, Any]:
        (data,) = await shown(caller, [view])
        if single:
            setting, user = await context.workspace(caller.workspace_id)
            data |= {"settingId": setting, "userId": user}
            data["lastActive"] = iso(view.last_seen_at or view.updated_at)
        return data

    async def find(caller: Principal, given_id: str) -> ContactView:
        with ids.named("Contact", given_id):
            view = await core.contacts.get(caller.workspace_id, ids.decode(given_id, "Contact"))
        ids.check(given_id, view.created_at, view.id, "Contact")
        return view

    @api.post("/contacts", tags=["Contacts"], summary="Create contacts")
    async def create_contacts(request: Request, caller: Writer) -> Answer[answers.SavedContacts]:
        """Create one contact (its fields in the body) or many (a list, or `contacts`)."""
        body = await json_body(request, context.options.max_body)
        rows, single = _rows(body)
        options = body if isinstance(body, dict) else {}
        on_duplicate = "skip"
        wanted = params.text(options, "onDuplicate", maximum=20) or request.query_params.get("onDuplicate")
        if wanted:
            on_duplicate = params.one_of({"onDuplicate": wanted}, "onDuplicate", ("skip", "overwrite"))
        created, failed = [], []
        for row in rows:
            try:
                saved = await core.contacts.save(
                    caller.workspace_id, _input(row), on_duplicate=on_duplicate, strict=True
                )
                if saved.outcome == "skipped":
                    raise Invalid("A contact with this mobile number exists already.", code="CONTACT_EXISTS")
                created.append(shapes.created_contact(saved.contact))
            except JackfieldError as error:
                if single and error.code != "CONTACT_EXISTS":
                    raise as_given(error) from None
                mobile = row.get("mobile") if isinstance(row, Mapping) else None
                name = row.get("name") if isinstance(row, Mapping) else None
                failed.append({"mobile": mobile, "name": name, "reason": _words(error), "code": error.code})
        many = "contact" if len(created) == 1 else "contacts"
        return ok(
            f"{len(created)} {many} saved successfully",
            {"createdContacts": created, "failedCount": len(failed), "failedContacts": failed},
        )

    @api.get("/contacts/lists", tags=["Contacts"], summary="Get contact lists")
    async def list_contact_lists(caller: Reader) -> Answer[answers.ContactLists]:
        """All contact lists, the newest first."""
        found = sorted(await core.contacts.lists.all(caller.workspace_id), key=lambda one: -one.id)
        return ok(
            "Lists retrieved successfully.",
            {"lists": [shapes.contact_list(one) for one in found], "total": len(found)},
        )

    @api.get("/contacts/{id}", tags=["Contacts"], summary="Get a contact")
    async def get_contact(id: str, caller: Reader) -> Answer[answers.OneContact]:
        """One contact."""
        return ok("Contact retrieved successfully.", await contact_answer(caller, await find(caller, id), single=True))

    @api.put("/contacts/{id}", tags=["Contacts"], summary="Update a contact")
    async def update_contact(id: str, request: Request, caller: Writer) -> Answer[answers.Contact]:
        """Change what is given: `tags` replaces, `tagsToAdd` and `tagsToRemove` add and take off; an attribute with
        an empty value is taken away."""
        view = await find(caller, id)
        data = await context.body(request, CHANGES)
        changes: dict[str, Any] = {}
        if data.get("name") is not None:
            # null is "not given", as everywhere; an empty text takes the name away.
            changes["name"] = params.text(data, "name", maximum=200) or ""
        if data.get("mobile") not in (None, ""):
            changes["phone"] = contact_input(data).phone
        for field, name in (("optin", "optin"), ("incomingBlocked", "blocked")):
            value = params.flag(data, field)
            if value is not None:
                changes[name] = value
        tags = params.names(data, "tags")
        try:
            changed = await core.contacts.update(
                caller.workspace_id,
                view.id,
                tags=UNSET if tags is None else tags,
                tags_to_add=params.names(data, "tagsToAdd") or (),
                tags_to_remove=params.names(data, "tagsToRemove") or (),
                attributes=attributes_of(data),
                strict=True,
                **changes,
            )
        except Invalid as error:
            raise as_given(error) from None
        answer = await contact_answer(caller, changed)
        return ok("Contact updated successfully", {**answer, "list": ["all", *changed.lists]})

    async def list_contacts(request: Request, caller: Reader) -> Answer[answers.Contacts]:
        """Contacts, newest first: filters name, mobile, tags, optin, source, incomingBlocked and
        attributes[0][name], attributes[0][value]; `order` 1 or -1; `limit` up to 25; `page` (over `skip`)."""
        query = request.query_params
        filter_ = _filter(query)
        limit = min(params.integer(query.get("limit"), "limit", PAGE), PAGE)
        page_number = params.integer(query.get("page"), "page", 0)
        skip = (page_number - 1) * limit if page_number else params.integer(query.get("skip"), "skip", 0, minimum=0)
        descending = (
            params.one_of(query, "order", ("1", "-1", "asc", "desc")) in ("-1", "desc") if query.get("order") else True
        )
        first, rest = divmod(skip, limit)
        page = await core.contacts.list(
            caller.workspace_id, filter_, descending=descending, limit=limit, page=first + 1, total=True
        )
        rows = list(page.items)
        if rest:
            # A skip that is no multiple of the page size lies across two pages.
            more = await core.contacts.list(
                caller.workspace_id, filter_, descending=descending, limit=limit, page=first + 2
            )
            rows = [*rows, *more.items][rest : rest + limit]
        total = page.total or 0
        number = page_number or first + 1
        remaining = max(0, total - skip - len(rows))
        next_ = None
        if remaining and rows:
            kept = [(key, value) for key, value in query.multi_items() if key not in ("limit", "page", "skip")]
            onward = ("page", str(number + 1)) if not rest else ("skip", str(skip + len(rows)))
            next_ = context.address(request, "/contacts", [*kept, ("limit", str(limit)), onward])
        return ok(
            "Contacts retrieved successfully",
            {
                "contacts": await shown(caller, rows),
                "next": next_,
                "totalCount": total,
                "currentPage": number,
                "remainingCount": remaining,
                "count": len(rows),
            },
        )

    # The documentation has the path with a slash at its end, its `next` without.
    api.get("/contacts", tags=["Contacts"], summary="Get contacts")(list_contacts)
    api.get("/contacts/", include_in_schema=False)(list_contacts)


def _rows(body: Any) -> tuple[list[Any], bool]:
    """The contacts in a body, and whether it is one contact's own fields."""
    if isinstance(body, dict) and isinstance(body.get("contacts"), list | str):
        known_fields(body, ("contacts", "onDuplicate"))
        rows = params.items(body, "contacts", maximum=AT_ONCE)
    elif isinstance(body, list):
        rows = body
    else:
        return [{name: value for name, value in params.body_of(body).items() if name != "onDuplicate"}], True
    if not rows:
        raise params.required("contacts")
    if len(rows) > AT_ONCE:
        raise params.bad("contacts", f"must have at most {AT_ONCE} entries.")
    return rows, False


def _input(row: Any) -> ContactInput:
    if not isinstance(row, Mapping):
        raise Invalid("A contact must be an object.")
    known_fields(row, CONTACT)
    return contact_input(row)


def as_given(error: JackfieldError, place: str = "") -> JackfieldError:
    """The same error with the fields of a contact as callers write them; `place` stands before them."""
    words = _words(error)
    return Invalid(place + words if ": " in words else words, code=error.code, details=error.details)


_OURS = {
    "phone": "mobile",
    "blocked": "incomingBlocked",
    "tags_to_add": "tagsToAdd",
    "tags_to_remove": "tagsToRemove",
    "lists": "list",
}


def _words(error: JackfieldError) -> str:
    """The error with the documentation's names of fields; tags and attributes that do not exist are said to."""
    field, separator, rest = error.message.partition(": ")
    if not separator or " " in field:
        return error.message
    name = _OURS.get(field, field)
    if rest.startswith("unknown "):
        return f"{name}: not in settings: {rest.removeprefix('unknown ')}."
    return f"{name}: {rest}"


async def _attribute_ids(context: Context, workspace_id: int, views: list[ContactView]) -> dict[str, str]:
    if not any(view.attributes for view in views):
        return {}
    known = await context.core.contacts.attributes.all(workspace_id)
    return {one.name.casefold(): ids.encode(one.created_at, one.id) for one in known}


def _place(number: str, name: str) -> str:
    """An attribute's field as the caller wrote it: in brackets, or in JSON text."""
    n, list_, _ = number.partition(" ")
    return f"attributes[{n}].{name}" if list_ else f"attributes[{n}][{name}]"


def _filter(query: Any) -> dict[str, Any]:
    """The filter that the query means. Raises Invalid."""
    found: dict[str, Any] = {}
    name = params.text(query, "name", maximum=200)
    if name is not None:
        found["name"] = name.strip()
    mobile = params.text(query, "mobile", maximum=40)
    if mobile is not None:
        if not _NUMBER.fullmatch(mobile):
            raise params.bad("mobile", "must be a number or a part of one.")
        found["phone"] = mobile
    tags = params.names(query, "tags")
    if tags:
        found["any_tags"] = tags
    for field, key in (("optin", "optin"), ("incomingBlocked", "blocked")):
        value = params.flag(query, field)
        if value is not None:
            found[key] = value
    if query.get("source"):
        found["source"] = params.one_of(query, "source", SOURCES)
    pairs: dict[str, dict[str, str]] = {}
    for key, value in query.multi_items():
        match = _ATTRIBUTE.fullmatch(key)
        if match:
            pairs.setdefault(match[1], {})[match[2]] = params.plain(value, key, 2000)
        elif key.startswith("attributes["):
            raise params.bad(key[:60], "must be attributes[0][name] or attributes[0][value].")
    for index, one in enumerate(params.items(query, "attributes", maximum=200)):
        # The same as JSON text.
        if not isinstance(one, Mapping):
            raise params.bad("attributes", "must be a list of objects with name and value.")
        known_fields(one, ("name", "value"), f"attributes[{index}].")
        pairs[f"{index} of the list"] = {
            key: params.plain("" if value is None else value, f"attributes[{index}].{key}", 2000)
            for key, value in one.items()
        }
    for number, pair in sorted(pairs.items()):
        if "name" not in pair or not pair["name"].strip():
            raise params.required(_place(number, "name"))
        if "value" not in pair:
            raise params.required(_place(number, "value"))
        wanted = found.setdefault("attributes", {})
        folded = {one.casefold(): value for one, value in wanted.items()}
        if folded.get(pair["name"].casefold(), pair["value"]) != pair["value"]:
            # Two values of one attribute: both must match, so nobody does.
            found["ids"] = []
        wanted[pair["name"]] = pair["value"]
    return found
