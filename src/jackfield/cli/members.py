"""member list, invite, edit, remove, set-password, remove-second-factor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from jackfield.core import Invalid, NotFound
from jackfield.server.startup_error import StartupError

from ._command import at_desk
from ._common import AsJson, command, opened, say, show_json, show_table
from ._desk import Desk

app = typer.Typer(help="People who log in.", no_args_is_help=True)


async def find(desk: Desk, email: str) -> dict[str, Any]:
    """A member by e-mail address. Raises NotFound."""
    async for one in desk.api.pages("/team", search=email, limit=200):
        if one["email"].casefold() == email.strip().casefold():
            return one
    raise NotFound(f"Nobody with the address {email} is in the workspace.", code="MEMBER_NOT_FOUND")


Email = Annotated[str, typer.Argument(help="Their e-mail address.")]


@app.command("list")
@at_desk
async def list_members(desk: Desk, as_json: AsJson = False) -> None:
    """Show who may log in."""
    rows = [one async for one in desk.api.pages("/team", limit=200)]
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Id", "E-mail", "Name", "Role", "State", "Last login"],
        [
            [
                row["id"],
                row["email"],
                f"{row['firstName']} {row['lastName']}".strip(),
                row["role"],
                "disabled" if row["disabled"] else "active",
                row["lastLoginAt"],
            ]
            for row in rows
        ],
        empty="Nobody yet; the dashboard's first page makes the owner.",
    )


@app.command("invite")
@at_desk
async def invite(
    desk: Desk,
    email: Email,
    role: Annotated[str, typer.Option(help="admin or agent.")] = "agent",
    as_json: AsJson = False,
) -> None:
    """Invite somebody: prints the code with which they choose a password."""
    made = await desk.api.post("/team/invitations", {"email": email, "role": role})
    if as_json:
        show_json(made)
        return
    say(f"{made['email']} is invited as {made['role']} until {made['expiresAt']}. Their code: {made['token']}")


@app.command("edit")
@at_desk
async def edit(
    desk: Desk,
    email: Email,
    role: Annotated[str | None, typer.Option(help="admin or agent.")] = None,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Whether they may log in; their sessions end at once.")
    ] = None,
) -> None:
    """Change somebody's role, or whether they may log in."""
    changes = {name: value for name, value in {"role": role, "disabled": disabled}.items() if value is not None}
    if not changes:
        raise Invalid("Say what to change: --role, --disable or --enable.")
    row = await find(desk, email)
    now = await desk.api.patch(f"/team/{row['id']}", changes)
    say(f"{now['email']} is {now['role']}{', and may not log in' if now['disabled'] else ''}.")


@app.command("remove")
@at_desk
async def remove(
    desk: Desk, email: Email, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove somebody from the workspace; what they did stays."""
    row = await find(desk, email)
    if not yes:
        typer.confirm(f"Remove {row['email']} from the workspace?", abort=True)
    await desk.api.delete(f"/team/{row['id']}")
    say(f"{row['email']} is removed.")


@app.command("set-password")
@command
async def set_password(
    email: Email,
    file: Annotated[
        Path | None,
        typer.Option("--password-file", help="A file whose first line is the password; - reads it from the input."),
    ] = None,
) -> None:
    """Give a new password to somebody who has lost theirs: an owner above all, whom nobody else may help. It is asked for,
    unless a file has it. The audit log says so, and all their sessions end."""
    password = _new_password(file)
    async with opened() as core:
        member = await core.accounts.replace_lost_password(email, password)
    say(f"{member.email} logs in with the new password now; all their sessions have ended.")
    if member.disabled:
        say(f"They are disabled, and may not log in before: jackfield member edit {member.email} --enable")


def _new_password(file: Path | None) -> str:
    """From a file or a question, never from an argument: those are in the list of processes and in the shell's history. Raises
    StartupError."""
    if file is None and not sys.stdin.isatty():
        raise StartupError("The password is missing: name a file (--password-file FILE, or - for the input).")
    if file is None:
        given: str = typer.prompt("New password", hide_input=True, confirmation_prompt="The same again")
        return given
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{file} cannot be read: {error}") from None
    return (text.splitlines() or [""])[0]


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
