"""Campaigns over time, and their links."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query, Response

from jackfield.core import CampaignView, Principal

from .. import answers
from ..context import Context
from ..envelope import Ok, iso, ok
from ..files import TABLES, Format, exported
from .campaigns import find_campaign

Bucket = Annotated[Literal["minute", "hour", "day"], Query()]
LINK_COLUMNS = ("id", "url", "recipients", "clicked", "clicks", "machines", "first_at", "last_at")


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("campaigns:read"))]

    @app.get("/campaigns/{id}/timeline", tags=["Campaigns"], summary="A campaign over time")
    async def get_campaign_timeline(id: str, caller: Reader, bucket: Bucket = "hour") -> Ok[list[answers.TimelineRow]]:
        """How many messages were sent, delivered, read and failed in each span of time (UTC); spans without any are left
        out. A message that was read counts in the span of each of its times."""
        rows = await core.campaigns.timeline(await find_campaign(context, caller, id), bucket)
        shown_rows: list[answers.TimelineRow] = [
            {"at": iso(row.at), "sent": row.sent, "delivered": row.delivered, "read": row.read, "failed": row.failed}
            for row in rows
        ]
        return ok(shown_rows)

    @app.get(
        "/campaigns/{id}/timeline/export",
        tags=["Campaigns"],
        summary="Export a campaign over time",
        responses=TABLES,
        response_class=Response,
    )
    async def export_campaign_timeline(
        id: str, caller: Reader, bucket: Bucket = "hour", format: Format = "csv"
    ) -> Response:
        """The timeline as a file; times are UTC."""
        row = await find_campaign(context, caller, id)
        rows = [{**msgspec.to_builtins(one), "at": iso(one.at)} for one in await core.campaigns.timeline(row, bucket)]
        return exported(f"campaign-{row.id}-timeline", format, ("at", "sent", "delivered", "read", "failed"), rows)

    async def links_of(campaign: CampaignView) -> list[dict[str, Any]]:
        found = await core.campaigns.links(campaign)
        return [
            {
                **msgspec.to_builtins(one),
                "id": str(one.id),
                "first_at": iso(one.first_at),
                "last_at": iso(one.last_at),
            }
            for one in found
        ]

    @app.get("/campaigns/{id}/links", tags=["Campaigns"], summary="Links of a campaign")
    async def list_campaign_links(id: str, caller: Reader) -> Ok[list[answers.CampaignLink]]:
        """How often each link was followed, where the campaign tracks them (`trackLinks`). Visits of previews and robots
        are counted apart. Who they are is told by the recipients' filter `clicked`."""
        rows: list[answers.CampaignLink] = [
            {
                "id": row["id"],
                "url": row["url"],
                "recipients": row["recipients"],
                "clicked": row["clicked"],
                "clicks": row["clicks"],
                "machines": row["machines"],
                "firstAt": row["first_at"],
                "lastAt": row["last_at"],
            }
            for row in await links_of(await find_campaign(context, caller, id))
        ]
        return ok(rows)

    @app.get(
        "/campaigns/{id}/links/export",
        tags=["Campaigns"],
        summary="Export the links of a campaign",
        responses=TABLES,
        response_class=Response,
    )
    async def export_campaign_links(id: str, caller: Reader, format: Format = "csv") -> Response:
        """The links with their figures as a file."""
        row = await find_campaign(context, caller, id)
        return exported(f"campaign-{row.id}-links", format, LINK_COLUMNS, await links_of(row))
