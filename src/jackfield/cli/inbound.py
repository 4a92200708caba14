"""inbound problems, replay."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from jackfield.core import PROBLEM_REASONS, Invalid

from ._command import at_desk
from ._common import MOST_ID, AsJson, say, show_json, show_table
from ._desk import Desk, upto

app = typer.Typer(help="What came in and could not be applied.", no_args_is_help=True)

Reason = Annotated[str | None, typer.Option(help=f"Only of this reason: {', '.join(PROBLEM_REASONS)}.")]
Channel = Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Only of this channel.")]


@app.command("problems")
@at_desk
async def problems(
    desk: Desk,
    reason: Reason = None,
    channel: Channel = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Show resolved ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most that are shown.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what providers sent and could not be applied, newest first."""
    filters = {"reason": _known(reason), "profileId": channel, "status": "all" if resolved else "open"}
    chosen = {name: value for name, value in filters.items() if value is not None}
    rows = await upto(limit, desk.api.inbound.list(limit=min(limit, 200), **chosen))
    if as_json:
        show_json([msgspec.to_builtins(row) for row in rows])
        return
    show_table(
        ["Id", "Came", "Channel", "Reason", "What", "Status", "Replays", "Detail"],
        [
            [row.id, row.created_at, row.profile_id, row.reason, row.kind, row.status, row.attempts, row.detail]
            for row in rows
        ],
        empty="Nothing: all that came in was applied.",
    )


@app.command("replay")
@at_desk
async def replay(
    desk: Desk,
    problem_id: Annotated[int | None, typer.Argument(min=1, max=MOST_ID, help="One problem.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are open, as --reason and --channel choose.")] = False,
    reason: Reason = None,
    channel: Channel = None,
) -> None:
    """Try again to apply a problem, or all of them. What is applied already changes nothing."""
    if (problem_id is None) == (not every):
        raise typer.BadParameter("Give the id of a problem, or --all.")
    if problem_id is not None:
        row = await desk.api.inbound.replay(str(problem_id))
        said = "is applied" if row.status == "resolved" else f"is still open: {row.detail or row.explanation}"
        say(f"Problem {row.id} {said}.".replace("..", "."))
        return
    tried, applied = await desk.replay_problems(_known(reason), channel)
    say(f"{tried} replayed, {applied} applied, {tried - applied} still open.")


def _known(reason: str | None) -> str | None:
    if reason is not None and reason not in PROBLEM_REASONS:
        raise Invalid(f"--reason: use one of {', '.join(PROBLEM_REASONS)}.")
    return reason
