"""send, broadcast."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from jackfield.client import Campaign
from jackfield.core import Invalid, must_lie_ahead, states

from ._common import AsJson, complain, err, out, say, show_json
from ._desk import Desk, at_desk

POLL_S = {False: 0.25, True: 1.0}
"""How often a campaign is looked at: on the database here, and at a server."""


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(send)
    app.command()(broadcast)


def check_text(text: str) -> None:
    """Raises Invalid for a text that says nothing."""
    if not text.strip():
        raise Invalid("There is no text to send.")


def parse_moment(text: str | None) -> int | None:
    """ISO 8601 (local time without a zone) as Unix ms. Raises Invalid, also for a time that has passed."""
    if text is None:
        return None
    try:
        at = int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Invalid(f"--at {text!r}: write a time such as 2026-12-24T10:00 or 2026-12-24T10:00+01:00") from None
    must_lie_ahead(at, "--at")
    return at


@at_desk
async def send(
    desk: Desk,
    to: Annotated[str, typer.Argument(help="Number with country code, or a chat id.")],
    text: Annotated[str, typer.Argument(help="What to say.")],
    channel: Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="Send then (ISO 8601) instead of now.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the network's answer.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Send one text and wait until the network has it."""
    check_text(text)
    due = parse_moment(at)
    row = await desk.profile(channel)
    sent = await desk.send(row, to, text, due, wait)
    why = sent.error
    if as_json:
        show_json(
            {
                "id": sent.message_id,
                "to": sent.to,
                "status": sent.status,
                "providerId": sent.provider_id,
                "error": msgspec.to_builtins(why),
            }
        )
    elif why is not None:
        line = f"Message {sent.message_id} to {sent.to}: {sent.status}. {why.code} {why.title}. {why.cause}"
        complain(line, why.remedy)
    else:
        say(f"Message {sent.message_id} to {sent.to}: {sent.status}")
        if sent.status == states.QUEUED:
            say(f"It goes out when channel {row.id} is connected and a server runs. {row.status_reason or ''}".rstrip())
    if sent.status == states.FAILED:
        raise typer.Exit(1)


def funnel(campaign: Campaign, replied: int | None = None) -> Table:
    """A campaign's progress as a table: each stage contains the later ones. `replied` people, where it is known."""
    reached = {
        "Recipients": campaign.total,
        "Waiting": campaign.pending,
        "Sent": campaign.sent,
        "Delivered": campaign.delivered,
        "Read": campaign.read,
        **({} if replied is None else {"Replied": replied}),
        "Failed": campaign.failed,
        "Skipped": campaign.skipped,
        "Cancelled": campaign.cancelled,
        "Uncertain": campaign.uncertain,
    }
    table = Table(title=escape(f"{campaign.name}: {campaign.status}"), show_edge=False, title_justify="left")
    table.add_column("Stage")
    table.add_column("Messages", justify="right")
    table.add_column("")
    for stage, number in reached.items():
        if stage in ("Skipped", "Cancelled", "Uncertain") and not number:
            continue
        share = number / campaign.total if campaign.total else 0.0
        colour = "red" if stage == "Failed" else "green"
        table.add_row(stage, str(number), f"[{colour}]{'█' * round(share * 30)}[/] {share:.0%}")
    return table


async def watch(desk: Desk, campaign: Campaign) -> Campaign:
    """Show a campaign live until it is over (or paused); gives how it ended."""
    with Live(funnel(campaign), console=err, refresh_per_second=4, transient=True) as live:
        while campaign.status in ("scheduled", "running"):
            await asyncio.sleep(POLL_S[desk.remote])
            campaign = await desk.campaign(int(campaign.id))
            live.update(funnel(campaign))
    return campaign


@at_desk
async def broadcast(
    desk: Desk,
    text: Annotated[str, typer.Argument(help="What to say; {name} and other fields are filled for each contact.")],
    lists: Annotated[list[str] | None, typer.Option("--list", help="To this list; may be repeated.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="To contacts with this label; may be repeated.")
    ] = None,
    everyone: Annotated[bool, typer.Option("--all", help="To everyone.")] = False,
    name: Annotated[str | None, typer.Option(help="The campaign's name.")] = None,
    channel: Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="Start then (ISO 8601) instead of now.")] = None,
    follow: Annotated[bool, typer.Option("--watch", help="Show the progress until it is over.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a campaign to contacts. Without --watch the running server sends it."""
    check_text(text)
    due = parse_moment(at)
    audience: dict[str, object] = {}
    if lists:
        audience["lists"] = lists
    if tags:
        audience["any_tags"] = tags
    if not audience:
        if not everyone:
            raise Invalid("Choose the recipients: --list NAME, --tag NAME, or --all.")
        audience["all"] = True
    row = await desk.profile(channel)
    if not await desk.reach(audience):
        raise Invalid("No contacts match. Import some with `jackfield import FILE`.")
    campaign = await desk.broadcast(row, name or text[:60], text, audience, due)
    if follow:
        async with desk.working():
            campaign = await watch(desk, campaign)
    idle = not follow and not desk.somebody_sends()
    if as_json:
        counts = campaign.counts
        show_json({"id": campaign.id, "name": campaign.name, "status": campaign.status, "counts": counts})
        return
    if follow:
        out.print(funnel(campaign))
    say(f"Campaign {campaign.id} is {campaign.status}.")
    if campaign.pause_reason:
        say(f"Paused: {campaign.pause_reason}")
    if idle:
        say("No server runs on this data folder: start `jackfield serve`, or use --watch next time.")
