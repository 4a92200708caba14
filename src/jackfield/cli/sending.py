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

from jackfield.client import Campaign, CampaignPreview
from jackfield.core import Invalid, states

from ._common import AsJson, complain, err, out, say, show_json, show_table
from ._desk import Desk, Filling, at_desk

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


def check_time(text: str | None) -> str | None:
    """A time as ISO 8601; one without a zone is meant in the workspace's. Raises Invalid."""
    if text is None:
        return None
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"--at {text!r}: write a time such as 2026-12-24T10:00 or 2026-12-24T10:00+01:00") from None
    return text.strip()


def fallbacks_of(given: list[str] | None) -> dict[str, str]:
    """Texts of `--fallback NAME=TEXT` by placeholder. Raises Invalid."""
    found: dict[str, str] = {}
    for one in given or []:
        name, mark, text = one.partition("=")
        if not mark or not name.strip():
            raise Invalid(f"--fallback {one!r}: write NAME=TEXT, such as first_name=friend")
        found[name.strip()] = text
    return found


@at_desk
async def send(
    desk: Desk,
    to: Annotated[str, typer.Argument(help="Number with country code, or a chat id.")],
    text: Annotated[str, typer.Argument(help="What to say.")],
    channel: Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Send then (ISO 8601, in the workspace's zone) instead of now.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the network's answer.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Send one text and wait until the network has it."""
    check_text(text)
    due = check_time(at)
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


def show_preview(seen: CampaignPreview, as_json: bool) -> None:
    """Whom a campaign would reach, and what they lack."""
    if as_json:
        show_json(msgspec.to_builtins(seen))
        return
    say(f"{seen.contacts} contacts and {seen.groups} groups. Nothing was sent.")
    rows = [[f"{{{one['name']}}}", one["lacking"]] for one in seen.placeholders]
    if rows:
        show_table(["Placeholder", "Contacts without a value"], rows, empty="")
    if seen.incomplete:
        done = {"skip": "are left out", "fallback": "get the fallback"}.get(seen.missing, "read nothing in its place")
        say(f"{seen.incomplete} contacts lack a value that has no fallback; they {done}.")


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
    at: Annotated[
        str | None, typer.Option("--at", help="Start then (ISO 8601, in the workspace's zone) instead of now.")
    ] = None,
    groups: Annotated[
        list[str] | None, typer.Option("--group", help="To this group of the channel; may be repeated.")
    ] = None,
    fallback: Annotated[
        list[str] | None, typer.Option(help="NAME=TEXT: what contacts read who lack a value; may be repeated.")
    ] = None,
    missing: Annotated[
        str | None, typer.Option(help="For contacts who lack a value: blank, fallback (for each), or skip.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whom it reaches, and how many lack which value.")
    ] = False,
    follow: Annotated[bool, typer.Option("--watch", help="Show the progress until it is over.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a campaign to contacts, and to groups by name. Without --watch the running server sends it."""
    check_text(text)
    due = check_time(at)
    filling = Filling(fallbacks_of(fallback), missing)
    audience: dict[str, object] = {}
    if lists:
        audience["lists"] = lists
    if tags:
        audience["any_tags"] = tags
    if not audience and everyone:
        audience["all"] = True
    if groups:
        audience["groups"] = groups
    if not audience:
        raise Invalid("Choose the recipients: --list NAME, --tag NAME, --group NAME, or --all.")
    row = await desk.profile(channel)
    seen = await desk.preview(row, text, audience, filling)
    if not seen.contacts and not seen.groups:
        raise Invalid("No contacts match. Import some with `jackfield import FILE`.")
    if dry_run:
        show_preview(seen, as_json)
        return
    campaign = await desk.broadcast(row, name or text[:60], text, audience, due, filling)
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
    when = f" for {campaign.scheduled_at}" if campaign.status == "scheduled" and campaign.scheduled_at else ""
    say(f"Campaign {campaign.id} is {campaign.status}{when}.")
    if campaign.pause_reason:
        say(f"Paused: {campaign.pause_reason}")
    if idle:
        say("No server runs on this data folder: start `jackfield serve`, or use --watch next time.")
