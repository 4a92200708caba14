"""The command line: one file per noun. `app` is the Typer application."""

from __future__ import annotations

from typing import Annotated

import typer

from jackfield import __version__

from ._lazy import Entry, LazyGroup, walk

COMMANDS = {
    "init": Entry(
        "installation",
        "init",
        "Make a new installation: database, first workspace, API key, and its owner where one is named.",
        here_only=True,
    ),
    "serve": Entry(
        "serving", "serve", "Run Jackfield: API, worker and deliveries, until it is told to stop.", here_only=True
    ),
    "migrate": Entry("migrating", "migrate", "Bring the database to this version's schema.", here_only=True),
    "simulator": Entry(
        "serving",
        "simulator",
        "Run the simulated network as a server of its own: Graph API, Bot API and the world's own endpoints.",
        here_only=True,
    ),
    "demo": Entry(
        "serving",
        "demo",
        "Show the main job: import contacts, send a campaign through the simulator, see who got it; then serve.",
        here_only=True,
    ),
    "doctor": Entry(
        "doctor",
        "doctor",
        "Look at the installation: set-up, permissions, clock, disk, database, NATS, public address, channels, templates.",
        here_only=True,
    ),
    "backup": Entry(
        "backups",
        "backup",
        "Write a backup of the whole installation to one encrypted file, while the server goes on.",
        here_only=True,
    ),
    "restore": Entry(
        "backups",
        "restore",
        "Bring an installation back from a backup, into an empty place: JACKFIELD_DATA_DIR, and JACKFIELD_DATABASE_URL "
        "for one that was on PostgreSQL.",
        here_only=True,
    ),
    "move": Entry(
        "databases",
        "move",
        "Copy the database of this installation into an empty one, and compare every row: SQLite to PostgreSQL, or back.",
        here_only=True,
    ),
    "migrate-from": Entry(
        "moving",
        "migrate_from",
        "Bring in what another installation, or a vendor, shows through its documented API.",
    ),
    "import": Entry(
        "contacts", "import_contacts", "Import contacts from a file as it left a phone, a tool or a spreadsheet."
    ),
    "send": Entry("sending", "send", "Send one text and wait until the network has it."),
    "broadcast": Entry(
        "broadcasting",
        "broadcast",
        "Send a campaign to contacts, and to groups by name. Without --watch the running server sends it.",
    ),
    "mcp": Entry(
        "assistants",
        "mcp",
        "Serve tools to an assistant over stdio (Model Context Protocol), which work at the server of --url with --key.",
    ),
    "held": Entry(
        "held",
        "app",
        "Single messages that are held since a restore, because they may have gone out already.",
        here_only=True,
    ),
    "secrets": Entry("secrets", "app", "The key that stored secrets are sealed with.", here_only=True),
    "channel": Entry("channels", "app", "Connected numbers and bots."),
    "contacts": Entry("privacy", "app", "What is known of people."),
    "key": Entry("keys", "app", "API keys."),
    "member": Entry("members", "app", "People who log in.", here_only=True),
    "inbound": Entry("inbound", "app", "What came in and could not be applied."),
    "archive": Entry("archive", "app", "Messages that were settled long ago."),
    "campaign": Entry("campaigns", "app", "Campaigns."),
    "automation": Entry("automations", "app", "Rules and sequences: what happens by itself."),
    "template": Entry("templates", "app", "Message templates, as the provider keeps them."),
    "chat": Entry("chats", "app", "Conversations."),
    "webhook": Entry("webhooks", "app", "Where events are delivered."),
}


class Commands(LazyGroup):
    """All commands."""

    entries = COMMANDS


app = typer.Typer(
    name="jackfield",
    cls=Commands,
    help="Self-hosted business messaging: WhatsApp and Telegram behind one core, any API in, any engine out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Jackfield {__version__}")
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
    called = ctx.invoked_subcommand
    if (url or key) and called is not None and COMMANDS[called].here_only:
        raise typer.BadParameter(f"`{called}` works here only, without --url and --key.")


__all__ = ["COMMANDS", "app", "walk"]
