"""member remove-second-factor."""

from __future__ import annotations

from typing import Annotated

import typer

from ._common import command, opened, say

app = typer.Typer(help="People who log in.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """People who log in."""


@app.command("remove-second-factor")
@command
async def remove_second_factor(
    email: Annotated[str, typer.Argument(help="Their e-mail address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Let somebody log in with their password alone who has lost phone and recovery codes: an owner above all, whom nobody
    else may help. The audit log says so, and all their sessions end."""
    if not yes:
        typer.confirm(f"Take the second factor of {email} away?", abort=True)
    async with opened() as core:
        if await core.accounts.remove_lost_second_factor(email):
            say(f"{email} logs in with the password alone now, and can set up a new second factor.")
        else:
            say(f"{email} has no second factor; nothing was changed.")
