"""The command line: one file per noun. `app` is the Typer application."""

from __future__ import annotations

from typing import Annotated

import typer

from . import (
    assistants,
    backups,
    campaigns,
    channels,
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
)

app = typer.Typer(
    name="jackfield",
    help="Self-hosted business messaging: WhatsApp and Telegram behind one core, any API in, any engine out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


@app.callback()
def main(
    ctx: typer.Context,
    url: Annotated[
        str | None, typer.Option("--url", help="Have the command work at the server of this address.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="API key for that server.")] = None,
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
app.add_typer(held.app, name="held")
app.add_typer(secrets.app, name="secrets")
app.add_typer(channels.app, name="channel")
app.add_typer(privacy.app, name="contacts")
app.add_typer(keys.app, name="key")
app.add_typer(members.app, name="member")
app.add_typer(inbound.app, name="inbound")
app.add_typer(campaigns.app, name="campaign")
assistants.add(app)

__all__ = ["app"]
