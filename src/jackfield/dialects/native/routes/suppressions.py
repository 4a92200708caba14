"""Suppressions: addresses that campaigns must skip, with import and export; and the words that opt out and in."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, File, Form, Query, Response, UploadFile
from pydantic import Field

from jackfield.core import Principal, SuppressionView
from jackfield.core import keywords as optout

from ..._kit import Str, Wire
from .. import answers
from ..checks import invalid
from ..context import Context, Pages, example
from ..envelope import Ok, Paged, iso, ok, paged
from ..files import TABLES, Format, mapping_of, streamed
from .contacts import refused

Word = Annotated[Str, Field(min_length=1, max_length=40)]
Words = Annotated[list[Word], Field(max_length=200)]


class SuppressionBody(Wire):
    """An address, or several."""

    model_config = example(address="628123456789", reason="asked by phone")

    address: Str | int | None = None
    phone: Annotated[Str | int | None, Field(description="As `address`.")] = None
    addresses: Annotated[list[Str | int], Field(max_length=1000)] = Field(default_factory=list)
    reason: Annotated[Str, Field(min_length=1, max_length=500)] = "by hand"


class OptOutBody(Wire):
    """Words by language (`*` is every language); null takes the built-in ones back. Messages are answers to them."""

    model_config = example(
        stop={"en": ["stop", "unsubscribe"], "id": ["berhenti"]},
        start={"en": ["start"], "id": ["mulai"]},
        stopReply="You will get no more offers. Write START to get them again.",
    )

    stop: dict[Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,4})?|\*)$")], Words] | None = None
    start: dict[Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,4})?|\*)$")], Words] | None = None
    stop_reply: Annotated[Str | None, Field(alias="stopReply", max_length=1000)] = None
    start_reply: Annotated[Str | None, Field(alias="startReply", max_length=1000)] = None


def suppression(view: SuppressionView) -> answers.Suppression:
    """A suppressed address, and why."""
    return {
        "id": str(view.id),
        "address": view.address,
        "reason": view.reason,
        "source": view.source,
        "createdAt": iso(view.created_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    service = core.contacts.suppressions
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    Settings = Annotated[Principal, Depends(context.allow("workspace:write"))]
    tags: list[Any] = ["Suppressions"]

    @app.get("/suppressions", tags=tags, summary="List suppressions")
    async def list_suppressions(
        caller: Reader, paging: Pages, q: Annotated[str | None, Query(max_length=160)] = None
    ) -> Paged[answers.Suppression]:
        """Newest first; `q`: the address contains."""
        page = await service.list(
            caller.workspace_id,
            q=q,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [suppression(one) for one in page.items])

    @app.post("/suppressions", tags=tags, summary="Suppress an address", status_code=201)
    async def add_suppression(
        body: SuppressionBody, caller: Writer
    ) -> Ok[answers.Suppression | list[answers.Suppression]]:
        """Campaigns skip it from now on, and say so."""
        one = body.address if body.address is not None else body.phone
        given = [*([one] if one is not None else []), *body.addresses]
        if not given:
            raise invalid("address", "Is required.")
        async with core.transaction():
            made = [await service.add(caller.workspace_id, each, reason=body.reason) for each in given]
        return ok(suppression(made[0]) if not body.addresses else [suppression(each) for each in made], 201)

    @app.post("/suppressions/import", tags=tags, summary="Import suppressions")
    async def import_suppressions(
        caller: Writer,
        file: Annotated[UploadFile, File(description="CSV or XLSX with a column of phone numbers.")],
        default_country: Annotated[str | None, Form(alias="defaultCountry", max_length=2)] = None,
        mapping: Annotated[str | None, Form(max_length=20_000)] = None,
        reason: Annotated[str, Form(min_length=1, max_length=500)] = "imported",
    ) -> Ok[answers.SuppressionImport]:
        """Suppress every number of a file."""
        report = await service.import_file(
            caller.workspace_id,
            file.file,
            filename=file.filename or "",
            default_country=default_country or None,
            mapping=mapping_of(mapping),
            reason=reason,
        )
        return ok(
            {
                "added": report.added,
                "known": report.known,
                "refused": [refused(row) for row in report.refused],
                "refusedTotal": report.refused_total,
            }
        )

    @app.get(
        "/suppressions/export",
        tags=tags,
        summary="Export suppressions",
        responses=TABLES,
        response_class=Response,
    )
    async def export_suppressions(caller: Reader, format: Format = "csv") -> Response:
        """All of them, oldest first."""
        return await streamed(service.export(caller.workspace_id, format=format), "suppressions", format)

    @app.get("/suppressions/keywords", tags=tags, summary="Words that opt out and in")
    async def get_keywords(caller: Reader) -> Ok[answers.Keywords]:
        """The words in force by language, and the answers to them."""
        return ok(_shown((await core.accounts.workspace(caller.workspace_id)).settings))

    @app.put("/suppressions/keywords", tags=tags, summary="Choose the words that opt out and in")
    async def update_keywords(body: OptOutBody, caller: Settings) -> Ok[answers.Keywords]:
        """Fields that are left out stay; null takes the built-in words back."""
        given = body.model_fields_set
        changes = {
            key: getattr(body, name)
            for name, key in (
                ("stop", optout.STOP_KEY),
                ("start", optout.START_KEY),
                ("stop_reply", optout.STOP_REPLY_KEY),
                ("start_reply", optout.START_REPLY_KEY),
            )
            if name in given
        }
        workspace = await core.accounts.update_workspace(caller.workspace_id, settings=changes, by=caller)
        return ok(_shown(workspace.settings))

    @app.delete("/suppressions/{address}", tags=tags, summary="Let campaigns reach an address again")
    async def remove_suppression(address: str, caller: Writer) -> Ok[answers.Unsuppressed]:
        """By the address, in any spelling."""
        await service.remove(caller.workspace_id, address)
        return ok({"address": address, "deleted": True})


def _shown(settings: dict[str, Any]) -> answers.Keywords:
    return {
        "stop": optout.words(settings, optout.STOP_KEY),
        "start": optout.words(settings, optout.START_KEY),
        "stopReply": settings.get(optout.STOP_REPLY_KEY),
        "startReply": settings.get(optout.START_REPLY_KEY),
    }
