"""contacts personal-data, contacts erase."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ._common import MOST_ID, AsJson, say, show_json
from ._desk import Desk, at_desk

app = typer.Typer(help="What is known of people.", no_args_is_help=True)

Contact = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="Id of the contact.")]


@app.command("personal-data")
@at_desk
async def personal_data(
    desk: Desk,
    contact_id: Contact,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
) -> None:
    """All that is known of a contact, as JSON: for a request of access."""
    told = await desk.personal_data(contact_id)
    if file is None:
        show_json(told)
        return
    file.touch(mode=0o600)
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    say(f"Written to {file}.")


@app.command("erase")
@at_desk
async def erase(
    desk: Desk,
    contact_id: Contact,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a contact with its messages, chats, files, tickets and notes. This cannot be undone."""
    if not yes:
        typer.confirm(f"Erase contact {contact_id} with all that is known of it?", abort=True)
    done = await desk.erase(contact_id)
    if as_json:
        show_json(done)
        return
    say(f"Erased: {', '.join(f'{count} {noun}' for noun, count in done.items() if noun != 'id')}.")
