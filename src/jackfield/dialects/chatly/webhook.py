"""Chatly's webhooks: `{event, client_id, created_at, data}`, signed when a secret is set.

One fact of ours can be two of Chatly's events: that the network took a message is `message.sent` (it was sent through the
API) and `whatsapp.status`. Who wants both has two endpoints, told apart by their setting `part` (see routes.webhooks).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from jackfield.core import BaseFormat, Fact, Rendered, Target, hex_hmac

from .wire import local, zone_of

if TYPE_CHECKING:
    from jackfield.core import Core

STATUSES: Final = ("message.sent", "message.delivered", "message.read", "message.failed")
NAMES: Final[Mapping[str, Sequence[str]]] = {
    "webhook.test": ("webhook.test",),
    "contact.created": ("contact.created",),
    "message.sent": ("message.sent",),
    "whatsapp.incoming": ("message.received",),
    "whatsapp.status": STATUSES,
    "telegram.incoming": ("message.received",),
    "ticket.created": ("ticket.created",),
}
"""Chatly's events to ours."""

THROUGH_API: Final = frozenset({"api", "schedule"})
"""Sources of messages that a program sent."""
ZONES_S: Final = 60.0
"""How long the workspaces' time zones are believed."""

_plain = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


class ChatlyFormat(BaseFormat):
    """Chatly's payloads. An endpoint's settings: `events` (Chatly's names), `part`, `signed`, `timezone`."""

    name = "chatly"
    default_events: Sequence[str] = tuple(dict.fromkeys(ours for names in NAMES.values() for ours in names))
    event_names: Mapping[str, Sequence[str]] = NAMES

    def __init__(self) -> None:
        self._core: Core | None = None
        self._zones: dict[int, ZoneInfo] = {}
        self._fresh_until = 0.0
        self._loading: asyncio.Task[None] | None = None

    # -- time zones ----------------------------------------------------------------------------------

    def follow(self, core: Core) -> None:
        """Know the workspaces' time zones: facts do not carry them, and rendering cannot wait for a database."""
        self._core = core
        core.bus.subscribe("workspaces", lambda _: self._load(now=True))
        core.bus.subscribe("events", lambda _: self._load())

    def _load(self, *, now: bool = False) -> None:
        if self._core is None or (self._loading is not None and not self._loading.done()):
            return
        if now or self._fresh_until < time.monotonic():
            self._fresh_until = time.monotonic() + ZONES_S
            self._loading = asyncio.get_running_loop().create_task(self._read_zones(self._core), name="time-zones")

    async def _read_zones(self, core: Core) -> None:
        self._zones = {id_: zone_of(name) for id_, name in (await core.accounts.timezones()).items()}

    def _zone(self, endpoint: Target) -> ZoneInfo:
        self._load()
        known = self._zones.get(endpoint.workspace_id)
        return known if known is not None else zone_of(str(endpoint.settings.get("timezone") or "UTC"))

    # -- payloads ------------------------------------------------------------------------------------

    def render(self, event: Fact, endpoint: Target) -> Rendered | None:
        """The payload, or None when the endpoint does not subscribe to the fact."""
        facts = _plain.decode(event.data)
        name = event_name(event, facts, endpoint.settings.get("part"))
        wanted = endpoint.settings.get("events")
        if name is None or (isinstance(wanted, list) and name != "webhook.test" and name not in wanted):
            return None
        body = _encode(
            {
                "event": name,
                "client_id": event.workspace_id,
                "created_at": local(event.created_at, self._zone(endpoint)),
                "data": payload(name, event, facts),
            }
        )
        headers = {"Content-Type": "application/json", "X-Chatly-Event": name}
        if endpoint.settings.get("signed", True):
            headers["X-Chatly-Signature"] = hex_hmac(endpoint.secret, body)
        return Rendered(headers, body)


def event_name(event: Fact, facts: Mapping[str, Any], part: object = None) -> str | None:
    """Chatly's name of a fact; None for one that it does not tell of.

    `part` "sent" asks for message.sent, "status" for whatsapp.status where a fact is both; else message.sent goes first.
    """
    telegram = event.channel_network == "telegram"
    if event.type == "webhook.test":
        return "webhook.test"
    if event.type in ("contact.created", "ticket.created"):
        # "Created through API": who wrote first is told by whatsapp.incoming.
        return event.type if facts.get("source", "api") == "api" else None
    if event.type == "message.received":
        if facts.get("from_me"):
            return None
        return "telegram.incoming" if telegram else "whatsapp.incoming"
    if event.type not in STATUSES:
        return None
    single = not facts.get("campaign_id") and facts.get("source") in THROUGH_API
    sent = event.type == "message.sent" and single
    if sent and part != "status":
        return "message.sent"
    return None if part == "sent" or telegram else "whatsapp.status"


def payload(name: str, event: Fact, facts: Mapping[str, Any]) -> dict[str, Any]:
    """An event's `data`."""
    if name == "webhook.test":
        return {"message": facts.get("message") or "This is a test delivery from Jackfield."}
    if name == "contact.created":
        return {"name": facts.get("name", ""), "phone": facts.get("phone"), "source": facts.get("source", "api")}
    if name == "ticket.created":
        return {
            "id": facts["id"],
            "subject": facts["subject"],
            "priority": facts["priority"],
            "department_id": facts.get("department_id"),
            "contact_id": facts.get("contact_id"),
            "source": facts.get("source", "api"),
        }
    data: dict[str, Any] = {
        "id": facts["id"],
        "message_id": facts.get("provider_id"),
        "contact_id": facts.get("contact_id"),
        "channel_id": event.channel_id,
    }
    if name in ("whatsapp.incoming", "telegram.incoming"):
        return data | {
            "chat_id" if name == "telegram.incoming" else "phone": facts["peer"],
            "sender": facts.get("sender"),
            "name": facts.get("sender_name"),
            "type": facts["kind"],
            "message": facts.get("body", ""),
            "has_file": bool(facts.get("has_media", False)),
            "is_group": facts.get("chat_kind", "private") != "private",
            "timestamp": facts["timestamp"] // 1000,
        }
    data |= {"phone": facts["peer"], "type": facts["kind"], "message": facts.get("body", "")}
    data["status"] = event.type.partition(".")[2]
    if name == "message.sent":
        return data | {"source": "api"}
    return data | {
        "campaign_id": facts.get("campaign_id"),
        "template": facts.get("template"),
        "error_code": facts.get("code"),
        "error": facts.get("error"),
        "timestamp": facts["timestamp"] // 1000,
    }
