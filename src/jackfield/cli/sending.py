"""send, broadcast."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from jackfield.core import states
from jackfield.core.addresses import parse_peer
from jackfield.core.campaigns.service import Counts
from jackfield.core.content import Text
from jackfield.core.core import Core
from jackfield.core.errors import Invalid
from jackfield.core.messages.service import explain
from jackfield.core.messages.submit import Submission
from jackfield.core.models import Campaign, Channel

from ._common import (
    AsJson,
    InWorkspace,
    command,
    complain,
    err,
    opened,
    out,
    say,
    show_json,
    somebody_sends,
    working,
    workspace_of,
)


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(send)
    app.command()(broadcast)


async def channel_of(core: Core, workspace_id: int, given: str | None) -> Channel:
    """The channel that a command means: by id, by key, or the default one. Raises NotFound."""
    if given is None:
        return await core.channels.default(workspace_id)
    if given.isascii() and given.isdigit() and len(given) < 19:
        return await core.channels.get(workspace_id, int(given))
    return await core.channels.by_key(workspace_id, given)


def check_text(text: str) -> None:
    """Raises Invalid for a text that says nothing."""
    if not text.strip():
        raise Invalid("There is no text to send.")


def parse_moment(text: str | None) -> int | None:
    """ISO 8601 (local time without a zone) as Unix ms. Raises Invalid."""
    if text is None:
        return None
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except ValueError:
        raise Invalid(f"--at {text!r}: write a time such as 2026-12-24T10:00 or 2026-12-24T10:00+01:00") from None


@command
async def send(
    to: Annotated[str, typer.Argument(help="Number with country code, or a chat id.")],
    text: Annotated[str, typer.Argument(help="What to say.")],
    channel: Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="Send then (ISO 8601) instead of now.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the network's answer.")] = 20,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
) -> None:
    """Send one text and wait until the network has it."""
    check_text(text)
    async with opened() as core:
        workspace_id = await workspace_of(core, workspace)
        row = await channel_of(core, workspace_id, channel)
        peer, kind = parse_peer(to, row.engine)
        due = parse_moment(at)
        item = Submission(
            workspace_id=workspace_id,
            channel_id=row.id,
            peer=peer,
            chat_kind=kind,
            content=Text(text=text),
            due_at=due,
            source="cli",
        )
        if due is not None:
            accepted = await core.messages.submit(item)
            settled = None
        else:
            async with working(core):
                accepted, settled = await core.messages.submit_and_wait(item, wait)
    state = settled.state if settled is not None else accepted.state
    code = settled.code if settled is not None else None
    why = explain(code)
    if as_json:
        show_json(
            {
                "id": str(accepted.id),
                "to": peer,
                "status": state,
                "providerId": settled.provider_id if settled else None,
                "error": why,
            }
        )
    elif why is not None:
        complain(f"Message {accepted.id} to {peer}: {state}. {code} {why['title']}. {why['cause']}", why["remedy"])
    else:
        say(f"Message {accepted.id} to {peer}: {state}")
        if state == states.QUEUED:
            say(f"It goes out when channel {row.id} is connected and a server runs. {row.status_reason or ''}".rstrip())
    if state == states.FAILED:
        raise typer.Exit(1)


def funnel(campaign: Campaign, counts: Counts, replied: int | None = None) -> Table:
    """A campaign's progress as a table: each stage contains the later ones. `replied` people, where it is known."""
    by = counts.by_state
    reached = {
        "Recipients": counts.total,
        "Waiting": by["queued"] + by["scheduled"] + by["sending"],
        "Sent": by["sent"] + by["delivered"] + by["read"],
        "Delivered": by["delivered"] + by["read"],
        "Read": by["read"],
        **({} if replied is None else {"Replied": replied}),
        "Failed": by["failed"],
        "Skipped": by["skipped"],
        "Cancelled": by["cancelled"],
        "Uncertain": by["uncertain"],
    }
    table = Table(title=escape(f"{campaign.name}: {campaign.state}"), show_edge=False, title_justify="left")
    table.add_column("Stage")
    table.add_column("Messages", justify="right")
    table.add_column("")
    for stage, number in reached.items():
        if stage in ("Skipped", "Cancelled", "Uncertain") and not number:
            continue
        share = number / counts.total if counts.total else 0.0
        colour = "red" if stage == "Failed" else "green"
        table.add_row(stage, str(number), f"[{colour}]{'█' * round(share * 30)}[/] {share:.0%}")
    return table


async def watch(core: Core, campaign: Campaign) -> tuple[Campaign, Counts]:
    """Show a campaign live until it is over (or paused); gives how it ended."""
    counts = await core.campaigns.counts(campaign)
    with Live(funnel(campaign, counts), console=err, refresh_per_second=4, transient=True) as live:
        while campaign.state in ("scheduled", "running"):
            await asyncio.sleep(0.25)
            campaign = await core.campaigns.get(campaign.workspace_id, campaign.id)
            counts = await core.campaigns.counts(campaign)
            live.update(funnel(campaign, counts))
    return campaign, counts


@command
async def broadcast(
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
    workspace: InWorkspace = None,
) -> None:
    """Send a campaign to contacts. Without --watch the running server sends it."""
    check_text(text)
    audience: dict[str, object] = {}
    if lists:
        audience["lists"] = lists
    if tags:
        audience["any_tags"] = tags
    if not audience:
        if not everyone:
            raise Invalid("Say to whom: --list NAME, --tag NAME, or --all.")
        audience["all"] = True
    async with opened() as core:
        workspace_id = await workspace_of(core, workspace)
        row = await channel_of(core, workspace_id, channel)
        if not await core.campaigns.reach(workspace_id, audience):
            raise Invalid("Nobody matches; `jackfield import FILE` brings contacts in.")
        campaign = await core.campaigns.create(
            workspace_id,
            row.id,
            name=name or text[:60],
            content=Text(text=text),
            audience=audience,
            scheduled_at=parse_moment(at),
            source="cli",
        )
        if follow:
            async with working(core):
                campaign, counts = await watch(core, campaign)
        else:
            counts = await core.campaigns.counts(campaign)
        idle = not follow and not somebody_sends(core)
    if as_json:
        show_json({"id": str(campaign.id), "name": campaign.name, "status": campaign.state, "counts": counts.by_state})
        return
    if follow:
        out.print(funnel(campaign, counts))
    say(f"Campaign {campaign.id} is {campaign.state}.")
    if campaign.pause_reason:
        say(f"Paused: {campaign.pause_reason}")
    if idle:
        say("No server runs on this data folder: start `jackfield serve`, or use --watch next time.")
