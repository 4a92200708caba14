"""A webhook by whom it concerns: one app has one callback for all its numbers, unless each has its own. Pure functions.

What concerns a number names its id (`metadata.phone_number_id`), or its phone number (`display_phone_number`, in what is
said of the number itself); all else concerns the business account, which is the entry's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .people import phone_of


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One change, as a webhook of its own. All names are empty for what has not the documented shape."""

    payload: dict[str, Any]
    number_id: str = ""
    phone: str = ""
    account: str = ""

    def body(self) -> bytes:
        """The part as a webhook's body."""
        return msgspec.json.encode(self.payload)


def parts_of(data: Any) -> list[Part]:
    """The changes of a webhook, in their order."""
    entries = data.get("entry") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries:
        return [Part(payload=data if isinstance(data, dict) else {"value": data})]
    frame = {key: value for key, value in data.items() if key != "entry"}
    found: list[Part] = []
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list) or not changes:
            found.append(Part(payload={**frame, "entry": [entry]}))
            continue
        for change in changes:
            found.append(_part({**frame, "entry": [{**entry, "changes": [change]}]}, entry, change))
    return found


def _part(payload: dict[str, Any], entry: Mapping[str, Any], change: Any) -> Part:
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        return Part(payload=payload)
    metadata = value.get("metadata")
    number_id = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    if number_id:
        return Part(payload=payload, number_id=str(number_id))
    if str(change.get("field")).startswith("phone_number_") and value.get("display_phone_number"):
        return Part(payload=payload, phone=phone_of(value["display_phone_number"]))
    return Part(payload=payload, account=str(entry.get("id") or ""))
