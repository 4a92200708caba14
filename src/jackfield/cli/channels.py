"""channel add, list, pair, default, edit, remove."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import segno
import typer

from jackfield.core import Invalid
from jackfield.engines import ENGINES

from ._command import at_desk
from ._common import AsJson, complain, say, show_json, show_table
from ._desk import Desk

app = typer.Typer(help="Connected numbers and bots.", no_args_is_help=True)


@app.command("add")
@at_desk
async def add(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="A name for it.")],
    engine: Annotated[str | None, typer.Option(help=f"One of {', '.join(ENGINES)}; left out: the first.")] = None,
    config: Annotated[str, typer.Option(help="The engine's configuration as JSON.")] = "{}",
    alias: Annotated[str | None, typer.Option(help="Your own name for it in requests (its `key`).")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a channel; connect it with `jackfield channel pair`."""
    values = object_of("--config", config)
    row = await desk.api.profiles.create(name, engine, config=values, **({"key": alias} if alias is not None else {}))
    if as_json:
        show_json({"id": row.id, "name": row.name, "engine": row.engine, "status": row.status})
    else:
        say(f"Channel {row.id} ({row.engine}) was created. Connect it: jackfield channel pair {row.id}")


@app.command("list")
@at_desk
async def list_channels(desk: Desk, as_json: AsJson = False) -> None:
    """Show all channels."""
    rows = await desk.profiles()
    if as_json:
        show_json(
            [
                {
                    "id": row.id,
                    "name": row.name,
                    "engine": row.engine,
                    "status": row.status,
                    "reason": row.status_reason,
                    "phone": row.phone,
                }
                for row in rows
            ]
        )
        return
    show_table(
        ["Id", "Name", "Engine", "Status", "Number", "Reason"],
        [
            [
                row.id,
                row.name,
                f"{row.engine} (nothing leaves for a real phone)" if row.simulated else row.engine,
                row.status,
                row.phone,
                row.status_reason,
            ]
            for row in rows
        ],
        empty="There is no channel yet; `jackfield channel add NAME` makes one.",
    )


Channel = Annotated[str, typer.Argument(help="Channel id or key.")]


@app.command("default")
@at_desk
async def default(desk: Desk, channel: Channel) -> None:
    """Make a channel the one that is used where none is named."""
    row = await desk.profile(channel)
    await desk.api.post(f"/profiles/{row.id}/default")
    say(f"{row.name} is the default channel.")


def object_of(option: str, text: str) -> dict[str, Any]:
    """A JSON object from an option. Raises Invalid."""
    try:
        values = json.loads(text)
    except ValueError:
        raise Invalid(f"{option} is not valid JSON") from None
    if not isinstance(values, dict):
        raise Invalid(f"{option} must be a JSON object")
    return values


@app.command("edit")
@at_desk
async def edit(
    desk: Desk,
    channel: Channel,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    config: Annotated[
        str | None, typer.Option(help="Fields of its configuration as JSON; those left out stay.")
    ] = None,
    pacing: Annotated[str | None, typer.Option(help="How fast it sends, as JSON.")] = None,
) -> None:
    """Change a channel's name, configuration or pacing."""
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = name
    for field, text in (("config", config), ("pacing", pacing)):
        if text is not None:
            changes[field] = object_of(f"--{field}", text)
    if not changes:
        raise Invalid("Say what to change: --name, --config or --pacing.")
    row = await desk.profile(channel)
    await desk.api.put(f"/profiles/{row.id}", changes)
    say(f"Channel {row.id} is changed.")


@app.command("remove")
@at_desk
async def remove(
    desk: Desk, channel: Channel, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove a channel with its chats and messages. This cannot be undone."""
    row = await desk.profile(channel)
    if not yes:
        typer.confirm(f"Remove {row.name} ({row.engine}) with its chats and messages?", abort=True)
    await desk.api.profiles.delete(row.id)
    say(f"Channel {row.id} is removed.")


@app.command("pair")
@at_desk
async def pair(
    desk: Desk,
    channel: Annotated[str | None, typer.Argument(help="Channel id or key; the default one when left out.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long to wait for the scan.")] = 120,
) -> None:
    """Connect a channel; shows the QR code in the terminal where one is needed."""
    from jackfield.core import NEEDS_A_PERSON

    row = await desk.profile(channel)
    async with desk.working():
        await desk.api.profiles.connect(row.id)
        shown = None
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            row, code, scan = await desk.login(row.id)
            if row.status == "connected":
                break
            if code and code != shown:
                shown = code
                if scan:
                    say("Scan with WhatsApp: Settings, Linked devices, Link a device")
                    segno.make(code, error="l").terminal(compact=True)
                else:
                    say(f"Type this code on the phone: {code}")
            if row.status in NEEDS_A_PERSON or asyncio.get_running_loop().time() > deadline:
                complain(
                    f"Not connected: {row.status_reason or 'the code was not scanned in time'}",
                    f"`jackfield channel pair {row.id}` tries again.",
                )
                raise typer.Exit(1)
            await asyncio.sleep(0.25)
    say(f"Connected as {row.phone} {row.display_name or ''}".rstrip())
