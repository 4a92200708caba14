"""Templates: the provider's, with what they need and how they read."""

from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Query
from pydantic import Field

from jackfield.core import Principal, TemplateView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Pages, example
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..values import TemplateValues
from .groups import OnProfileBody

Components = Annotated[list[dict[str, Any]], Field(max_length=20, description="In Meta's shape.")]


class NewTemplateBody(Wire):
    """A new template, for the provider to review."""

    model_config = example(
        profileId="1",
        name="pickup_ready",
        language="en_US",
        category="UTILITY",
        components=[
            {"type": "BODY", "text": "Hi {{1}}, your order is ready.", "example": {"body_text": [["Budi"]]}},
        ],
    )

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    name: Annotated[Str, Field(min_length=1, max_length=512)]
    language: Annotated[Str, Field(min_length=2, max_length=16)]
    category: Annotated[Str, Field(max_length=30)] = "UTILITY"
    components: Components
    parameter_format: Annotated[Str, Field(alias="parameterFormat", max_length=20)] = "POSITIONAL"


class TemplateChange(Wire):
    """What to change; the provider reviews it again."""

    model_config = example(components=[{"type": "BODY", "text": "Your order is ready."}])

    components: Components | None = None
    category: Annotated[Str | None, Field(max_length=30)] = None


class PreviewBody(TemplateValues):
    """Values to fill in; with none the template's own examples are shown."""

    model_config = example()


def template(row: TemplateView) -> answers.TemplateInfo:
    """A template as the API shows it."""
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "providerId": row.provider_id,
        "name": row.name,
        "language": row.language,
        "category": row.category,
        "status": row.status,
        "quality": row.quality,
        "parameterFormat": row.parameter_format,
        "rejectedReason": row.rejected_reason,
        "components": row.components,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("templates:read"))]
    Writer = Annotated[Principal, Depends(context.allow("templates:write"))]
    tags: list[Any] = ["Templates"]

    async def find(caller: Principal, given: str) -> TemplateView:
        row = await core.templates.get(caller.workspace_id, parse_id(given, "template", "TEMPLATE_NOT_FOUND"))
        caller.channel(row.channel_id)
        return row

    @app.get("/templates", tags=tags, summary="List templates")
    async def list_templates(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        name: Annotated[str | None, Query(max_length=512)] = None,
        language: Annotated[str | None, Query(max_length=16)] = None,
        status: Annotated[str | None, Query(max_length=30)] = None,
        category: Annotated[str | None, Query(max_length=30)] = None,
        quality: Annotated[
            str | None, Query(max_length=30, description="`GREEN`, `YELLOW`, `RED` or `UNKNOWN`.")
        ] = None,
        search: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Paged[answers.TemplateInfo]:
        """Templates as the provider lists them; read anew when a profile connects, hourly, and by `/templates/sync`."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.templates.list(
            caller.workspace_id,
            channel_id=caller.only(channel_id),
            name=name,
            language=language,
            status=status,
            category=category,
            quality=quality,
            search=search,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [template(row) for row in page.items])

    @app.post("/templates", tags=tags, summary="Create a template", status_code=201)
    async def create_template(body: NewTemplateBody, caller: Writer) -> Ok[answers.TemplateInfo]:
        """Submit a template for the provider's review."""
        channel = await context.channel(caller, body.profile_id)
        row = await core.templates.create(
            caller.workspace_id,
            channel.id,
            name=body.name,
            language=body.language,
            category=body.category,
            components=body.components,
            parameter_format=body.parameter_format,
        )
        return ok(template(row), 201)

    @app.post("/templates/sync", tags=tags, summary="Read the templates from the provider")
    async def sync_templates(caller: Writer, body: OnProfileBody | None = None) -> Ok[answers.TemplatesSynced]:
        """Read a profile's templates anew."""
        channel = await context.channel(caller, body.profile_id if body else None)
        return ok({"profileId": str(channel.id), "templates": await core.templates.sync_channel(channel.id)})

    @app.get("/templates/{id}", tags=tags, summary="Get a template")
    async def get_template(id: str, caller: Reader) -> Ok[answers.TemplateDetails]:
        """One template, with the values that a message of it must give."""
        row = await find(caller, id)
        return ok({**template(row), "parameters": [msgspec.to_builtins(one) for one in core.templates.required(row)]})

    @app.get("/templates/{id}/parameters", tags=tags, summary="Required parameters")
    async def list_template_parameters(id: str, caller: Reader) -> Ok[list[answers.TemplateParameter]]:
        """What a message of this template must give: place, kind, key, and the example it was approved with."""
        return ok([msgspec.to_builtins(one) for one in core.templates.required(await find(caller, id))])

    @app.post("/templates/{id}/preview", tags=tags, summary="Preview with values")
    async def preview_template(id: str, caller: Reader, body: PreviewBody | None = None) -> Ok[answers.TemplatePreview]:
        """How the recipient sees it. Values that do not fit are refused as a send would be."""
        row = await find(caller, id)
        content = core.templates.compose(row, body.values()) if body is not None and body.model_fields_set else None
        shown = core.templates.preview(row, content)
        return ok(_preview(msgspec.to_builtins(shown)))

    @app.patch("/templates/{id}", tags=tags, summary="Update a template")
    @app.put("/templates/{id}", tags=tags, summary="Update a template", include_in_schema=False)
    async def update_template(id: str, body: TemplateChange, caller: Writer) -> Ok[answers.TemplateInfo]:
        """Change components or category at the provider."""
        row = await find(caller, id)
        row = await core.templates.edit(caller.workspace_id, row.id, components=body.components, category=body.category)
        return ok(template(row))

    @app.delete("/templates/{id}", tags=tags, summary="Delete a template")
    async def delete_template(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Delete this language of a template at the provider."""
        row = await find(caller, id)
        await core.templates.delete(caller.workspace_id, row.id)
        return deleted(row.id)


def _preview(shown: dict[str, Any]) -> answers.TemplatePreview:
    return {
        "header": shown["header"],
        "headerKind": shown["header_kind"],
        "body": shown["body"],
        "footer": shown["footer"],
        "buttons": [
            {("phoneNumber" if key == "phone_number" else key): value for key, value in one.items()}
            for one in shown["buttons"]
        ],
        "cards": [_preview(one) for one in shown["cards"]],
    }
