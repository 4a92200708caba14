"""The command line: one file per noun. `app` is the Typer application."""

from __future__ import annotations

from typing import Annotated

import typer

from jackfield import __version__

from . import (
    assistants,
    automations,
    backups,
    broadcasting,
    campaigns,
    channels,
    chats,
    contacts,
    doctor,
    held,
    inbound,
    installation,
    keys,
    members,
    privacy,
    secrets,
    sending,
    serving,
    templates,
    webhooks,
)
from ._common import say

app = typer.Typer(
    name="jackfield",
    help="Self-hosted business messaging: WhatsApp and Telegram behind one core, any API in, any engine out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"Jackfield {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    url: Annotated[
        str | None, typer.Option("--url", help="Have the command work at the server of this address.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="API key for that server.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Self-hosted business messaging: WhatsApp and Telegram behind one core, any API in, any engine out."""
    ctx.obj = {"url": url, "key": key}
    if (url or key) and ctx.invoked_subcommand in serving.HERE:
        raise typer.BadParameter(f"`{ctx.invoked_subcommand}` works here only, without --url and --key.")


installation.add(app)
serving.add(app)
doctor.add(app)
backups.add(app)
contacts.add(app)
sending.add(app)
broadcasting.add(app)
app.add_typer(held.app, name="held")
app.add_typer(secrets.app, name="secrets")
app.add_typer(channels.app, name="channel")
app.add_typer(privacy.app, name="contacts")
app.add_typer(keys.app, name="key")
app.add_typer(members.app, name="member")
app.add_typer(inbound.app, name="inbound")
app.add_typer(campaigns.app, name="campaign")
app.add_typer(automations.app, name="automation")
app.add_typer(templates.app, name="template")
app.add_typer(chats.app, name="chat")
app.add_typer(webhooks.app, name="webhook")
assistants.add(app)

__all__ = ["app"]
