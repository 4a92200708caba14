"""Chattu's webhooks: their payloads, and what a receiver's answer sets off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from jackfield.core import (
    BaseFormat,
    Conflict,
    Fact,
    LimitReached,
    NotFound,
    Rendered,
    Submission,
    Target,
    Text,
    now_ms,
)

if TYPE_CHECKING:
    from jackfield.core import Core

log = structlog.get_logger(__name__)

EVENTS: Final = ("message.received", "message.sent", "call.rejected")
TIMEOUT_S: Final = 5.0
CALL_TIMEOUT_S: Final = 3.0
"""Within which a receiver must answer (seed, "Webhook Requirements")."""
CALL_WAIT_S: Final = CALL_TIMEOUT_S + 0.5
"""How long the default words wait at most: the receiver's own time, and a little for what comes before it. A receiver that
fails has them sent at once."""
MAX_TEXT: Final = 4096
FRESH_MS: Final = 24 * 3600 * 1000
"""An answer to an older message (the receiver was down) is not sent: the service window is over."""
REPLIES: Final = (5, 60)
"""Automatic replies to one chat: so many in so many seconds. Two programs that answer each other reach it at once."""
PAUSE_S: Final = 3600
"""How long a chat that reached it gets no automatic reply, so that a loop ends for good."""

_plain = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


class ChattuFormat(BaseFormat):
    """`{event, data}` with `X-Api-Key`: the client's key, which is the endpoint's secret."""

    name = "chattu"
    default_events: Sequence[str] = EVENTS
    event_names: Mapping[str, Sequence[str]] = {
        "message_received": ("message.received",),
        "message_sent": ("message.sent",),
        "call_rejected": ("call.rejected",),
    }
    reads_answers = True

    def __init__(self) -> None:
        self.core: Core | None = None

    def timeout(self, event: Fact) -> float:
        """5 s, 3 s for calls."""
        return CALL_TIMEOUT_S if event.type == "call.rejected" else TIMEOUT_S

    def render(self, event: Fact, endpoint: Target) -> Rendered | None:
        """The documented payloads; other events have none."""
        facts = _plain.decode(event.data)
        client = event.channel_key or (str(event.channel_id) if event.channel_id is not None else "")
        data: dict[str, Any]
        if event.type == "message.received" and not facts.get("from_me"):
            data = {"from": facts["peer"], "to": client, **_text(facts), "type": "received_message"}
            if facts.get("chat_kind", "private") != "private":
                # In a group the chat is what is answered; who wrote is told beside it.
                data["author"] = facts.get("sender")
            name = "message_received"
        elif event.type == "message.sent":
            data = {"from": client, "to": facts["peer"], **_text(facts), "type": "sent_message"}
            name = "message_sent"
        elif event.type == "call.rejected":
            data = {
                "from": facts["caller"],
                "to": client,
                "isVideo": bool(facts.get("is_video", False)),
                "timestamp": facts.get("timestamp", event.created_at),
                "type": "call_rejected",
            }
            name = "call_rejected"
        elif event.type == "webhook.test":
            data = {"to": client, "message": facts.get("message", ""), "timestamp": event.created_at, "type": "test"}
            name = "webhook_test"
        else:
            return None
        headers = {"Content-Type": "application/json", "X-Api-Key": endpoint.secret}
        return Rendered(headers, _encode({"event": name, "data": data}))

    # -- answers -------------------------------------------------------------------------------------

    async def answer(self, event: Fact, endpoint: Target, status: int, body: bytes) -> None:
        """`response` goes back to the sender, `rejectionMessage` to the caller."""
        if self.core is None or event.type not in ("message.received", "call.rejected"):
            return
        said = _json_object(body)
        facts = _plain.decode(event.data)
        if event.type == "call.rejected":
            try:
                await self.core.calls.answer(event.workspace_id, facts["id"], _words(said, "rejectionMessage"))
            except NotFound:
                pass
            return
        words = _words(said, "response")
        if words is None or facts.get("from_me") or event.channel_id is None:
            return
        if now_ms() - event.created_at > FRESH_MS or facts.get("chat_kind") == "newsletter":
            return
        await self._reply(event, event.channel_id, endpoint, facts, words)

    async def unanswered(self, event: Fact, endpoint: Target) -> None:
        """The receiver failed or was too slow: a caller is told the default words now."""
        if self.core is not None and event.type == "call.rejected":
            try:
                await self.core.calls.answer(event.workspace_id, _plain.decode(event.data)["id"], None)
            except NotFound:
                pass

    async def _reply(self, event: Fact, channel_id: int, endpoint: Target, facts: dict[str, Any], words: str) -> None:
        assert self.core is not None
        chat = f"{channel_id}:{facts['peer']}"
        limits = self.core.limits
        try:
            await limits.check("chattu-reply-pause", chat, 1, PAUSE_S)
            try:
                await limits.hit("chattu-reply", chat, *REPLIES)
            except LimitReached:
                await limits.hit("chattu-reply-pause", chat, 1, PAUSE_S)
                log.warning("automatic replies stopped for a while: a loop", channel=channel_id, endpoint=endpoint.id)
                return
        except LimitReached:
            return
        try:
            await self.core.messages.submit(
                Submission(
                    workspace_id=event.workspace_id,
                    channel_id=channel_id,
                    peer=facts["peer"],
                    chat_kind=facts.get("chat_kind", "private"),
                    content=Text(text=words),
                    contact_id=facts.get("contact_id"),
                    source="auto-reply",
                    # A delivery may be answered twice after a crash: one event and endpoint, one reply.
                    idempotency_key=f"chattu-reply:{endpoint.id}:{event.id}",
                )
            )
        except Conflict:
            # Answered twice with different words; the first ones stand.
            pass


def _text(facts: Mapping[str, Any]) -> dict[str, Any]:
    body = facts.get("body", "")
    return {"body": body, "message": body, "timestamp": facts["timestamp"]}


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    if not isinstance(said, dict) or said.get("status", "success") not in ("success", "ok", True):
        return {}
    return said


def _words(said: Mapping[str, Any], field: str) -> str | None:
    words = said.get(field)
    if not isinstance(words, str):
        return None
    words = words.replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:MAX_TEXT]
    return words or None
