"""Templates: listed, and looked up by name or id with the fields to fill in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from jackfield.core import NotFound, Principal, TemplateView

from ..._openapi import Answer
from .. import answers, ids, params, shapes
from ..context import Context
from ..envelope import ok, pagination

MOST = 200
"""Templates per page; `all` gives every one."""


def register(api: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("templates:read"))]

    @api.get("/templates", tags=["Templates"], summary="Get templates")
    async def list_templates(request: Request, caller: Reader) -> Answer[answers.Templates]:
        """Templates of the number: `all` (any truthy value), or `limit` (default 50) and `page` (default 1)."""
        query = request.query_params
        everything = params.truthy(query.get("all"))
        limit = min(params.integer(query.get("limit"), "limit", 50), MOST)
        page = params.integer(query.get("page"), "page", 1)
        channel = await context.channel(caller)
        setting, _ = await context.workspace(caller.workspace_id)
        total = await core.templates.count(caller.workspace_id, channel.id)
        rows: list[TemplateView] = []
        if everything:
            cursor = None
            while True:
                found = await core.templates.list(caller.workspace_id, channel_id=channel.id, limit=MOST, cursor=cursor)
                rows += found.items
                cursor = found.cursor
                if cursor is None:
                    break
            page, limit = 1, max(1, len(rows))
        else:
            rows = (await core.templates.list(caller.workspace_id, channel_id=channel.id, limit=limit, page=page)).items
        return ok(
            "Templates fetched successfully",
            {
                "templates": [shapes.template(row, setting) for row in rows],
                "pagination": pagination(total, page, limit, "totalTemplates"),
            },
        )

    @api.get("/templates/{identifier}", tags=["Templates"], summary="Get a template by name or id")
    async def get_template(identifier: str, request: Request, caller: Reader) -> Answer[answers.FoundTemplate]:
        """One template with its custom fields. `by=id` (or `id`) says that the identifier is an id; else an id is
        known by its form, and a name otherwise."""
        query = request.query_params
        by = query.get("by", "").strip().lower()
        if by not in ("", "id", "name"):
            raise params.bad("by", "must be id or name.")
        by_id = by == "id" or params.truthy(query.get("id"))
        channel = await context.channel(caller)
        setting, _ = await context.workspace(caller.workspace_id)
        language = params.text(query, "language", "languageCode", maximum=16)

        async def named() -> TemplateView:
            return await core.templates.find(
                caller.workspace_id, channel.id, params.plain(identifier, "identifier", 512), language
            )

        if by_id or (by != "name" and ids.looks_like(identifier)):
            try:
                with ids.named("Template", identifier):
                    row = await core.templates.get(caller.workspace_id, ids.decode(identifier, "Template"))
                    ids.check(identifier, row.created_at, row.id, "Template")
                    caller.channel(row.channel_id)
            except NotFound:
                if by_id:
                    raise
                # A name may look like an id.
                row = await named()
        else:
            row = await named()
        return ok(
            "Template fetched successfully",
            {"template": shapes.template(row, setting), "customFields": shapes.custom_fields(row)},
        )
