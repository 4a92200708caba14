"""Live events as the native API writes them: each once, for all who listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from jackfield.core import ChannelView, Core, Fact, LiveEvent, Stored

from . import answers
from .envelope import iso
from .webhook import event_data

FRESH_S: Final = 2.0
"""How long a profile's old name may be told where another process changed it and the bus did not say so."""
_plain = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


class Writer:
    """Events as the native API writes them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._channels: dict[int, dict[str, Any]] = {}
        self._known: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fresh_until = 0.0
        core.bus.subscribe("channels", self._changed)
        core.bus.subscribe("channel-status", self._changed)

    def _changed(self, _payload: Any) -> None:
        if self._known:
            self._fresh_until = time.monotonic() + FRESH_S
            task = asyncio.get_running_loop().create_task(self._load(set(self._known)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def know(self, workspace_id: int) -> None:
        """Read what formats say of a workspace's channels, unless it is known."""
        if workspace_id not in self._known:
            self._fresh_until = time.monotonic() + FRESH_S
            self._known.add(workspace_id)
            await self._load({workspace_id})

    async def _load(self, workspaces: set[int]) -> None:
        for workspace_id in workspaces:
            for row in await self._core.channels.list(workspace_id):
                self._learn(row)

    def _learn(self, row: ChannelView) -> None:
        self._channels[row.id] = {
            "channel_key": row.key,
            "channel_name": row.name,
            "channel_engine": row.engine,
            "channel_network": self._core.networks.of(row.engine).name,
            "channel_address": row.address,
        }

    def render(self, event: LiveEvent) -> answers.Event:
        """An event as plain data: as webhooks carry it, with its id and the position to resume from."""
        stored = event.stored
        if self._fresh_until < time.monotonic() and not self._core.options.exclusive:
            self._changed(None)
        channel: dict[str, Any] = self._channels.get(stored.channel_id or 0, {})
        fact = Fact(**msgspec.structs.asdict(stored), **channel)
        return {
            "id": str(stored.id),
            "cursor": str(event.position),
            "event": stored.type,
            "profileId": None if stored.channel_id is None else str(stored.channel_id),
            "timestamp": iso(stored.created_at),
            "data": event_data(fact, _plain.decode(stored.data)),
        }

    async def encode(self, events: Sequence[Stored]) -> list[bytes]:
        """Events as JSON, for who reads all of them in order: each is its own position."""
        for workspace_id in {one.workspace_id for one in events}:
            await self.know(workspace_id)
        return [self.json(LiveEvent(one, one.id)) for one in events]

    def json(self, event: LiveEvent) -> bytes:
        """The event as JSON, made once."""
        known = event.encoded.get("json")
        if known is None:
            known = event.encoded["json"] = _encode(self.render(event))
        return known

    def frame(self, event: LiveEvent) -> bytes:
        """The event as a WebSocket frame, made once."""
        known = event.encoded.get("frame")
        if known is None:
            known = event.encoded["frame"] = frame(self.json(event))
        return known

    def sse(self, event: LiveEvent) -> bytes:
        """The event as a block of a server-sent stream, made once."""
        known = event.encoded.get("sse")
        if known is None:
            head = f"id: {event.position}\nevent: {event.stored.type}\ndata: ".encode()
            known = event.encoded["sse"] = head + self.json(event) + b"\n\n"
        return known


def frame(text: bytes) -> bytes:
    """A whole, unmasked text message (RFC 6455 section 5.2)."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + text
    return b"\x81\x7f" + size.to_bytes(8, "big") + text
