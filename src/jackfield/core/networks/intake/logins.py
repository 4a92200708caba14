"""Logging in, and losing the connection."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import update

from ...ground.events import SessionConnected, SessionDisconnected, SessionQr
from ...ground.unit import Unit
from ...models import Channel
from ...port import AskFields, Disconnected, Done, Engine, LoginChanged, ShowCode, ShowQr, claims
from ..source import Source


async def login_changed(unit: Unit, source: Source, report: LoginChanged) -> None:
    """Show the next step of logging in, or that the channel is connected."""
    step = report.step
    values: dict[str, Any]
    if isinstance(step, Done):
        values = {
            "status": "connected",
            "status_reason": None,
            "login": None,
            "address": step.address,
            "display_name": step.name,
            "connected_at": unit.now,
        }
        unit.emit(source.workspace_id, SessionConnected(address=step.address, name=step.name), source.channel_id)
    else:
        values = {"status": "pairing", "status_reason": None, "login": msgspec.to_builtins(step)}
        if isinstance(step, ShowQr | ShowCode):
            kind = "qr" if isinstance(step, ShowQr) else "pairing_code"
            unit.emit(
                source.workspace_id, SessionQr(code=step.code, kind=kind, expires_at=step.expires_at), source.channel_id
            )
    await unit.conn.execute(update(Channel).where(Channel.id == source.channel_id).values(**values))
    unit.notify(f"channel:{source.channel_id}", "status")
    unit.notify("channel-status", source.channel_id)


async def disconnected(unit: Unit, source: Source, engine: Engine, report: Disconnected) -> None:
    """The session is down; what only a person can bring up again asks for that person."""
    status = "disconnected"
    if report.permanent:
        status = "banned" if "banned" in report.reason.casefold() else "logged_out"
    values: dict[str, Any] = {"status": status, "status_reason": report.reason, "login": None}
    if report.permanent:
        values["wanted"] = "down"
        values["login"] = _login_step(engine, report.reason)
    await unit.conn.execute(update(Channel).where(Channel.id == source.channel_id).values(**values))
    unit.emit(
        source.workspace_id,
        SessionDisconnected(reason=report.reason, permanent=report.permanent),
        source.channel_id,
    )
    unit.notify(f"channel:{source.channel_id}", "changed")


def _login_step(engine: Engine, why: str) -> dict[str, Any] | None:
    """The next login step of a channel that a person must bring up again: the fields of its configuration, for an engine
    that logs in by these; one that pairs a phone has a fresh code at the next connect."""
    if "pairing" in claims(engine.session_type):
        return None
    step: dict[str, Any] = msgspec.to_builtins(
        AskFields(json_schema=engine.config_model.model_json_schema(by_alias=True), why=why)
    )
    return step
