"""Calls and the log."""

import json
from typing import Annotated, Any

from fastapi import Depends, FastAPI

from jackfield.core import AuditEntryView, ChannelView, Principal, Stored

from ..._openapi import Answer
from .. import answers, convert
from ..context import Context
from ..wire import client_id, iso, ok

LAST_CALLS, LAST_CALLS_OF_ALL, LAST_LINES = 100, 50, 100
_LEVELS = {
    "message.failed": "error",
    "message.uncertain": "warn",
    "session.disconnected": "warn",
    "campaign.paused": "warn",
    "account.notice": "warn",
}


def _event(row: Stored, channels: dict[int, ChannelView]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(row.data)
    # The code of a QR lets whoever reads it link the phone.
    facts.pop("code", None) if row.type == "session.qr" else None
    who = facts.get("peer") or facts.get("caller") or facts.get("address") or facts.get("name")
    why = facts.get("error") or facts.get("reason") or facts.get("body")
    words = " ".join(str(part) for part in (row.type, who, f"({why})" if why else None) if part)
    channel = channels.get(row.channel_id or 0)
    return {
        "id": row.id,
        "timestamp": iso(row.created_at),
        "level": _LEVELS.get(row.type, "info"),
        "type": row.type,
        "clientId": client_id(channel) if channel is not None else None,
        "message": words[:500],
        "data": facts,
    }


def _entry(row: AuditEntryView) -> dict[str, Any]:
    refused = row.action.endswith(("failed", "refused"))
    return {
        "id": row.id,
        "timestamp": iso(row.created_at),
        "level": "warn" if refused else "info",
        "type": f"audit.{row.action}",
        "clientId": None,
        "message": " ".join(part for part in (row.action, row.target, f"by {row.actor}") if part),
        "data": {"ip": row.ip, **row.data},
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Calls = Annotated[Principal, Depends(context.by_key("calls:read"))]
    Reader = Annotated[Principal, Depends(context.by_key("messages:read"))]

    @app.get("/api/incoming-calls/{clientId}", tags=["Calls"], summary="Incoming calls of a client")
    async def list_incoming_calls(clientId: str, caller: Calls) -> Answer[answers.Calls]:
        """The last 100 calls at a client, newest first; durations in seconds."""
        channel = await context.client(caller, clientId)
        page = await core.calls.list(caller.workspace_id, channel_id=channel.id, limit=LAST_CALLS)
        return ok({"status": "success", "calls": [convert.call(row, channel) for row in page.items]})

    @app.get("/api/call-logs", tags=["Calls"], summary="Calls of all clients")
    async def list_call_logs(caller: Calls) -> Answer[answers.CallLogs]:
        """The last 50 calls of all clients, newest first."""
        channels = {row.id: row for row in await context.clients(caller)}
        page = await core.calls.list(caller.workspace_id, channel_id=caller.channel_id, limit=LAST_CALLS_OF_ALL)
        rows = [convert.call(row, channels[row.channel_id]) for row in page.items if row.channel_id in channels]
        return ok({"status": "success", "success": True, "calls": rows})

    @app.get("/api/logs", tags=["Account"], summary="The log")
    async def list_logs(caller: Reader) -> Answer[answers.Logs]:
        """The last 100 things that happened, newest first; for an account's key with the audit log's entries."""
        channels = {row.id: row for row in await context.clients(caller)}
        events = await core.live.log(
            caller.workspace_id, channel_id=caller.channel_id, only_channel=True, limit=LAST_LINES
        )
        lines = [(one.stored.created_at, _event(one.stored, channels)) for one in events.items]
        if caller.channel_id is None and caller.may("audit:read"):
            audit = await core.audit.list(caller.workspace_id, limit=LAST_LINES)
            lines += [(row.created_at, _entry(row)) for row in audit.items]
        lines.sort(key=lambda line: line[0], reverse=True)
        return ok({"status": "success", "success": True, "logs": [line for _, line in lines[:LAST_LINES]]})
