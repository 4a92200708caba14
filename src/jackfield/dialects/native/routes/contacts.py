"""Contacts: people, with tags, lists and attributes; files in and out."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, File, Form, Query, Request, Response, UploadFile
from pydantic import AliasChoices, Field

from jackfield.core import (
    ContactView,
    FilePreview,
    ImportReport,
    Invalid,
    Principal,
    RefusedRow,
)

from ..._kit import Str, Wire, parse_id
from .. import answers, multiwa
from ..checks import invalid
from ..context import Beside, Context, Pages, example
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..files import TABLES, Filter, Format, filter_from, mapping_of, split_names, streamed, with_times
from ..known_numbers import on_network

SORTS = {"createdAt": "created", "created": "created", "name": "name", "lastSeenAt": "last_seen"}

FILES = "CSV (any delimiter and encoding), vCard (.vcf), XLSX, XLS, ODS, JSON, or an HTML table saved as .xls."
ENCODING = "Of a text file, such as windows-1251; guessed when left out."
SHEET = "Name or number (from 1) of a workbook's sheet; else the first that is not blank."

Names = Annotated[list[Str], Field(max_length=100)]
Refs = Annotated[list[Str | int], Field(max_length=100)]
Attributes = Annotated[
    dict[Str, Any],
    Field(validation_alias=AliasChoices("attributes", "metadata"), description="Also taken as `metadata`."),
]


class ContactBody(Wire):
    """A new contact. One of phone, name, email, identities is needed; missing tags and lists are made."""

    model_config = example(
        name="Budi Santoso",
        phone="628123456789",
        email="budi@example.com",
        tags=["vip"],
        attributes={"city": "Bandung"},
    )

    name: Str | None = None
    phone: Str | int | None = None
    phone_number: Annotated[Str | int | None, Field(alias="phoneNumber", description="As `phone`.")] = None
    email: Str | None = None
    first_name: Annotated[Str | None, Field(alias="firstName")] = None
    last_name: Annotated[Str | None, Field(alias="lastName")] = None
    country: Annotated[Str | None, Field(description="ISO 3166 code of two letters.")] = None
    tags: Names = Field(default_factory=list)
    lists: Annotated[Refs, Field(description="Names or ids.")] = Field(default_factory=list)
    attributes: Attributes = Field(default_factory=dict)
    optin: Annotated[bool | None, Field(description="Agreed to marketing; null: not asked.")] = None
    blocked: bool | None = None
    identities: dict[Str, Str | list[Str]] = Field(default_factory=dict)
    on_duplicate: Annotated[str, Field(alias="onDuplicate", pattern="^(error|skip|merge|overwrite)$")] = "error"
    profile_id: Beside = None


class ContactChange(Wire):
    """What to change; fields that are left out stay. `tags` and `lists` replace what the contact has."""

    model_config = example(name="Budi S.", tags=["vip", "returning"], optin=True)

    name: Str | None = None
    phone: Str | int | None = None
    email: Str | None = None
    first_name: Annotated[Str | None, Field(alias="firstName")] = None
    last_name: Annotated[Str | None, Field(alias="lastName")] = None
    country: Str | None = None
    optin: bool | None = None
    blocked: bool | None = None
    tags: Names | None = None
    add_tags: Annotated[Names, Field(alias="addTags")] = Field(default_factory=list)
    remove_tags: Annotated[Names, Field(alias="removeTags")] = Field(default_factory=list)
    lists: Refs | None = None
    add_lists: Annotated[Refs, Field(alias="addLists")] = Field(default_factory=list)
    remove_lists: Annotated[Refs, Field(alias="removeLists")] = Field(default_factory=list)
    attributes: Attributes = Field(default_factory=dict)
    profile_id: Beside = None


class TagsBody(Wire):
    """Labels, by name."""

    model_config = example(tags=["vip"])

    tags: Annotated[
        Annotated[list[Str], Field(max_length=1000)] | Str, Field(description="Names; one name may stand alone.")
    ]

    @property
    def names(self) -> list[str]:
        """As a list."""
        return [self.tags] if isinstance(self.tags, str) else self.tags


class BulkTagBody(Wire):
    """Labels for all contacts of a filter; an empty filter is everyone."""

    model_config = example(filter={"lists": ["Customers"]}, add=["autumn"], remove=["summer"])

    filter: dict[Str, Any] = Field(default_factory=dict)
    add: Names = Field(default_factory=list)
    remove: Names = Field(default_factory=list)


class MergeBody(Wire):
    """The contact that becomes part of the other."""

    model_config = example(contactId="2", reason="the same person")

    contact_id: Annotated[str | int, Field(alias="contactId")]
    reason: Annotated[Str, Field(min_length=1, max_length=500)] = "by hand"


class UnmergeBody(Wire):
    """Which merge to undo; the latest when it is left out."""

    model_config = example(mergeId="7")

    merge_id: Annotated[str | int | None, Field(alias="mergeId", description="As the history names it.")] = None


class CheckBody(Wire):
    """Numbers to look up on the network."""

    model_config = example(phones=["628123456789"])

    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    phones: Annotated[list[Str | int], Field(min_length=1, max_length=500)]


def contact(view: ContactView) -> answers.Contact:
    """A contact as the API shows it."""
    return {
        "id": str(view.id),
        "name": view.name,
        "firstName": view.first_name,
        "lastName": view.last_name,
        "phone": view.phone,
        "email": view.email,
        "country": view.country,
        "source": view.source,
        "optin": view.optin,
        "refusal": None if view.refusal is None else {"source": view.refusal.source, "at": iso(view.refusal.at)},
        "blocked": view.blocked,
        "tags": view.tags,
        "lists": [{"id": str(id_), "name": name} for id_, name in zip(view.list_ids, view.lists, strict=True)],
        "attributes": view.attributes,
        "identities": [{"kind": one.kind, "value": one.value} for one in view.identities],
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
        "lastSeenAt": iso(view.last_seen_at),
    }


def refused(row: RefusedRow, cells: Sequence[str] = ()) -> answers.RefusedRow:
    """A row of a file that became no contact; `cells` as the file has them, under `titles`."""
    return {"line": row.line, "value": row.value, "code": row.code, "reason": row.reason, "cells": list(cells)}


def _cells(rows: Sequence[RefusedRow], budget: int = 1 << 20) -> Iterator[Sequence[str]]:
    """The cells of refused rows, up to a million characters in all; `refusedCsv` has every one."""
    for row in rows:
        budget -= sum(map(len, row.cells))
        yield row.cells if budget > 0 else ()


def previewed(found: FilePreview) -> answers.ImportPreview:
    """What an import would do, as the API shows it."""
    return {
        "encoding": found.encoding,
        "sheet": found.sheet,
        "sheets": found.sheets,
        "hasHeader": found.has_header,
        "columns": [
            {
                "index": one.index,
                "title": one.title,
                "field": one.field,
                "name": one.name,
                "samples": one.samples,
            }
            for one in found.columns
        ],
        "mapping": found.mapping,
        "rows": found.rows,
        "complete": found.complete,
        "contacts": found.contacts,
        "countries": found.countries,
        "refusedTotal": found.refused_total,
        "reasons": found.reasons,
        "refused": [refused(row) for row in found.refused],
        "droppedTotal": found.dropped_total,
        "first": [{"line": one.line, "name": one.name, "phones": one.phones} for one in found.first],
    }


async def import_result(
    context: Context, workspace_id: int, report: ImportReport, request: Request
) -> answers.ImportResult:
    """What became of a file, with a link to the rows that were refused."""
    link = None
    if report.refused:
        file = await context.core.media.store(
            workspace_id, b"".join(report.refused_csv()), mime="text/csv", filename="refused.csv"
        )
        link, _ = context.core.media.link(file, context.options.public_url or str(request.base_url))
    return {
        "created": report.created,
        "merged": report.merged,
        "skipped": report.skipped,
        "rows": report.rows,
        "refused": [refused(row, cells) for row, cells in zip(report.refused, _cells(report.refused), strict=True)],
        "refusedTotal": report.refused_total,
        "titles": report.titles,
        "refusedCsv": link,
        "dropped": [refused(row) for row in report.dropped],
        "droppedTotal": report.dropped_total,
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Contacts"]

    def answer(view: ContactView, status: int = 200) -> Ok[answers.Contact]:
        return ok(contact(view), status, beside=multiwa.contact(view))

    def id_of(given: str) -> int:
        return parse_id(given, "contact", "CONTACT_NOT_FOUND")

    @app.get("/contacts", tags=tags, summary="List contacts")
    async def list_contacts(
        caller: Reader,
        filter_: Filter,
        paging: Pages,
        q: Annotated[str | None, Query(max_length=200, description="In name, e-mail address or number.")] = None,
        search: Annotated[str | None, Query(max_length=200, description="As `q`.")] = None,
        segment: Annotated[str | None, Query(description="Id of a segment, instead of a filter.")] = None,
        sort: Annotated[str, Query(pattern="^-?(createdAt|created|name|lastSeenAt)$")] = "-createdAt",
        profile_id: Annotated[str | None, Query(alias="profileId", include_in_schema=False)] = None,
    ) -> Paged[answers.Contact]:
        """Contacts, newest first; `sort` takes createdAt, name or lastSeenAt, with `-` for descending."""
        if profile_id is not None:
            # MultiWA's client, which wants every list counted.
            paging = multiwa.counted(paging)
        filter_ = await with_times(core, caller.workspace_id, filter_)
        wanted = q or search
        if search and search != wanted:
            raise invalid("search", "Means the same as q; give one of them.")
        if segment is not None:
            found = await core.contacts.segments.get(caller.workspace_id, segment, count=False)
            filter_ = {**found.filter, **filter_}
        page = await core.contacts.list(
            caller.workspace_id,
            filter_,
            q=wanted,
            sort=SORTS[sort.removeprefix("-")],
            descending=sort.startswith("-"),
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [contact(one) for one in page.items], beside=multiwa.listed(paging, page))

    @app.post("/contacts", tags=tags, summary="Create a contact", status_code=201)
    async def create_contact(body: ContactBody, caller: Writer, request: Request) -> Ok[answers.Contact]:
        """Make a contact. One with this number exists already: 409, unless `onDuplicate` says what to do."""

        async def make() -> Ok[answers.Contact]:
            given = body.model_dump(exclude={"on_duplicate", "phone_number", "profile_id"})
            given["phone"] = body.phone if body.phone is not None else body.phone_number
            made = await core.contacts.create(caller.workspace_id, **given, on_duplicate=body.on_duplicate)
            return answer(made, 201)

        return await context.once(request, caller, body.model_dump, make)

    @app.post(
        "/contacts/import",
        tags=tags,
        summary="Import a file",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def import_contacts(
        request: Request,
        caller: Writer,
        file: Annotated[UploadFile, File(description=FILES)],
        default_country: Annotated[str | None, Form(alias="defaultCountry", max_length=2)] = None,
        on_duplicate: Annotated[str, Form(alias="onDuplicate", pattern="^(merge|skip)$")] = "merge",
        list_: Annotated[str | None, Form(alias="list", max_length=100, description="Put all into this list.")] = None,
        tags: Annotated[str | None, Form(max_length=2000, description="Tags for all, separated by commas.")] = None,
        mapping: Annotated[str | None, Form(max_length=20_000, description='JSON: {"phone": "Column"}.')] = None,
        encoding: Annotated[str | None, Form(max_length=40, description=ENCODING)] = None,
        sheet: Annotated[str | None, Form(max_length=100, description=SHEET)] = None,
        format: Annotated[str, Query(pattern="^(json|csv)$", description="csv: the refused rows.")] = "json",
    ) -> Ok[answers.ImportResult] | Response:
        """Contacts from a file as it left a phone or spreadsheet. Headers are guessed, `mapping` overrides them;
        numbers without country code are read as `defaultCountry`'s. Rows that are no contact are refused with the
        reason, also as a CSV file (`refusedCsv`, or `?format=csv`)."""
        report = await core.contacts.import_file(
            caller.workspace_id,
            file.file,
            filename=file.filename or "",
            default_country=default_country or None,
            mapping=mapping_of(mapping),
            on_duplicate=on_duplicate,
            list_name=list_ or None,
            tags=[one.strip() for one in (tags or "").split(",") if one.strip()],
            encoding=encoding or None,
            sheet=sheet or None,
        )
        if format == "csv":
            headers = {"Content-Disposition": 'attachment; filename="refused.csv"'}
            return Response(b"".join(report.refused_csv()), media_type="text/csv; charset=utf-8", headers=headers)
        return ok(await import_result(context, caller.workspace_id, report, request))

    @app.post("/contacts/import/preview", tags=tags, summary="Preview an import")
    async def preview_import(
        caller: Reader,
        file: Annotated[UploadFile, File(description=FILES)],
        default_country: Annotated[str | None, Form(alias="defaultCountry", max_length=2)] = None,
        mapping: Annotated[str | None, Form(max_length=20_000, description='JSON: {"phone": "Column"}.')] = None,
        encoding: Annotated[str | None, Form(max_length=40, description=ENCODING)] = None,
        sheet: Annotated[str | None, Form(max_length=100, description=SHEET)] = None,
    ) -> Ok[answers.ImportPreview]:
        """What an import of this file would do; nothing is written. Tells the encoding, the sheets, what each column is
        read as with its first values, contacts by country, and which rows would be refused and why."""
        found = await core.contacts.preview_file(
            caller.workspace_id,
            file.file,
            filename=file.filename or "",
            default_country=default_country or None,
            mapping=mapping_of(mapping),
            encoding=encoding or None,
            sheet=sheet or None,
        )
        return ok(previewed(found))

    @app.get(
        "/contacts/export",
        tags=tags,
        summary="Export contacts",
        responses=TABLES,
        response_class=Response,
    )
    async def export_contacts(caller: Reader, filter_: Filter, format: Format = "csv") -> Response:
        """A file of all contacts of the filter with every attribute; no cell is taken for a formula by a spreadsheet."""
        filter_ = await with_times(core, caller.workspace_id, filter_)
        return await streamed(core.contacts.export(caller.workspace_id, filter_, format=format), "contacts", format)

    @app.post("/contacts/tags", tags=tags, summary="Tag all contacts of a filter")
    async def tag_contacts(body: BulkTagBody, caller: Writer) -> Ok[answers.Tagged]:
        """Put labels on all contacts of a filter, and take others off."""
        if not body.add and not body.remove:
            raise Invalid("add: name at least one tag", details={"add": ["Name at least one tag to add or remove."]})
        done = await core.contacts.tag_all(
            caller.workspace_id,
            await filter_from(core, caller.workspace_id, body.filter),
            add=body.add,
            remove=body.remove,
        )
        return ok({"contacts": done})

    @app.post("/contacts/check", tags=tags, summary="Which numbers are on the network")
    async def check_contacts(body: CheckBody, caller: Reader) -> Ok[list[answers.Checked]]:
        """Ask the network which numbers it knows; 422 UNSUPPORTED where the engine cannot tell. One answer for each
        that was asked, in their order; `phone` is null for what is no number."""
        channel = await context.channel(caller, body.profile_id)
        return ok(await on_network(core, channel, body.phones))

    @app.get("/contacts/{id}", tags=tags, summary="Get a contact")
    async def get_contact(id: str, caller: Reader) -> Ok[answers.Contact]:
        """One contact with all that hangs on it."""
        return answer(await core.contacts.get(caller.workspace_id, id_of(id)))

    @app.patch("/contacts/{id}", tags=tags, summary="Update a contact")
    @app.put("/contacts/{id}", tags=tags, summary="Update a contact", include_in_schema=False)
    async def update_contact(id: str, body: ContactChange, caller: Writer) -> Ok[answers.Contact]:
        """Change what is given. An attribute with an empty value is taken away."""
        changes = body.model_dump(exclude_unset=True, exclude={"profile_id"})
        for ours, wire in (
            ("tags_to_add", "add_tags"),
            ("tags_to_remove", "remove_tags"),
            ("lists_to_add", "add_lists"),
            ("lists_to_remove", "remove_lists"),
        ):
            if wire in changes:
                changes[ours] = changes.pop(wire)
        return answer(await core.contacts.update(caller.workspace_id, id_of(id), **changes))

    @app.delete("/contacts/{id}", tags=tags, summary="Delete a contact")
    async def delete_contact(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Delete a contact; its messages and chats stay, without it."""
        await core.contacts.delete(caller.workspace_id, id_of(id))
        return deleted(id)

    @app.post("/contacts/{id}/tags", tags=tags, summary="Add tags")
    async def add_contact_tags(id: str, body: TagsBody, caller: Writer) -> Ok[answers.Contact]:
        """Put labels on a contact; missing ones are made."""
        return answer(await core.contacts.add_tags(caller.workspace_id, id_of(id), body.names))

    @app.delete("/contacts/{id}/tags", tags=tags, summary="Remove tags")
    async def remove_contact_tags(
        id: str,
        caller: Writer,
        tag: Annotated[list[str] | None, Query(description="Names, where the client sends no body.")] = None,
        tags: Annotated[list[str] | None, Query(description="As `tag`; several are separated by commas.")] = None,
        body: Annotated[TagsBody | None, Body()] = None,
    ) -> Ok[answers.Contact]:
        """Take labels off a contact, named in the body or as `?tag=`."""
        names = [*(tag or []), *split_names(tags), *(body.names if body else [])]
        if not names:
            raise invalid("tags", "Name at least one tag.")
        return answer(await core.contacts.remove_tags(caller.workspace_id, id_of(id), names))

    @app.post("/contacts/{id}/unmerge", tags=tags, summary="Undo a merge")
    async def unmerge_contacts(id: str, caller: Writer, body: UnmergeBody | None = None) -> Ok[list[answers.Contact]]:
        """Make two contacts again of one, up to 30 days after a merge: chats, history, notes, tags and identities go back
        to the one that had them. A refusal of marketing stays with both. Gives both contacts."""
        which = None if body is None else body.merge_id
        ids = await core.contacts.unmerge(caller.workspace_id, id_of(id), which)
        return ok([contact(one) for one in await core.contacts.get_many(caller.workspace_id, ids)])

    @app.post("/contacts/{id}/merge", tags=tags, summary="Make one contact of two")
    async def merge_contacts(id: str, body: MergeBody, caller: Writer) -> Ok[answers.Contact]:
        """The other contact becomes part of this one, which keeps its own fields."""
        loser = parse_id(body.contact_id, "contact", "CONTACT_NOT_FOUND")
        return ok(contact(await core.contacts.merge(caller.workspace_id, id_of(id), loser, reason=body.reason)))

    @app.get("/contacts/{id}/history", tags=tags, summary="Merged contacts and former numbers")
    async def list_contact_history(id: str, caller: Reader) -> Ok[list[answers.ContactEvent]]:
        """What became part of a contact, newest first."""
        rows = await core.contacts.history(caller.workspace_id, id_of(id))
        return ok(
            [
                {
                    "id": str(row.id),
                    "mergedId": str(row.merged_id) if row.merged_id else None,
                    "data": row.data,
                    "reason": row.reason,
                    "undoable": row.undoable,
                    "createdAt": iso(row.created_at),
                }
                for row in rows
            ]
        )
