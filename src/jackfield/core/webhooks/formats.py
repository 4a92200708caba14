"""What a dialect brings along to speak webhooks in its own way: the port `WebhookFormat`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ..ground.unit import Stored


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as delivered to. `old_secret` is set while a rotation's grace time lasts."""

    id: int
    workspace_id: int
    channel_id: int | None
    url: str
    secret: str
    old_secret: str | None
    format: str
    settings: dict[str, Any]

    def __repr__(self) -> str:
        """Without secrets, and without the URL's query, which may hold one."""
        return f"Target(id={self.id}, format={self.format!r})"


class Fact(Stored, kw_only=True):
    """An event with what formats say of its channel: our key, name, engine, network (such as telegram) and address there."""

    channel_key: str | None = None
    channel_name: str | None = None
    channel_engine: str | None = None
    channel_network: str | None = None
    channel_address: str | None = None


class Rendered(msgspec.Struct, frozen=True):
    """A request's own headers and its body, before the Standard Webhooks headers are added."""

    headers: dict[str, str]
    body: bytes


class WebhookFormat(Protocol):
    """How one dialect says what happened.

    `default_events` is what an endpoint made without events gets. `event_names` maps the dialect's own event names to
    ours (one to several). `reads_answers` asks for `answer` to be called.
    """

    name: str
    default_events: Sequence[str]
    event_names: Mapping[str, Sequence[str]]
    reads_answers: bool

    def render(self, event: Fact, endpoint: Target) -> Rendered | None:
        """The request, or None when this dialect has no such event: nothing is sent then."""
        ...

    def timeout(self, event: Fact) -> float:
        """Seconds within which the receiver must answer."""
        ...

    async def answer(self, event: Fact, endpoint: Target, status: int, body: bytes) -> None:
        """A 2xx came with this body (cut at 64 KiB). Called before the delivery is recorded, so after a crash twice
        for one event: whatever it does must be idempotent by event and endpoint. What it raises is only logged."""
        ...

    async def unanswered(self, event: Fact, endpoint: Target) -> None:
        """An attempt failed, by the receiver's answer or for want of one; further ones may come, and `answer` after them.
        Called where `reads_answers`, and what it raises is only logged."""
        ...


class BaseFormat:
    """Defaults for formats: 15 s (field.md, section 3), all events, answers not read."""

    name = ""
    default_events: Sequence[str] = ("*",)
    event_names: Mapping[str, Sequence[str]] = {}
    reads_answers = False

    def timeout(self, event: Fact) -> float:
        """Seconds within which the receiver must answer."""
        return 15.0

    async def unanswered(self, event: Fact, endpoint: Target) -> None:
        """Nothing depends on answers."""

    async def answer(self, event: Fact, endpoint: Target, status: int, body: bytes) -> None:
        """Nothing is read from answers."""
