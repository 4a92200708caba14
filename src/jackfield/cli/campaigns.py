"""campaign list, show, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from jackfield.core.campaigns.service import Counts
from jackfield.core.core import Core
from jackfield.core.messages.service import explain
from jackfield.core.models import Campaign, Message

from ._common import (
    MOST_ID,
    AsJson,
    InWorkspace,
    command,
    opened,
    out,
    say,
    show_json,
    show_table,
    working,
    workspace_of,
)
from .sending import funnel, watch

app = typer.Typer(help="Campaigns.", no_args_is_help=True)
CampaignId = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The campaign's id.")]


async def failures(core: Core, campaign: Campaign) -> list[dict[str, Any]]:
    """Why messages of a campaign failed or were skipped: reason and how many, most frequent first."""
    async with core.db.read() as session:
        rows = (
            await session.execute(
                select(Message.state, Message.error_code, func.count())
                .where(Message.campaign_id == campaign.id, Message.state.in_(("failed", "skipped")))
                .group_by(Message.state, Message.error_code)
                .order_by(func.count().desc())
            )
        ).all()
    return [{"status": state, "code": code, "count": number, **(explain(code) or {})} for state, code, number in rows]


def show_failures(rows: list[dict[str, Any]]) -> None:
    """The reasons as a table, with what to do."""
    if rows:
        show_table(
            ["Messages", "Status", "Code", "Why", "What to do"],
            [[r["count"], r["status"], r["code"], r.get("title"), r.get("remedy")] for r in rows],
            empty="",
        )


@app.command("list")
@command
async def list_campaigns(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
) -> None:
    """Show the campaigns, newest first."""
    rows: list[tuple[Campaign, Counts]] = []
    async with opened() as core:
        workspace_id = await workspace_of(core, workspace)
        cursor = None
        while len(rows) < limit:
            page = await core.campaigns.list(workspace_id, limit=min(100, limit - len(rows)), cursor=cursor)
            rows += [(row, await core.campaigns.counts(row)) for row in page.items]
            cursor = page.cursor
            if cursor is None:
                break
    if as_json:
        show_json(
            [
                {"id": str(r.id), "name": r.name, "kind": r.kind, "status": r.state, "counts": c.by_state}
                for r, c in rows
            ]
        )
        return
    show_table(
        ["Id", "Name", "Kind", "Status", "Recipients", "Waiting", "Sent", "Failed"],
        [
            [
                row.id,
                row.name,
                row.kind,
                row.state,
                counts.total,
                counts.by_state["queued"] + counts.by_state["sending"],
                counts.by_state["sent"] + counts.by_state["delivered"] + counts.by_state["read"],
                counts.by_state["failed"],
            ]
            for row, counts in rows
        ],
        empty="There is no campaign yet; `jackfield broadcast TEXT --all` starts one.",
    )


@app.command("show")
@command
async def show(
    campaign_id: CampaignId,
    follow: Annotated[bool, typer.Option("--watch", help="Show the progress until it is over.")] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
) -> None:
    """Show a campaign: how far it is, who failed and why."""
    async with opened() as core:
        row = await core.campaigns.get(await workspace_of(core, workspace), campaign_id)
        if follow:
            async with working(core):
                row, counts = await watch(core, row)
        else:
            counts = await core.campaigns.counts(row)
        why = await failures(core, row)
    if as_json:
        show_json(
            {
                "id": str(row.id),
                "name": row.name,
                "status": row.state,
                "pauseReason": row.pause_reason,
                "counts": counts.by_state,
                "wasUncertain": counts.was_uncertain,
                "failures": why,
            }
        )
        return
    out.print(funnel(row, counts))
    if row.pause_reason:
        say(f"Paused: {row.pause_reason}")
    show_failures(why)


async def _move(
    campaign_id: int, workspace: int | None, move: Callable[[Core], Callable[..., Awaitable[Campaign]]]
) -> None:
    async with opened() as core:
        row = await move(core)(await workspace_of(core, workspace), campaign_id)
    say(f"Campaign {row.id} is {row.state}.")


@app.command("pause")
@command
async def pause(campaign_id: CampaignId, workspace: InWorkspace = None) -> None:
    """Stop sending within a second; nothing is lost."""
    await _move(campaign_id, workspace, lambda core: core.campaigns.pause)


@app.command("resume")
@command
async def resume(campaign_id: CampaignId, workspace: InWorkspace = None) -> None:
    """Go on where it was paused."""
    await _move(campaign_id, workspace, lambda core: core.campaigns.resume)


@app.command("cancel")
@command
async def cancel(campaign_id: CampaignId, workspace: InWorkspace = None) -> None:
    """Never send what has not gone out yet."""
    await _move(campaign_id, workspace, lambda core: core.campaigns.cancel)
