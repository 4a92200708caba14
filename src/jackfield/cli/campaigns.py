"""campaign list, show, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from jackfield.client import Reason

from ._common import MOST_ID, AsJson, out, say, show_json, show_table
from ._desk import Desk, at_desk
from .sending import funnel, watch

app = typer.Typer(help="Campaigns.", no_args_is_help=True)
CampaignId = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The campaign's id.")]


def show_reasons(rows: Sequence[Reason]) -> None:
    """Why recipients did not get it as a table, with what to do."""
    if rows:
        show_table(
            ["Messages", "Status", "Code", "Why", "What to do"],
            [[row.count, row.status, row.code, row.title, row.remedy] for row in rows],
            empty="",
        )


@app.command("list")
@at_desk
async def list_campaigns(
    desk: Desk,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show the campaigns, newest first."""
    rows = await desk.campaigns(limit)
    if as_json:
        show_json(
            [
                {"id": row.id, "name": row.name, "kind": row.kind, "status": row.status, "counts": row.counts}
                for row in rows
            ]
        )
        return
    show_table(
        ["Id", "Name", "Kind", "Status", "Recipients", "Waiting", "Sent", "Failed"],
        [[row.id, row.name, row.kind, row.status, row.total, row.pending, row.sent, row.failed] for row in rows],
        empty="There is no campaign yet; `jackfield broadcast TEXT --all` starts one.",
    )


@app.command("show")
@at_desk
async def show(
    desk: Desk,
    campaign_id: CampaignId,
    follow: Annotated[bool, typer.Option("--watch", help="Show the progress until it is over.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a campaign: how far it is, who failed and why."""
    row = await desk.campaign(campaign_id)
    if follow:
        async with desk.working():
            row = await watch(desk, row)
    why = await desk.reasons(campaign_id)
    if as_json:
        show_json(
            {
                "id": row.id,
                "name": row.name,
                "status": row.status,
                "pauseReason": row.pause_reason,
                "counts": row.counts,
                "wasUncertain": row.was_uncertain,
                "failures": msgspec.to_builtins(why),
            }
        )
        return
    out.print(funnel(row))
    if row.pause_reason:
        say(f"Paused: {row.pause_reason}")
    show_reasons(why)


async def _move(desk: Desk, campaign_id: int, verb: str) -> None:
    row = await desk.move(campaign_id, verb)
    say(f"Campaign {row.id} is {row.status}.")


@app.command("pause")
@at_desk
async def pause(desk: Desk, campaign_id: CampaignId) -> None:
    """Stop sending within a second; nothing is lost."""
    await _move(desk, campaign_id, "pause")


@app.command("resume")
@at_desk
async def resume(desk: Desk, campaign_id: CampaignId) -> None:
    """Go on where it was paused."""
    await _move(desk, campaign_id, "resume")


@app.command("cancel")
@at_desk
async def cancel(desk: Desk, campaign_id: CampaignId) -> None:
    """Never send what has not gone out yet."""
    await _move(desk, campaign_id, "cancel")
