"""What the network took from an account, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

SENT, DELIVERED, READ, FAILED, DELETED = "sent", "delivered", "read", "failed", "deleted"
_RANK = {SENT: 0, DELIVERED: 1, READ: 2, FAILED: 2, DELETED: 3}


class Parcel(msgspec.Struct, kw_only=True, gc=False):
    """A message handed to the network.

    `ref` is the sender's own id, echoed in statuses. `kind` is the type as the protocol in front names it
    ("text", "template"), `payload` what was sent: JSON as bytes, or any value that JSON can hold. `message_id` is
    the id to give it where the sender chooses; unset, the network makes one up.
    `category` and `template` (its name) are what people and rules go by.
    """

    ref: str
    to: str
    kind: str
    payload: Any = b"{}"
    message_id: str | None = None
    category: str = "service"
    template: str | None = None


class Entry(msgspec.Struct, gc=False):
    """One message that the network took. `at` is Unix ms; `payload` is JSON text.

    Without garbage-collector tracking and with the payload as bytes: a million of them are about 400 MB with their
    indexes, and no collection ever walks them.
    """

    n: int
    id: str
    ref: str
    to: str
    kind: str
    payload: bytes
    at: int
    category: str = "service"
    template: str | None = None
    state: str = SENT
    code: str | None = None

    def advance(self, state: str, code: str | None = None) -> bool:
        """Move to `state` unless it is already past it; gives whether it moved."""
        if _RANK[state] <= _RANK[self.state]:
            return False
        self.state = state
        if code is not None:
            self.code = code
        return True

    @property
    def content(self) -> Any:
        """The payload as a value."""
        return msgspec.json.decode(self.payload)

    def as_json(self) -> dict[str, Any]:
        """As the outbox control shows it."""
        content = self.content
        row: dict[str, Any] = {
            "id": self.id,
            "ref": self.ref,
            "to": self.to,
            "type": self.kind,
            "content": content,
            "category": self.category,
            "template": self.template,
            "status": self.state,
            "code": self.code,
            "timestamp": datetime.fromtimestamp(self.at / 1000, UTC).isoformat(timespec="milliseconds"),
            "ms": self.at,
            "n": self.n,
        }
        text = text_of(content)
        if text is not None:
            row["text"] = text
        return row


def text_of(content: Any) -> str | None:
    """The words of a payload, whichever protocol it came by."""
    if not isinstance(content, dict):
        return None
    for key in ("text", "caption", "body", "question"):
        value = content.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and isinstance(value.get("body"), str):
            return str(value["body"])
    return None


class Outbox:
    """Grows without bound; keeps the order of taking. Ids made up by the network lead back to their entry by number."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.entries: list[Entry] = []
        self._by_ref: dict[str, Entry] = {}
        self._by_chosen_id: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, parcel: Parcel, payload: bytes, at: int) -> Entry:
        """Take one message."""
        n = len(self.entries)
        if parcel.message_id is None:
            provider_id = f"wamid.{self._tag}{n:08X}"
        else:
            provider_id = parcel.message_id
        entry = Entry(n, provider_id, parcel.ref, parcel.to, parcel.kind, payload, at, parcel.category, parcel.template)
        self.entries.append(entry)
        if parcel.message_id is not None:
            self._by_chosen_id[provider_id] = entry
        if parcel.ref:
            self._by_ref[parcel.ref] = entry
        return entry

    def get(self, provider_id: str) -> Entry | None:
        """The message with this id (the last one, if a sender gave several the same)."""
        chosen = self._by_chosen_id.get(provider_id)
        if chosen is not None:
            return chosen
        if provider_id.startswith(f"wamid.{self._tag}"):
            try:
                entry = self.entries[int(provider_id[-8:], 16)]
            except (ValueError, IndexError):
                return None
            return entry if entry.id == provider_id else None
        return None

    def by_ref(self, ref: str) -> Entry | None:
        """The last message with this sender's id."""
        return self._by_ref.get(ref)

    def page(self, after: int = 0, limit: int | None = None) -> Sequence[Entry]:
        """Entries from number `after` on."""
        return self.entries[after : None if limit is None else after + limit]

    def find_sent(self, refs: Iterable[str]) -> dict[str, str]:
        """Of these sender's ids, those that were taken, with the network's id."""
        by_ref = self._by_ref
        return {ref: by_ref[ref].id for ref in refs if ref in by_ref}

    def clear(self) -> None:
        """Forget everything that was taken. Numbers go on from 0, so ids may repeat: for tests between cases."""
        self.entries.clear()
        self._by_ref.clear()
        self._by_chosen_id.clear()
