"""send."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
import typer

from jackfield.client import Sent
from jackfield.core import Invalid, states

from ._command import at_desk
from ._common import AsJson, complain, say, say_simulated, show_json
from ._desk import Desk


def check_text(text: str) -> None:
    """Raises Invalid for a text that says nothing."""
    if not text.strip():
        raise Invalid("There is no text to send.")


def check_time(text: str | None) -> str | None:
    """A time as ISO 8601; one without a zone is meant in the workspace's. Raises Invalid."""
    if text is None:
        return None
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"--at {text!r}: write a time such as 2026-12-24T10:00 or 2026-12-24T10:00+01:00") from None
    return text.strip()


@at_desk
async def send(
    desk: Desk,
    to: Annotated[str, typer.Argument(help="Number with country code, or a chat id.")],
    text: Annotated[str, typer.Argument(help="What to say.")],
    channel: Annotated[str | None, typer.Option(help="Channel id or key; the default channel when left out.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Send then (ISO 8601, in the workspace's zone) instead of now.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the network's answer.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Send one text and wait until the network has it."""
    check_text(text)
    due = check_time(at)
    row = await desk.profile(channel)
    sent = await desk.send(row, to, text, due, wait)
    if as_json:
        show_json(
            {
                "id": sent.message_id,
                "to": sent.to,
                "status": sent.status,
                "simulated": row.simulated,
                "providerId": sent.provider_id,
                "error": msgspec.to_builtins(sent.error),
            }
        )
    outcome(sent, quiet=as_json, simulated=row.simulated)
    if sent.status == states.QUEUED and sent.error is None and not as_json:
        say(f"It goes out when channel {row.id} is connected and a server runs. {row.status_reason or ''}".rstrip())


def outcome(sent: Sent, *, quiet: bool, simulated: bool) -> None:
    """Say what became of a message, unless `quiet`. Raises typer.Exit (1) when it failed."""
    why = sent.error
    if not quiet and why is not None:
        line = f"Message {sent.message_id} to {sent.to}: {sent.status}. {why.code} {why.title}. {why.cause}"
        complain(line, why.remedy)
    elif not quiet:
        say(f"Message {sent.message_id} to {sent.to}: {sent.status}")
    say_simulated(simulated and not quiet)
    if sent.status == states.FAILED:
        raise typer.Exit(1)
