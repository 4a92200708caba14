"""key create, list, revoke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from ._common import MOST_ID, AsJson, InWorkspace, command, opened, say, show_json, show_table, workspace_of

app = typer.Typer(help="API keys.", no_args_is_help=True)


def _when(ms: int | None) -> str | None:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds") if ms else None


@app.command("create")
@command
async def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do, such as messages:write; all when left out.")
    ] = None,
    channel: Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Bind it to this channel.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="Days until it expires.")] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
) -> None:
    """Create an API key and print it."""
    expires = int((datetime.now(UTC) + timedelta(days=days)).timestamp() * 1000) if days else None
    async with opened() as core:
        made = await core.accounts.create_key(
            await workspace_of(core, workspace),
            name=name,
            scopes=scope or ["*"],
            channel_id=channel,
            expires_at=expires,
        )
    if as_json:
        show_json({"id": str(made.key.id), "name": made.key.name, "key": made.secret, "expiresAt": _when(expires)})
    else:
        say(made.secret)


@app.command("list")
@command
async def list_keys(
    revoked: Annotated[bool, typer.Option("--revoked", help="Show revoked ones too.")] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = None,
) -> None:
    """Show the API keys, without their secrets."""
    rows: list[Any] = []
    async with opened() as core:
        workspace_id = await workspace_of(core, workspace)
        cursor = None
        while True:
            page = await core.accounts.keys(workspace_id, revoked=revoked, cursor=cursor)
            rows += page.items
            cursor = page.cursor
            if cursor is None:
                break
    shown = [
        {
            "id": str(row.id),
            "name": row.name,
            "prefix": row.prefix,
            "scopes": list(row.scopes),
            "channel": row.channel_id,
            "lastUsedAt": _when(row.last_used_at),
            "expiresAt": _when(row.expires_at),
            "revokedAt": _when(row.revoked_at),
        }
        for row in rows
    ]
    if as_json:
        show_json(shown)
        return
    show_table(
        ["Id", "Name", "Begins", "Scopes", "Channel", "Last used", "Expires", "Revoked"],
        [
            [
                one["id"],
                one["name"],
                one["prefix"],
                ", ".join(one["scopes"]),
                one["channel"],
                one["lastUsedAt"],
                one["expiresAt"],
                one["revokedAt"],
            ]
            for one in shown
        ],
        empty="There is no key; `jackfield key create NAME` makes one.",
    )


@app.command("revoke")
@command
async def revoke(
    key_id: Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The key's id.")], workspace: InWorkspace = None
) -> None:
    """Revoke an API key; it stops working at once."""
    async with opened() as core:
        await core.accounts.revoke_key(await workspace_of(core, workspace), key_id)
    say(f"Key {key_id} is revoked.")
