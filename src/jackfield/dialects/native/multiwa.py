"""Objects as the types of MultiWA's TypeScript client (packages/sdk) have them.

The client has no envelope in its types: it reads the fields of an object at top level, and `{data, total, limit, offset}` of
a list. So these stand beside `success`, `data` and `meta` where a call is one of that client's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from jackfield.core import CampaignView, ChatView, ContactView, Counts, EndpointView, MessageView, Page, states
from jackfield.core import content as contents

from .._jids import to_jid
from . import shapes
from .context import Paging
from .envelope import iso

STATUSES: Final = {
    **dict.fromkeys((states.QUEUED, states.SCHEDULED, states.SENDING, states.UNCERTAIN), "pending"),
    **dict.fromkeys((states.CANCELLED, states.SKIPPED), "failed"),
    states.RECEIVED: "delivered",
}
"""MultiWA's words for states of a message; the others are spelled alike."""
BROADCASTS: Final = {"finished": "completed", "cancelled": "failed"}
"""MultiWA's words for states of a campaign; the others are spelled alike."""
CHATS: Final = {"private": "user", "group": "group", "newsletter": "broadcast"}
"""MultiWA's words for kinds of chats."""


def listed(paging: Paging, page: Page[Any]) -> dict[str, Any]:
    """What stands beside a list that was counted."""
    if page.total is None:
        return {}
    return {"total": page.total, "limit": paging.limit, "offset": ((paging.page or 1) - 1) * paging.limit}


def counted(paging: Paging) -> Paging:
    """The same part of a list, by number and counted, as MultiWA's client wants every list."""
    if paging.cursor is not None or paging.page is not None:
        return paging
    return msgspec.structs.replace(paging, page=1, total=True)


def message(row: MessageView, conversation_id: str | None = None) -> dict[str, Any]:
    """A message; `conversation_id` is its chat's id, else the chat's address stands for it, which the routes of
    conversations take too."""
    content = contents.decode(row.content) if row.content else None
    incoming = row.direction == "in"
    return {
        "id": str(row.id),
        "messageId": str(row.id),
        "profileId": str(row.channel_id),
        "conversationId": conversation_id or to_jid(row.peer),
        "direction": "incoming" if incoming else "outgoing",
        "senderJid": to_jid(row.sender or row.peer) if incoming else "",
        "type": row.kind,
        "content": msgspec.to_builtins(content) if content is not None else None,
        "status": STATUSES.get(row.state, row.state),
        "timestamp": iso(row.sent_at if incoming else row.created_at),
        "providerId": row.provider_id,
    }


def scheduled(row: MessageView) -> dict[str, Any]:
    """A message that waits for its time, or did."""
    content = contents.decode(row.content) if row.content else None
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "to": to_jid(row.peer),
        "type": row.kind,
        "content": msgspec.to_builtins(content) if content is not None else None,
        "scheduledAt": iso(row.due_at),
        "status": STATUSES[row.state] if row.state != states.CANCELLED else "cancelled",
        "createdAt": iso(row.created_at),
    }


def accepted(data: Mapping[str, Any], *, profile_id: int, kind: str) -> dict[str, Any]:
    """A message that was just taken, beside its answer."""
    return {
        "id": data["id"],
        "messageId": data["messageId"],
        "profileId": str(profile_id),
        "conversationId": to_jid(data["to"]),
        "direction": "outgoing",
        "senderJid": "",
        "type": kind,
        "status": STATUSES.get(data["status"], data["status"]),
        "timestamp": data["timestamp"],
    }


def contact(view: ContactView) -> dict[str, Any]:
    """A contact. It belongs to no profile: the whole workspace has it."""
    return {
        "id": str(view.id),
        "phone": view.phone,
        "name": view.name,
        "tags": view.tags,
        "metadata": view.attributes,
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
    }


def conversation(view: ChatView) -> dict[str, Any]:
    """A chat."""
    row, person = view.chat, view.contact
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "jid": to_jid(row.peer),
        "name": row.name or (person.name if person is not None else None),
        "type": CHATS.get(row.kind, row.kind),
        "unreadCount": row.unread,
        "archived": row.archived,
        "lastMessageAt": iso(row.last_at) if row.last_at else None,
        "createdAt": iso(row.created_at),
    }


def webhook(row: EndpointView, *, secret: bool = False) -> dict[str, Any]:
    """A subscription; its secret when it was made or changed."""
    shown = {
        "id": str(row.id),
        "profileId": str(row.channel_id) if row.channel_id else None,
        "url": row.url,
        "events": row.events,
        "enabled": row.enabled,
        "createdAt": iso(row.created_at),
    }
    return {**shown, "secret": row.secret} if secret else shown


def recipients(audience: Mapping[str, Any]) -> dict[str, Any]:
    """An audience in MultiWA's words; `filter` where it has none for it."""
    found = {name: value for name, value in audience.items() if value is not None}
    if not found or found == {"all": True}:
        return {"type": "all", "value": []}
    if set(found) == {"any_tags"}:
        return {"type": "tags", "value": found["any_tags"]}
    if set(found) == {"ids"}:
        return {"type": "contacts", "value": [str(one) for one in found["ids"]]}
    return {"type": "filter", "value": []}


def stats(counts: Counts) -> dict[str, Any]:
    """A campaign's counts as a funnel."""
    shown = shapes.counted(counts)
    return {name: shown[name] for name in ("total", "pending", "sent", "delivered", "read", "failed")}


def broadcast(row: CampaignView, counts: Counts) -> dict[str, Any]:
    """A campaign."""
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "name": row.name,
        "message": msgspec.to_builtins(contents.decode(row.content)) if row.content else None,
        "recipients": recipients(row.audience),
        "status": BROADCASTS.get(row.state, row.state),
        "scheduledAt": iso(row.scheduled_at),
        "startedAt": iso(row.started_at),
        "completedAt": iso(row.finished_at),
        "stats": stats(counts),
        "createdAt": iso(row.created_at),
    }
