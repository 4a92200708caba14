"""Templates: the provider's, with what they need and how they read."""

from typing import Annotated, Any, Literal, Self

import msgspec
from fastapi import Depends, FastAPI, Query
from pydantic import Field, model_validator

from jackfield.core import Principal, TemplateView, Values

from ..._kit import Str, Wire, parse_id
from ..._problems import field_error
from .. import answers, multiwa
from ..checks import invalid
from ..context import Beside, Context, Pages, example
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..text_templates import (
    LANGUAGE,
    TextTemplate,
    beside,
    category_of,
    check_name,
    components_of,
    named,
    rendered,
    values_of,
)
from ..values import TemplateValues, Value
from .groups import OnProfileBody

Components = Annotated[list[dict[str, Any]], Field(max_length=20, description="In Meta's shape.")]
Written = Annotated[
    TextTemplate | Str | None, Field(description="A text with `{{name}}` for values, instead of components (MultiWA).")
]
MessageType = Annotated[
    Literal["text"] | None, Field(alias="messageType", description="Only text; files are headers of components.")
]


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
    language: Annotated[Str | None, Field(min_length=2, max_length=16, description="Needed with components.")] = None
    category: Annotated[Str, Field(max_length=30)] = "UTILITY"
    components: Components | None = None
    parameter_format: Annotated[Str, Field(alias="parameterFormat", max_length=20)] = "POSITIONAL"
    content: Written = None
    message_type: MessageType = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.content is None:
            for field in ("components", "language"):
                if getattr(self, field) is None:
                    raise field_error(field, "Is required.")
        elif self.components is not None:
            raise field_error("content", "Give components or content, not both.")
        return self


class TemplateChange(Wire):
    """What to change; the provider reviews it again."""

    model_config = example(components=[{"type": "BODY", "text": "Your order is ready."}])

    components: Components | None = None
    category: Annotated[Str | None, Field(max_length=30)] = None
    content: Written = None
    message_type: MessageType = None
    profile_id: Beside = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.content is not None and self.components is not None:
            raise field_error("content", "Give components or content, not both.")
        return self


class PreviewBody(TemplateValues):
    """Values to fill in; with none the template's own examples are shown."""

    model_config = example()

    variables: Annotated[
        dict[Str, Value] | None,
        Field(description="All values by name, or by number, wherever they stand in the template."),
    ] = None

    def filled(self, row: TemplateView) -> Values | None:
        """The values; None where none are given. Raises Invalid."""
        if self.variables is not None and self.model_fields_set - {"variables"}:
            raise invalid("variables", "Give all values as variables, or none.")
        if self.variables is not None:
            return values_of(row, self.variables)
        return self.values() if self.model_fields_set else None


class TemplateCopyBody(Wire):
    """The copy's name."""

    model_config = example(name="pickup_ready_2")

    name: Annotated[Str | None, Field(min_length=1, max_length=512)] = None


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
        if profile_id:
            paging = multiwa.counted(paging)
        page = await core.templates.list(
            caller.workspace_id,
            channel_id=caller.only(channel_id),
            name=name,
            language=language,
            status=status,
            category=category_of(category) if category else None,
            quality=quality,
            search=search,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [template(row) for row in page.items], beside=multiwa.listed(paging, page))

    @app.post("/templates", tags=tags, summary="Create a template", status_code=201)
    async def create_template(body: NewTemplateBody, caller: Writer) -> Ok[answers.TemplateInfo]:
        """Submit a template for the provider's review."""
        channel = await context.channel(caller, body.profile_id)
        components, parameter_format = body.components or [], body.parameter_format
        if body.content is not None:
            check_name(body.name)
            components = components_of(body.content)
            parameter_format = "NAMED" if named(components) else "POSITIONAL"
        row = await core.templates.create(
            caller.workspace_id,
            channel.id,
            name=body.name,
            language=body.language or LANGUAGE,
            category=category_of(body.category),
            components=components,
            parameter_format=parameter_format,
        )
        return ok(template(row), 201, beside=beside(row))

    @app.post("/templates/sync", tags=tags, summary="Read the templates from the provider")
    async def sync_templates(caller: Writer, body: OnProfileBody | None = None) -> Ok[answers.TemplatesSynced]:
        """Read a profile's templates anew."""
        channel = await context.channel(caller, body.profile_id if body else None)
        return ok({"profileId": str(channel.id), "templates": await core.templates.sync_channel(channel.id)})

    @app.get("/templates/{id}", tags=tags, summary="Get a template")
    async def get_template(id: str, caller: Reader) -> Ok[answers.TemplateDetails]:
        """One template, with the values that a message of it must give."""
        row = await find(caller, id)
        parameters = [msgspec.to_builtins(one) for one in core.templates.required(row)]
        return ok({**template(row), "parameters": parameters}, beside=beside(row))

    @app.get("/templates/{id}/parameters", tags=tags, summary="Required parameters")
    async def list_template_parameters(id: str, caller: Reader) -> Ok[list[answers.TemplateParameter]]:
        """What a message of this template must give: place, kind, key, and the example it was approved with."""
        return ok([msgspec.to_builtins(one) for one in core.templates.required(await find(caller, id))])

    @app.post("/templates/{id}/preview", tags=tags, summary="Preview with values")
    async def preview_template(id: str, caller: Reader, body: PreviewBody | None = None) -> Ok[answers.TemplatePreview]:
        """How the recipient sees it. Values that do not fit are refused as a send would be."""
        row = await find(caller, id)
        values = body.filled(row) if body is not None else None
        content = core.templates.compose(row, values) if values is not None else None
        shown = _preview(msgspec.to_builtins(core.templates.preview(row, content)))
        return ok(shown, beside=rendered(row, shown))

    @app.patch("/templates/{id}", tags=tags, summary="Update a template")
    @app.put("/templates/{id}", tags=tags, summary="Update a template", include_in_schema=False)
    async def update_template(id: str, body: TemplateChange, caller: Writer) -> Ok[answers.TemplateInfo]:
        """Change components or category at the provider."""
        row = await find(caller, id)
        row = await core.templates.edit(
            caller.workspace_id,
            row.id,
            components=components_of(body.content) if body.content is not None else body.components,
            category=None if body.category is None else category_of(body.category),
        )
        return ok(template(row), beside=beside(row))

    @app.post("/templates/{id}/duplicate", tags=tags, summary="Duplicate a template", status_code=201)
    async def duplicate_template(
        id: str, caller: Writer, body: TemplateCopyBody | None = None
    ) -> Ok[answers.TemplateInfo]:
        """Submit a template of the same language, category and components under another name."""
        row = await find(caller, id)
        name = body.name if body is not None and body.name is not None else f"{row.name[:507]}_copy"
        check_name(name)
        made = await core.templates.create(
            caller.workspace_id,
            row.channel_id,
            name=name,
            language=row.language,
            category=row.category,
            components=row.components,
            parameter_format=row.parameter_format,
        )
        return ok(template(made), 201, beside=beside(made))

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
