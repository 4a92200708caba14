"""channel add, list, pair."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import segno
import typer

from jackfield.core.errors import Invalid

from ._common import (
    AsJson,
    InWorkspace,
    command,
    complain,
    opened,
    say,
    show_json,
    show_table,
    working,
    workspace_of,
)
from .sending import channel_of

app = typer.Typer(help="Connected numbers and bots.", no_args_is_help=True)


@app.command("add")
@command
async def add(
    name: Annotated[str, typer.Argument(help="A name for it.")],
    engine: Annotated[str, typer.Option(help="simulator, whatsapp_cloud, whatsapp_web or telegram_bot.")] = "simulator",
    config: Annotated[str, typer.Option(help="The engine's configuration as JSON.")] = "{}",
    key: Annotated[str | None, typer.Option(help="Your own name for it in requests.")] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
) -> None:
    """Add a channel; connect it with `jackfield channel pair`."""
    try:
        values = json.loads(config)
    except ValueError:
        raise Invalid("--config is not valid JSON") from None
    if not isinstance(values, dict):
        raise Invalid("--config must be a JSON object")
    async with opened() as core:
        workspace_id = await workspace_of(core, workspace)
        row = await core.channels.create(workspace_id, name=name, engine=engine, config=values, key=key)
    if as_json:
        show_json({"id": str(row.id), "name": row.name, "engine": row.engine, "status": row.status})
    else:
        say(f"Channel {row.id} ({row.engine}) is there. Connect it: jackfield channel pair {row.id}")


@app.command("list")
@command
async def list_channels(as_json: AsJson = False, workspace: InWorkspace = None) -> None:
    """Show all channels."""
    async with opened() as core:
        rows = await core.channels.list(await workspace_of(core, workspace))
    if as_json:
        show_json(
            [
                {
                    "id": str(row.id),
                    "name": row.name,
                    "engine": row.engine,
                    "status": row.status,
                    "reason": row.status_reason,
                    "phone": row.address,
                }
                for row in rows
            ]
        )
        return
    show_table(
        ["Id", "Name", "Engine", "Status", "Number", "Reason"],
        [[row.id, row.name, row.engine, row.status, row.address, row.status_reason] for row in rows],
        empty="There is no channel yet; `jackfield channel add NAME` makes one.",
    )


@app.command("pair")
@command
async def pair(
    channel: Annotated[str | None, typer.Argument(help="Channel id or key; the default one when left out.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long to wait for the scan.")] = 120,
    workspace: InWorkspace = None,
) -> None:
    """Connect a channel; shows the QR code in the terminal where one is needed."""
    async with opened() as core:
        workspace_id = await workspace_of(core, workspace)
        row = await channel_of(core, workspace_id, channel)
        async with working(core):
            row = await core.channels.connect(workspace_id, row.id)
            shown = None
            deadline = asyncio.get_running_loop().time() + seconds
            while row.status != "connected":
                login = row.login or {}
                code = login.get("code")
                if code and code != shown:
                    shown = code
                    if login.get("type") == "qr":
                        say("Scan with WhatsApp: Settings, Linked devices, Link a device")
                        segno.make(str(code), error="l").terminal(compact=True)
                    else:
                        say(f"Type this code on the phone: {code}")
                if row.status in ("banned", "failed", "logged_out") or asyncio.get_running_loop().time() > deadline:
                    complain(
                        f"Not connected: {row.status_reason or 'nobody scanned the code in time'}",
                        f"`jackfield channel pair {row.id}` tries again.",
                    )
                    raise typer.Exit(1)
                await asyncio.sleep(0.25)
                row = await core.channels.get(workspace_id, row.id)
    say(f"Connected as {row.address} {row.display_name or ''}".rstrip())
