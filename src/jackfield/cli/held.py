"""held list, release, cancel: what a restored installation holds back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from jackfield.server.startup_error import StartupError

from ._common import MOST_ID, AsJson, command, opened, say, show_json, show_table

app = typer.Typer(
    help="Single messages that are held since a restore, because they may have gone out already.", no_args_is_help=True
)

Ids = Annotated[list[int] | None, typer.Argument(min=1, max=MOST_ID, metavar="[ID]...", help="Messages.")]
All = Annotated[bool, typer.Option("--all", help="All that are held.")]


@app.command("list")
@command
async def list_(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most that are shown.")] = 100, as_json: AsJson = False
) -> None:
    """Show what is held, oldest first.

    Look with the recipient or the provider whether a message arrived, then release it or cancel it.
    """
    async with opened() as core:
        rows = [one async for one in core.holds.list(limit)]
        total = sum((await core.holds.counts()).values())
    if as_json:
        show_json({"total": total, "messages": [msgspec.to_builtins(one) for one in rows]})
        return
    show_table(
        ["Id", "Workspace", "Channel", "To", "State", "Due"],
        [
            [
                one.id,
                one.workspace_id,
                one.channel_id,
                one.to,
                one.state,
                datetime.fromtimestamp(one.due_at / 1000, UTC).isoformat(timespec="minutes") if one.due_at else "",
            ]
            for one in rows
        ],
        empty="Nothing is held.",
    )
    if total > len(rows):
        say(f"{len(rows)} of {total} are shown; --limit shows more.")


@app.command("release")
@command
async def release(ids: Ids = None, every: All = False) -> None:
    """Let held messages go: what is due is sent, what is scheduled waits for its time.

    A message whose outcome is unknown stays `uncertain` until it is settled.
    """
    chosen = _chosen(ids, every)
    async with opened() as core:
        done = await core.holds.release(chosen)
    _tell(done, chosen, "released")


@app.command("cancel")
@command
async def cancel(ids: Ids = None, every: All = False) -> None:
    """Never send held messages. Those whose outcome is unknown (`uncertain`) cannot be cancelled and stay held."""
    chosen = _chosen(ids, every)
    async with opened() as core:
        done = await core.holds.cancel(chosen)
    _tell(done, chosen, "cancelled")


def _chosen(ids: list[int] | None, every: bool) -> list[int] | None:
    if bool(ids) == every:
        raise typer.BadParameter("Name messages by their ids, or all of them by --all.")
    return None if every else sorted(set(ids or ()))


def _tell(done: int, chosen: list[int] | None, what: str) -> None:
    if chosen is not None and done < len(chosen):
        raise StartupError(
            f"{done} {what}; the others are not held, or not in a state for this (`jackfield held list`)."
        )
    say(f"{done} {what}.")
