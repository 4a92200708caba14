"""key create, list, revoke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from ._command import at_desk
from ._common import MOST_ID, AsJson, say, show_json, show_table
from ._desk import Desk

app = typer.Typer(help="API keys.", no_args_is_help=True)


@app.command("create")
@at_desk
async def create(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do, such as messages:write; all when left out.")
    ] = None,
    channel: Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Bind it to this channel.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="Days until it expires.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create an API key and print it."""
    expires = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="milliseconds") if days else None
    profile = str(channel) if channel is not None else None
    made = await desk.api.keys.create(name, scopes=scope, profile=profile, expires_at=expires)
    if as_json:
        show_json({"id": made.id, "name": made.name, "key": made.key, "expiresAt": made.expires_at})
    else:
        say(made.key or "")


@app.command("list")
@at_desk
async def list_keys(
    desk: Desk,
    revoked: Annotated[bool, typer.Option("--revoked", help="Show revoked ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the API keys, without their secrets."""
    rows = [one async for one in desk.api.keys.list(revoked=revoked)]
    if as_json:
        show_json(
            [
                {
                    "id": row.id,
                    "name": row.name,
                    "prefix": row.prefix,
                    "scopes": row.scopes,
                    "channel": row.profile_id,
                    "lastUsedAt": row.last_used_at,
                    "expiresAt": row.expires_at,
                    "revokedAt": row.revoked_at,
                }
                for row in rows
            ]
        )
        return
    show_table(
        ["Id", "Name", "Begins", "Scopes", "Channel", "Last used", "Expires", "Revoked"],
        [
            [
                row.id,
                row.name,
                row.prefix,
                ", ".join(row.scopes),
                row.profile_id,
                row.last_used_at,
                row.expires_at,
                row.revoked_at,
            ]
            for row in rows
        ],
        empty="There is no key; `jackfield key create NAME` makes one.",
    )


@app.command("revoke")
@at_desk
async def revoke(desk: Desk, key_id: Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The key's id.")]) -> None:
    """Revoke an API key; it stops working at once."""
    await desk.api.keys.revoke(str(key_id))
    say(f"Key {key_id} is revoked.")
