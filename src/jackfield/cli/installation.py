"""init: make an installation. And its secrets: shown once on a terminal, else written to a file of the owner's alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from jackfield.core import Bootstrap
from jackfield.server.log import configure_logging
from jackfield.server.startup import bootstrap, open_core
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings

from ._common import command, out, say, settings

CREDENTIALS = "first-credentials.txt"


@command
async def init(
    name: Annotated[str, typer.Option(help="Name of the first workspace.")] = "Jackfield",
    email: Annotated[
        str | None,
        typer.Option(
            help="E-mail address of the owner; left out: JACKFIELD_OWNER_EMAIL, else somebody becomes the owner in the browser."
        ),
    ] = None,
    simulator: Annotated[
        bool, typer.Option("--simulator", help="Add a simulated phone to try things with; nothing is really sent.")
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing, also on a terminal.")] = False,
) -> None:
    """Make a new installation: database, first workspace, API key, and its owner where one is named.

    On a terminal it asks for the owner. The password comes from the question, from JACKFIELD_OWNER_PASSWORD, or is made up.
    """
    chosen = settings()
    configure_logging(chosen)
    if email is not None:
        chosen = chosen.model_copy(update={"owner_email": email})
    if not no_input and sys.stdin.isatty():
        chosen = _asked(chosen)
    core = open_core(chosen)
    try:
        await core.migrate()
        await core.open()
        made = await bootstrap(core, chosen, name=name, simulator=simulator) if await core.accounts.is_empty() else None
    finally:
        await core.close()
    if made is None:
        raise StartupError("There is a Jackfield here already; nothing was changed. `jackfield serve` starts it.")
    show_credentials(made, chosen.data_dir)
    say("The installation is ready. Start it with `jackfield serve`.")


def _asked(chosen: Settings) -> Settings:
    """The settings with the owner as answered on the terminal."""
    email = chosen.owner_email or typer.prompt(
        "E-mail address of the owner (empty: choose it later, in the browser)", default="", show_default=False
    )
    changes: dict[str, object] = {"owner_email": email.strip()}
    if email.strip() and not chosen.owner_password.get_secret_value():
        password = typer.prompt(
            "Password (empty: one is made up)",
            default="",
            show_default=False,
            hide_input=True,
            confirmation_prompt="The same again",
        )
        changes["owner_password"] = SecretStr(password)
    return chosen.model_copy(update=changes)


def show_credentials(made: Bootstrap, data_dir: Path) -> None:
    """What was made up for the first owner and key, once: on a terminal, else in a file that only its owner may read, so
    that it is in no log. What the operator chose is not repeated."""
    lines = []
    if "email" in made.made_up or "password" in made.made_up:
        lines.append(f"Owner: {made.email}")
    if "password" in made.made_up:
        lines.append(f"Password (shown once): {made.password}")
    if "api_key" in made.made_up:
        lines.append(f"API key: {made.api_key}")
    if not lines:
        return
    if out.is_terminal:
        for line in lines:
            say(line)
        return
    path = data_dir / CREDENTIALS
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
    say(f"The first credentials are in {path}: keep them elsewhere, then delete the file.")
