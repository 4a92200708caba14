"""archive status, run, find."""

from __future__ import annotations

from typing import Annotated

import typer

from ._command import at_desk
from ._common import MOST_ID, AsJson, say, show_json, show_table
from ._desk import Desk, upto

app = typer.Typer(help="Messages that were settled long ago.", no_args_is_help=True)


@app.command("status")
@at_desk
async def status(desk: Desk, as_json: AsJson = False) -> None:
    """Show when messages are archived, and how many are."""
    found = await desk.api.get("/archive")
    if as_json:
        show_json(found)
        return
    days = found["afterDays"]
    say(f"Settled messages are archived after {days} days." if days else "No messages are archived.")
    if found["messages"]:
        say(f"{found['messages']} are in the archive, from {found['oldestAt']} to {found['newestAt']}.")
    if found["due"]:
        count = "2000 or more" if found["due"] >= 2000 else str(found["due"])
        say(f"{count} could be archived now, the oldest of {found['dueSince']}: `jackfield archive run` does it.")


@app.command("run")
@at_desk
async def run(desk: Desk) -> None:
    """Archive what is due now; a server does it once an hour."""
    total = 0
    while True:
        done = await desk.api.post("/archive/run", {})
        total += done["archived"]
        if not done["left"]:
            break
        say(f"{total} archived ...")
    say(f"{total} messages archived.")


@app.command("find")
@at_desk
async def find(
    desk: Desk,
    id_: Annotated[int | None, typer.Option("--id", min=1, max=MOST_ID, help="The message's id.")] = None,
    contact: Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Of this person (a contact's id).")] = None,
    campaign: Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Of this campaign.")] = None,
    channel: Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Of this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most that are shown.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show archived messages, newest first."""
    filters = {"id": id_, "contactId": contact, "campaignId": campaign, "profileId": channel}
    chosen = {name: value for name, value in filters.items() if value is not None}
    rows = await upto(limit, desk.api.pages("/archive/messages", limit=min(limit, 200), **chosen))
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Id", "Made", "Channel", "Way", "Address", "Kind", "Status", "Campaign"],
        [
            [
                row["id"],
                row["createdAt"],
                row["profileId"],
                row["direction"],
                row["to"] if row["direction"] == "out" else row["from"],
                row["type"],
                row["status"],
                row["campaignId"],
            ]
            for row in rows
        ],
        empty="There is no such message in the archive.",
    )
