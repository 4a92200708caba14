"""Campaigns: content for an audience."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import Field

from jackfield.core.accounts import Principal
from jackfield.core.messages.service import Filter
from jackfield.core.models import Campaign

from ..._kit import Str, Wire, whole_id
from .. import shapes
from ..context import Context
from ..convert import content_of
from ..envelope import ok, paged
from ..hot import parse_time


class CampaignBody(Wire):
    """A new campaign. `audience` is a filter over contacts (empty: everyone); `content` as in bulk messages."""

    name: Annotated[Str, Field(min_length=1, max_length=200)]
    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str
    audience: dict[str, Any] = Field(default_factory=dict)
    kind: Annotated[str, Field(pattern="^(broadcast|api)$")] = "broadcast"
    category: Annotated[Str, Field(max_length=30)] = "marketing"
    tag: Annotated[Str, Field(max_length=200)] | None = None
    scheduled_at: Annotated[str | int | None, Field(alias="scheduledAt")] = None
    start: bool = True
    fallbacks: dict[str, Any] = Field(default_factory=dict, description="Values for placeholders a contact lacks.")


class PauseBody(Wire):
    """Why."""

    reason: Annotated[Str, Field(max_length=500)] | None = None


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("campaigns:read"))]
    Writer = Annotated[Principal, Depends(context.allow("campaigns:write"))]

    async def find(caller: Principal, given: str) -> Campaign:
        row = await core.campaigns.get(caller.workspace_id, whole_id(given, "campaign", "CAMPAIGN_NOT_FOUND"))
        caller.channel(row.channel_id)
        return row

    async def shown(row: Campaign, status: int = 200) -> Response:
        return ok(shapes.campaign(row, await core.campaigns.counts(row)), status)

    @app.post("/campaigns", tags=["Campaigns"], summary="Create a campaign", status_code=201)
    async def create(body: CampaignBody, request: Request, caller: Writer) -> Response:
        """Create a campaign; it starts at once unless `start` is false or `scheduledAt` lies ahead."""

        async def run() -> Response:
            channel = await context.channel(caller, body.profile_id)
            row = await core.campaigns.create(
                caller.workspace_id,
                channel.id,
                name=body.name,
                content=content_of(body.type, body.content),
                audience=body.audience,
                kind=body.kind,
                category=body.category,
                scheduled_at=parse_time("scheduledAt", body.scheduled_at),
                start=body.start,
                tag=body.tag,
                source="api",
                options={"fallbacks": body.fallbacks} if body.fallbacks else None,
            )
            return await shown(row, 201)

        return await context.once(request, caller, body.model_dump(), run)

    @app.get("/campaigns", tags=["Campaigns"], summary="List campaigns")
    async def list_campaigns(
        caller: Reader,
        status: Annotated[str | None, Query(max_length=30)] = None,
        kind: Annotated[str | None, Query(max_length=30)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> Response:
        """Campaigns, newest first, with their counts."""
        page = await core.campaigns.list(
            caller.workspace_id, kind=kind, state=status, channel_id=caller.only(None), limit=limit, cursor=cursor
        )
        return paged(page, [shapes.campaign(row, await core.campaigns.counts(row)) for row in page.items])

    @app.get("/campaigns/{id}", tags=["Campaigns"], summary="Get a campaign")
    async def get(id: str, caller: Reader) -> Response:
        """A campaign with its counts: `sent` contains delivered and read, as in a funnel."""
        return await shown(await find(caller, id))

    @app.get("/campaigns/{id}/recipients", tags=["Campaigns"], summary="Recipients with status and reason")
    async def recipients(
        id: str,
        caller: Reader,
        status: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> Response:
        """Who got it, who did not, and why."""
        row = await find(caller, id)
        page = await core.messages.list(
            caller.workspace_id,
            Filter(campaign_id=row.id, state=status),
            limit=limit,
            cursor=cursor,
            newest_first=False,
        )
        return paged(page, [shapes.message(one) for one in page.items])

    @app.post("/campaigns/{id}/start", tags=["Campaigns"], summary="Start a campaign")
    async def start(id: str, caller: Writer) -> Response:
        """Start a draft or scheduled campaign now."""
        return await shown(await core.campaigns.start(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/campaigns/{id}/pause", tags=["Campaigns"], summary="Pause a campaign")
    async def pause(id: str, caller: Writer, body: PauseBody | None = None) -> Response:
        """Stop sending within a second; nothing is lost."""
        row = await find(caller, id)
        return await shown(await core.campaigns.pause(caller.workspace_id, row.id, body.reason if body else None))

    @app.post("/campaigns/{id}/resume", tags=["Campaigns"], summary="Resume a campaign")
    async def resume(id: str, caller: Writer) -> Response:
        """Go on where it was paused."""
        return await shown(await core.campaigns.resume(caller.workspace_id, (await find(caller, id)).id))

    @app.post("/campaigns/{id}/cancel", tags=["Campaigns"], summary="Cancel a campaign")
    async def cancel(id: str, caller: Writer) -> Response:
        """Never send what has not gone out yet."""
        return await shown(await core.campaigns.cancel(caller.workspace_id, (await find(caller, id)).id))
