"""One message out, and the network's answer."""

from __future__ import annotations

from typing import Any

import msgspec

from .content import Content


class Outgoing(msgspec.Struct, kw_only=True):
    """One message to hand to the network.

    `ref` is our id as text, to be carried wherever the network echoes something back
    (`biz_opaque_callback_data`). `to` is the peer's address on this network: E.164 digits for a person, a JID
    ("...@g.us", "...@newsletter") for a group or newsletter, a business-scoped user id, a Telegram chat id.
    `message_id` is the id to use on networks where the sender chooses it, fixed at the first attempt.
    """

    id: int
    ref: str
    to: str
    content: Content
    category: str = "service"
    reply_to: str | None = None
    message_id: str | None = None
    attempt: int = 1


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The network took the message. `raw` is its answer where a dialect shows it; `held` its word for why it keeps the message
    back for now (it may still drop it), None when it goes out at once. `identities` is by
    what the network knows the recipient, where it says so: it may be another spelling of the number, or a user id."""

    provider_id: str
    identities: dict[str, str] = {}
    raw: dict[str, Any] | None = None
    held: str | None = None
