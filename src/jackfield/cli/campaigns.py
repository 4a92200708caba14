"""campaign list, show, test, start, pause, resume, cancel, recipients, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from jackfield.client import Campaign

from ._command import at_desk
from ._common import MOST_ID, AsJson, out, say, show_json, show_table, write_out
from ._desk import Desk, upto
from .broadcasting import ended, funnel, pairs_of, send_test, show_reasons, tell_test, watch

app = typer.Typer(help="Campaigns.", no_args_is_help=True)
CampaignId = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The campaign's id.")]


@app.command("list")
@at_desk
async def list_campaigns(
    desk: Desk,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show the campaigns, newest first."""
    rows = await upto(limit, desk.api.campaigns.list(limit=min(limit, 100)))
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
    """Show a campaign: how far it is, what it waits for, who failed and why."""
    row = await desk.api.campaigns.get(str(campaign_id))
    if follow:
        async with desk.working():
            row = await watch(desk, row)
    stats = await desk.api.campaigns.stats(row.id)
    why = stats.reasons
    if as_json:
        show_json(
            {
                "id": row.id,
                "name": row.name,
                "status": row.status,
                "pauseReason": row.pause_reason,
                "held": stats.held,
                "counts": row.counts,
                "wasUncertain": row.was_uncertain,
                "failures": msgspec.to_builtins(why),
            }
        )
        return
    out.print(funnel(row))
    if row.pause_reason:
        say(f"Paused: {row.pause_reason}")
    if stats.held:
        say(f"Waits until {stats.held['until']}: {stats.held['message']}")
    show_reasons(why)


@app.command("start")
@at_desk
async def start(
    desk: Desk,
    campaign_id: CampaignId,
    follow: Annotated[
        bool, typer.Option("--watch", help="Show the progress until it is over and the receipts are in.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start a draft; with --watch it ends with status 1 when nobody got it."""
    await desk.api.campaigns.start(str(campaign_id))
    campaign = await desk.api.campaigns.get(str(campaign_id))
    if follow:
        async with desk.working():
            campaign = await watch(desk, campaign)
    await ended(desk, campaign, follow=follow, as_json=as_json)


@app.command("test")
@at_desk
async def send_to_one(
    desk: Desk,
    campaign_id: CampaignId,
    to: Annotated[str, typer.Argument(help="Number with country code, or a chat id.")],
    values: Annotated[
        list[str] | None, typer.Option("--value", help="NAME=TEXT for a placeholder; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send a campaign's content to one address only."""
    given = pairs_of("--value", values, "first_name=Asha")
    message = await send_test(desk, await desk.api.campaigns.get(str(campaign_id)), to, given)
    simulated = await desk.is_simulated(profile_id=message.profile_id)
    if as_json:
        show_json({**msgspec.to_builtins(message), "simulated": simulated})
    tell_test(message, quiet=as_json, simulated=simulated)


@app.command("recipients")
@at_desk
async def recipients(
    desk: Desk,
    campaign_id: CampaignId,
    status: Annotated[str | None, typer.Option(help="Only these: sent, delivered, read, failed, skipped ...")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those that failed with this code.")] = None,
    replied: Annotated[
        bool | None, typer.Option("--replied/--silent", help="Only who has written since, or who has not.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show who got it, who did not, and why."""
    filters = {"status": status, "reason": reason, "replied": replied}
    rows = await upto(limit, desk.api.pages(f"/campaigns/{campaign_id}/recipients", limit=min(limit, 200), **filters))
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Message", "To", "Status", "Sent", "Delivered", "Read", "Why"],
        [
            [
                row["id"],
                row["to"],
                row["status"],
                row["sentAt"],
                row["deliveredAt"],
                row["readAt"],
                f"{row['error']['code']} {row['error']['title']}" if row["error"] else None,
            ]
            for row in rows
        ],
        empty="No recipients.",
    )


@app.command("export")
@at_desk
async def export(
    desk: Desk,
    campaign_id: CampaignId,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to this file; to the screen when left out.")
    ] = None,
) -> None:
    """Export a campaign's recipients with their times and errors as CSV."""
    write_out(await desk.api.get(f"/campaigns/{campaign_id}/export"), file)


def _tell(campaign: Campaign) -> None:
    say(f"Campaign {campaign.id} is {campaign.status}.")


@app.command("pause")
@at_desk
async def pause(desk: Desk, campaign_id: CampaignId) -> None:
    """Stop sending within a second; nothing is lost."""
    _tell(await desk.api.campaigns.pause(str(campaign_id)))


@app.command("resume")
@at_desk
async def resume(desk: Desk, campaign_id: CampaignId) -> None:
    """Go on where it was paused."""
    _tell(await desk.api.campaigns.resume(str(campaign_id)))


@app.command("cancel")
@at_desk
async def cancel(desk: Desk, campaign_id: CampaignId) -> None:
    """Never send what has not gone out yet."""
    _tell(await desk.api.campaigns.cancel(str(campaign_id)))
