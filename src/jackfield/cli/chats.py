"""chat list, read, reply."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from ._command import at_desk
from ._common import MOST_ID, AsJson, say, show_json, show_table
from ._desk import Desk, upto
from .sending import check_text, outcome

app = typer.Typer(help="Conversations.", no_args_is_help=True)
ChatId = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The chat's id.")]


def line_of(message: dict[str, Any]) -> str:
    """A message in one line, or several where its text has them."""
    who = "us" if message["direction"] == "out" else message["from"] or "them"
    said = message["text"] or f"[{message['type']}]"
    state = f"  ({message['status']})" if message["direction"] == "out" else ""
    return f"{(message['timestamp'] or '')[:16].replace('T', ' ')}  {who}: {said}{state}"


@app.command("list")
@at_desk
async def list_chats(
    desk: Desk,
    unread: Annotated[bool, typer.Option("--unread", help="Only with unread messages.")] = False,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Only where they wrote last.")] = False,
    channel: Annotated[str | None, typer.Option(help="Only of this channel, by id or key.")] = None,
    search: Annotated[str | None, typer.Option(help="Only with this in a name or number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the chats, the newest first."""
    profile = (await desk.profile(channel)).id if channel is not None else None
    filters = {"unread": unread or None, "unanswered": unanswered or None, "profileId": profile, "q": search}
    rows = await upto(limit, desk.api.pages("/chats", limit=min(limit, 200), **filters))
    if as_json:
        show_json(rows)
        return
    show_table(
        ["Id", "Name", "Number", "Unread", "Status", "Last", "What"],
        [
            [
                row["id"],
                row["name"],
                row["chatId"],
                row["unread"] or "",
                row["status"],
                (row["lastAt"] or "")[:16].replace("T", " "),
                ((row["lastMessage"] or {}).get("text") or f"[{(row['lastMessage'] or {}).get('type', '')}]")[:60],
            ]
            for row in rows
        ],
        empty="No chats.",
    )


@app.command("read")
@at_desk
async def read(
    desk: Desk,
    chat_id: ChatId,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many messages at most.")] = 30,
    mark: Annotated[bool, typer.Option("--mark-read", help="Mark the chat as read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a conversation's newest messages, the last one at the end."""
    rows = await upto(limit, desk.api.pages(f"/chats/{chat_id}/messages", limit=min(limit, 200)))
    if mark:
        await desk.api.chats.read(str(chat_id))
    if as_json:
        show_json(rows)
        return
    for row in reversed(rows):
        say(line_of(row))
    if not rows:
        say("No messages.")


@app.command("reply")
@at_desk
async def reply(
    desk: Desk,
    chat_id: ChatId,
    text: Annotated[str, typer.Argument(help="What to say.")],
    wait: Annotated[float, typer.Option(min=0, max=60, help="Seconds to wait for the network's answer.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Write in a chat and wait until the network has it."""
    check_text(text)
    async with desk.working():
        sent = await desk.send_in_chat(chat_id, text, wait)
    simulated = await desk.is_simulated(message_id=sent.message_id)
    if as_json:
        show_json({**msgspec.to_builtins(sent), "simulated": simulated})
    outcome(sent, quiet=as_json, simulated=simulated)
