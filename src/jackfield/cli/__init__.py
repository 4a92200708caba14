"""The command line: one file per noun. `app` is the Typer application."""

from __future__ import annotations

import typer

from . import campaigns, channels, contacts, keys, sending, serving

app = typer.Typer(
    name="jackfield",
    help="Self-hosted business messaging: WhatsApp and Telegram behind one core, any API in, any engine out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
serving.add(app)
contacts.add(app)
sending.add(app)
app.add_typer(channels.app, name="channel")
app.add_typer(keys.app, name="key")
app.add_typer(campaigns.app, name="campaign")

__all__ = ["app"]
