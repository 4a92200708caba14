"""What a network tells: messages, statuses, logins, calls, groups, templates, notices.

A session reports through the `Sink` given at `open`; a network that calls back over HTTP turns the raw request into the
same reports in `HasCallbacks.parse_callback`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec

from .content import Content
from .descriptions import GroupInfo
from .login import LoginStep


class Referral(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where somebody came from: the advertisement or post whose button opened the chat.

    `ctwa_clid` is the click's id, by which conversions are reported to Meta.
    """

    source_type: str | None = None
    source_id: str | None = None
    source_url: str | None = None
    headline: str | None = None
    body: str | None = None
    media_type: str | None = None
    media_url: str | None = None
    thumbnail_url: str | None = None
    ctwa_clid: str | None = None
    welcome_message: str | None = None


class ReferredProduct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The product of a catalog that a message asks about; `product_id` is the retailer's."""

    catalog_id: str | None = None
    product_id: str


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message from a peer (or an echo of what staff wrote on the phone, `from_me`).

    `chat` is the conversation's address (equals `sender` in private chats; a group JID or chat id in groups).
    `identities` are all names by which the sender is known, kind to value: `phone` (digits), `lid`, `bsuid`,
    `telegram`, `username`. `is_person`: false for a channel, a bot, an anonymous administrator, who become no contacts.
    `group_name` is that of the whole group where the chat is a part of it. `forwarded` is "once", or "often" for what has
    gone through many hands. Times are Unix ms.
    """

    provider_id: str
    chat: str
    sender: str
    content: Content
    timestamp: int
    sender_name: str | None = None
    identities: dict[str, str] = {}
    chat_kind: str = "private"
    chat_name: str | None = None
    group_name: str | None = None
    is_person: bool = True
    from_me: bool = False
    reply_to: str | None = None
    referral: Referral | None = None
    referred_product: ReferredProduct | None = None
    forwarded: str | None = None
    raw: dict[str, Any] | None = None
    history: bool = False


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message of ours: `state` is sent, delivered, read or failed.

    `ref` is our id when the network echoes it. `code` and `message` are the provider's when it failed.
    """

    provider_id: str
    state: str
    timestamp: int
    ref: str | None = None
    code: str | None = None
    message: str | None = None
    recipient: str | None = None
    identities: dict[str, str] = {}
    """By what the network knows the recipient, who may have been written to under another form."""
    participant: str | None = None
    """Whom of a group this concerns; the state is then this person's, not the message's."""
    raw: dict[str, Any] | None = None


class MessageEdited(msgspec.Struct, frozen=True, kw_only=True):
    """A peer edited a message. Content of a file that names no file changes the caption alone. `chat` is the
    conversation's address, where the network says it."""

    provider_id: str
    content: Content
    timestamp: int
    chat: str | None = None
    raw: dict[str, Any] | None = None


class MessageDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """A peer deleted a message for everyone; `chat` as in `MessageEdited`."""

    provider_id: str
    timestamp: int
    chat: str | None = None
    raw: dict[str, Any] | None = None


class LoginChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The next step of logging in (a fresh QR, a pairing code, or done)."""

    step: LoginStep


class Disconnected(msgspec.Struct, frozen=True, kw_only=True):
    """The session is down. `permanent` when only a person can bring it back (logged out, banned)."""

    reason: str
    permanent: bool = False


class IncomingCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that rings (`ended_at` unset) or has ended. Times are Unix ms."""

    call_id: str
    caller: str
    started_at: int
    is_video: bool = False
    ended_at: int | None = None
    status: str = "ringing"
    identities: dict[str, str] = {}


class GroupChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A group is new, has changed, or was left."""

    group: GroupInfo


class PeerKnown(msgspec.Struct, frozen=True, kw_only=True):
    """The network told us of a person (address book sync, LID to phone mapping).

    `also` are further identities of the same person, such as another spelling of the number; `previous` those that the
    person had before and has no longer, after a change of number or user id.
    """

    identities: dict[str, str]
    name: str | None = None
    also: dict[str, str] = {}
    previous: dict[str, str] = {}


class TemplateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A template's status, quality or category changed; unset fields did not."""

    provider_id: str | None = None
    name: str
    language: str
    status: str | None = None
    quality: str | None = None
    category: str | None = None
    reason: str | None = None


class MarketingPreference(msgspec.Struct, frozen=True, kw_only=True):
    """A person stopped (or resumed) marketing through the platform's own switch."""

    identities: dict[str, str]
    opted_in: bool
    timestamp: int


class AccountNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The provider says something of the account or number: tier, quality, violation, review.

    `throughput` (messages per second), `messaging_limit` (unique recipients per rolling 24 h, -1 without limit) and
    `quality` (GREEN, YELLOW, RED, UNKNOWN) are set where the notice carries them.
    """

    kind: str
    message: str
    throughput: int | None = None
    messaging_limit: int | None = None
    quality: str | None = None
    raw: dict[str, Any] | None = None


class UnknownReport(msgspec.Struct, frozen=True, kw_only=True):
    """Something the engine cannot read; kept raw and answered as received.

    `callback` is what the engine's `reread` takes to try again, where that is more than the JSON of `raw`. `unreadable`
    when the whole body could not be read.
    """

    kind: str
    raw: dict[str, Any]
    callback: bytes | None = None
    unreadable: bool = False


Report: TypeAlias = (
    Incoming
    | Status
    | MessageEdited
    | MessageDeleted
    | LoginChanged
    | Disconnected
    | IncomingCall
    | GroupChanged
    | PeerKnown
    | TemplateChanged
    | MarketingPreference
    | AccountNotice
    | UnknownReport
)


class Sink(Protocol):
    """Where a session reports. Awaiting it returns once the reports are durable."""

    def __call__(self, reports: Sequence[Report]) -> Awaitable[None]: ...
