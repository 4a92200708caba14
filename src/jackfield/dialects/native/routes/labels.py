"""What contacts are grouped by: lists, tags, attributes, segments."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from msgspec import UNSET
from pydantic import AliasChoices, Field

from jackfield.core import LabelView, Page, Principal, SegmentView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..checks import invalid
from ..context import Context, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..files import filter_from
from .contacts import contact

Name = Annotated[Str, Field(min_length=1, max_length=100)]
Counts = Annotated[bool, Query(description="With the number of contacts.")]
Search = Annotated[str | None, Query(max_length=200, description="In the name.")]


class NameBody(Wire):
    """A name."""

    model_config = example(name="Customers")

    name: Name


FIRST = "Given to who writes for the first time."
Keywords = Annotated[
    list[Annotated[Str, Field(min_length=1, max_length=100)]],
    Field(max_length=100, description="Given to who writes one of these words, or phrases, from now on."),
]


class TagBody(Wire):
    """A tag. With `firstMessage` or `keywords` it is given by what people write."""

    model_config = example(name="vip", color="#ffaa00", keywords=["premium", "gold card"])

    name: Name
    color: Annotated[Str | None, Field(max_length=50)] = None
    first_message: Annotated[bool, Field(alias="firstMessage", description=FIRST)] = False
    keywords: Keywords = Field(default_factory=list)


class TagChange(Wire):
    """What to change."""

    model_config = example(color="#00aaff")

    name: Name | None = None
    color: Annotated[Str | None, Field(max_length=50)] = None
    first_message: Annotated[bool | None, Field(alias="firstMessage", description=FIRST)] = None
    keywords: Keywords | None = None


class AttributeBody(Wire):
    """A custom field; `kind` is text, number, date or boolean."""

    model_config = example(name="city", kind="text")

    name: Name
    kind: Annotated[
        str,
        Field(
            pattern="^(text|number|date|boolean)$",
            validation_alias=AliasChoices("kind", "type"),
            description="Also taken as `type`.",
        ),
    ] = "text"


class AttributeChange(Wire):
    """What to change."""

    model_config = example(name="town")

    name: Name | None = None
    kind: Annotated[str | None, Field(pattern="^(text|number|date|boolean)$")] = None


class MembersBody(Wire):
    """Contacts by id, or all of a filter."""

    model_config = example(contactIds=["1"])

    contact_ids: Annotated[list[Str | int], Field(alias="contactIds", max_length=10_000)] = Field(default_factory=list)
    filter: dict[str, Any] | None = None


class SegmentBody(Wire):
    """A saved filter; an empty one is everyone."""

    model_config = example(name="VIPs of Bandung", filter={"tags": ["vip"], "attributes": {"city": "Bandung"}})

    name: Name
    filter: dict[str, Any] = Field(default_factory=dict)


class SegmentChange(Wire):
    """What to change."""

    model_config = example(filter={"any_tags": ["vip", "gold"]})

    name: Name | None = None
    filter: dict[str, Any] | None = None


class FilterBody(Wire):
    """A filter to try."""

    model_config = example(filter={"tags": ["vip"]})

    filter: dict[str, Any] = Field(default_factory=dict)
    limit: Annotated[int, Field(ge=1, le=100)] = 10


def label(view: LabelView) -> answers.Label:
    """A list, tag or attribute."""
    shown: answers.Label = {
        "id": str(view.id),
        "name": view.name,
        "contacts": view.contacts,
        "createdAt": iso(view.created_at),
    }
    if view.color is not None:
        shown["color"] = view.color
    if view.kind is not None:
        shown["kind"] = view.kind
    return shown


def tag(view: LabelView) -> answers.Label:
    """A tag, with what gives it by itself."""
    return {**label(view), "firstMessage": view.first_message, "keywords": [*view.keywords]}


def segment(view: SegmentView) -> answers.Segment:
    """A segment."""
    return {
        "id": str(view.id),
        "name": view.name,
        "filter": view.filter,
        "contacts": view.contacts,
        "createdAt": iso(view.created_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    contacts = context.core.contacts
    for register_one in (_lists, _tags, _attributes, _segments):
        register_one(app, context)
    for noun, service, code in (
        ("lists", contacts.lists, "LIST_NOT_FOUND"),
        ("tags", contacts.tags, "TAG_NOT_FOUND"),
        ("attributes", contacts.attributes, "ATTRIBUTE_NOT_FOUND"),
    ):
        _common(app, context, noun, service, code)


def _common(app: FastAPI, context: Context, noun: str, service: Any, code: str) -> None:
    """What the three have in common: list, get, delete."""
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = [noun.title()]
    word = noun.removesuffix("s")
    shown = tag if noun == "tags" else label

    @app.get(f"/{noun}", tags=tags, summary=f"List {noun}", name=f"list_{noun}")
    async def list_labels(
        caller: Reader, paging: Pages, q: Search = None, counts: Counts = True
    ) -> Paged[answers.Label]:
        """In the order in which they were made."""
        page: Page[LabelView] = await service.list(caller.workspace_id, q=q, counts=counts, **numbers(paging))
        return paged(page, [shown(one) for one in page.items])

    @app.get(f"/{noun}/{{id}}", tags=tags, summary=f"Get one of the {noun}", name=f"get_{word}")
    async def get_label(id: str, caller: Reader) -> Ok[answers.Label]:
        """With the number of contacts."""
        return ok(shown(await service.get(caller.workspace_id, parse_id(id, word, code))))

    @app.delete(f"/{noun}/{{id}}", tags=tags, summary=f"Delete one of the {noun}", name=f"delete_{word}")
    async def delete_label(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """It is taken off its contacts, which stay."""
        await service.delete(caller.workspace_id, parse_id(id, word, code))
        return deleted(id)


def _lists(app: FastAPI, context: Context) -> None:
    service = context.core.contacts.lists
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Lists"]

    def id_of(given: str) -> int:
        return parse_id(given, "list", "LIST_NOT_FOUND")

    def contact_ids(body: MembersBody) -> list[int]:
        return [parse_id(one, "contact", "CONTACT_NOT_FOUND") for one in body.contact_ids]

    @app.post("/lists", tags=tags, summary="Create a list", status_code=201)
    async def create_list(body: NameBody, caller: Writer) -> Ok[answers.Label]:
        """A static group of contacts."""
        return ok(label(await service.create(caller.workspace_id, body.name)), 201)

    @app.patch("/lists/{id}", tags=tags, summary="Rename a list")
    async def rename_list(id: str, body: NameBody, caller: Writer) -> Ok[answers.Label]:
        """Give it another name."""
        return ok(label(await service.rename(caller.workspace_id, id_of(id), body.name)))

    @app.get("/lists/{id}/contacts", tags=tags, summary="Contacts of a list")
    async def list_list_contacts(id: str, caller: Reader, paging: Pages) -> Paged[answers.Contact]:
        """Contacts, newest first."""
        found = await service.get(caller.workspace_id, id_of(id))
        page = await context.core.contacts.list(caller.workspace_id, {"lists": [found.id]}, **numbers(paging))
        return paged(page, [contact(one) for one in page.items])

    @app.post("/lists/{id}/contacts", tags=tags, summary="Put contacts into a list")
    async def add_list_contacts(id: str, body: MembersBody, caller: Writer) -> Ok[answers.Added]:
        """By id, or all that a filter gives; `added` counts those that were not in it."""
        if body.filter is not None:
            chosen = await filter_from(context.core, caller.workspace_id, body.filter)
            added = await service.add_matching(caller.workspace_id, id_of(id), chosen)
        elif body.contact_ids:
            added = await service.add_members(caller.workspace_id, id_of(id), contact_ids(body))
        else:
            raise invalid("contactIds", "Name contacts, or give a filter.")
        return ok({"added": added})

    @app.delete("/lists/{id}/contacts", tags=tags, summary="Take contacts out of a list")
    async def remove_list_contacts(id: str, body: MembersBody, caller: Writer) -> Ok[answers.Removed]:
        """`removed` counts those that were in it."""
        removed = await service.remove_members(caller.workspace_id, id_of(id), contact_ids(body))
        return ok({"removed": removed})


def _tags(app: FastAPI, context: Context) -> None:
    service = context.core.contacts.tags
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Tags"]

    @app.post("/tags", tags=tags, summary="Create a tag", status_code=201)
    async def create_tag(body: TagBody, caller: Writer) -> Ok[answers.Label]:
        """A label for contacts."""
        made = await service.create(
            caller.workspace_id,
            body.name,
            color=body.color,
            first_message=body.first_message,
            keywords=body.keywords,
        )
        return ok(tag(made), 201)

    @app.patch("/tags/{id}", tags=tags, summary="Update a tag")
    async def update_tag(id: str, body: TagChange, caller: Writer) -> Ok[answers.Label]:
        """Change what is given; `keywords` replaces. Contacts that have the tag keep it."""
        changed = await service.update(
            caller.workspace_id,
            parse_id(id, "tag", "TAG_NOT_FOUND"),
            name=body.name if body.name is not None else UNSET,
            color=body.color if "color" in body.model_fields_set else UNSET,
            first_message=body.first_message if body.first_message is not None else UNSET,
            keywords=body.keywords if body.keywords is not None else UNSET,
        )
        return ok(tag(changed))


def _attributes(app: FastAPI, context: Context) -> None:
    service = context.core.contacts.attributes
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Attributes"]

    @app.post("/attributes", tags=tags, summary="Create an attribute", status_code=201)
    async def create_attribute(body: AttributeBody, caller: Writer) -> Ok[answers.Label]:
        """A custom field of contacts."""
        return ok(label(await service.create(caller.workspace_id, body.name, kind=body.kind)), 201)

    @app.patch("/attributes/{id}", tags=tags, summary="Update an attribute")
    async def update_attribute(id: str, body: AttributeChange, caller: Writer) -> Ok[answers.Label]:
        """Change name or kind; the values stay as they are."""
        changed = await service.update(
            caller.workspace_id,
            parse_id(id, "attribute", "ATTRIBUTE_NOT_FOUND"),
            name=body.name if body.name is not None else UNSET,
            kind=body.kind if body.kind is not None else UNSET,
        )
        return ok(label(changed))


def _segments(app: FastAPI, context: Context) -> None:
    service = context.core.contacts.segments
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Segments"]

    def id_of(given: str) -> int:
        return parse_id(given, "segment", "SEGMENT_NOT_FOUND")

    @app.get("/segments", tags=tags, summary="List segments")
    async def list_segments(caller: Reader, paging: Pages) -> Paged[answers.Segment]:
        """In the order in which they were made, uncounted."""
        page = await service.list(caller.workspace_id, **numbers(paging))
        return paged(page, [segment(one) for one in page.items])

    @app.post("/segments", tags=tags, summary="Create a segment", status_code=201)
    async def create_segment(body: SegmentBody, caller: Writer) -> Ok[answers.Segment]:
        """Save a filter over fields, attributes, tags, lists, last seen, opt-in, and what a campaign reached."""
        chosen = await filter_from(context.core, caller.workspace_id, body.filter)
        made = await service.create(caller.workspace_id, body.name, chosen)
        return ok(segment(await service.get(caller.workspace_id, made.id)), 201)

    @app.post("/segments/preview", tags=tags, summary="Try a filter")
    async def preview_segment(body: FilterBody, caller: Reader) -> Ok[answers.SegmentPreview]:
        """How many contacts a filter gives now, and the newest of them."""
        chosen = await filter_from(context.core, caller.workspace_id, body.filter)
        found = await service.preview(caller.workspace_id, chosen, limit=body.limit)
        return ok({"count": found.count, "contacts": [contact(one) for one in found.contacts]})

    @app.get("/segments/{id}", tags=tags, summary="Get a segment")
    async def get_segment(id: str, caller: Reader) -> Ok[answers.Segment]:
        """With the number of contacts that match now."""
        return ok(segment(await service.get(caller.workspace_id, id_of(id))))

    @app.patch("/segments/{id}", tags=tags, summary="Update a segment")
    async def update_segment(id: str, body: SegmentChange, caller: Writer) -> Ok[answers.Segment]:
        """Change name or filter."""
        changed = await service.update(
            caller.workspace_id,
            id_of(id),
            name=body.name if body.name is not None else UNSET,
            filter=await filter_from(context.core, caller.workspace_id, body.filter)
            if body.filter is not None
            else UNSET,
        )
        return ok(segment(changed))

    @app.delete("/segments/{id}", tags=tags, summary="Delete a segment")
    async def delete_segment(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Campaigns made from it keep their audience."""
        await service.delete(caller.workspace_id, id_of(id))
        return deleted(id)

    @app.get("/segments/{id}/contacts", tags=tags, summary="Contacts of a segment")
    async def list_segment_contacts(id: str, caller: Reader, paging: Pages) -> Paged[answers.Contact]:
        """Contacts that match now, newest first."""
        found = await service.get(caller.workspace_id, id_of(id), count=False)
        page = await context.core.contacts.list(caller.workspace_id, found.filter, **numbers(paging))
        return paged(page, [contact(one) for one in page.items])
