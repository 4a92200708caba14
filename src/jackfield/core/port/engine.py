"""The engine port: what the core asks of a network, and what a network tells the core.

The required part is tiny: `Engine.open` gives a `Session`, a session has `send` and `close`. Everything else
is an optional capability, a runtime-checkable protocol that a session claims by having its methods, so that a
missing one is an `Unsupported` error before anything is sent.

A session reports what happens on the network through the `Sink` given at `open`; a network that calls back over
HTTP turns the raw request into the same reports in `Callbacks.parse_callback`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, runtime_checkable

import msgspec
from pydantic import BaseModel

from ..ground.errors import SendError, Unsupported
from .content import Content
from .login import LoginStep

# -- what goes out -----------------------------------------------------------------------------------


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
    """The network took the message. `raw` is its answer where a dialect shows it."""

    provider_id: str
    raw: dict[str, Any] | None = None


# -- what comes in -----------------------------------------------------------------------------------


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message from a peer (or an echo of what staff wrote on the phone, `from_me`).

    `chat` is the conversation's address (equals `sender` in private chats; a group JID or chat id in groups).
    `identities` are all names by which the sender is known, kind to value: `phone` (digits), `lid`, `bsuid`,
    `telegram`, `username`. Times are Unix ms.
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
    from_me: bool = False
    reply_to: str | None = None
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
    raw: dict[str, Any] | None = None


class MessageEdited(msgspec.Struct, frozen=True, kw_only=True):
    """A peer edited a message."""

    provider_id: str
    content: Content
    timestamp: int


class MessageDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """A peer deleted a message for everyone."""

    provider_id: str
    timestamp: int


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


class GroupParticipant(msgspec.Struct, frozen=True, kw_only=True):
    """A member of a group; `address` as in `Outgoing.to`."""

    address: str
    name: str | None = None
    is_admin: bool = False
    is_super_admin: bool = False


class GroupInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A group or newsletter as the network describes it. `kind`: "group" or "newsletter"; times are Unix ms.

    `participants` and `read_only` are None where they are not told (the core then keeps what it had).
    """

    address: str
    name: str
    kind: str = "group"
    description: str | None = None
    owner: str | None = None
    created_at: int | None = None
    read_only: bool | None = False
    picture_url: str | None = None
    participants: list[GroupParticipant] | None = None
    left: bool = False


class GroupChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A group is new, has changed, or was left."""

    group: GroupInfo


class PeerKnown(msgspec.Struct, frozen=True, kw_only=True):
    """The network told us of a person (address book sync, LID to phone mapping)."""

    identities: dict[str, str]
    name: str | None = None


class TemplateInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A template as the provider describes it; `components` in Meta's own shape. Status APPROVED, PAUSED, ..."""

    provider_id: str
    name: str
    language: str
    category: str
    status: str
    components: list[dict[str, Any]]
    quality: str | None = None
    parameter_format: str = "POSITIONAL"
    rejected_reason: str | None = None


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
    """Something the engine does not know; recorded raw and answered as received."""

    kind: str
    raw: dict[str, Any]


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


# -- the required part -------------------------------------------------------------------------------


def _titled(name: str) -> str:
    """A field's name as a form shows it, where the field has no title of its own: phone_number_id, Phone number ID."""
    words = [{"id": "ID", "url": "URL", "waba": "WABA", "api": "API"}.get(word, word) for word in name.split("_")]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


class EngineConfig(BaseModel):
    """Base of every engine's own configuration; stored encrypted, shown as a form from its JSON schema.

    Wire names are camelCase aliases; secrets are `pydantic.SecretStr`.
    """

    model_config = {
        "extra": "forbid",
        "populate_by_name": True,
        "field_title_generator": lambda name, _: _titled(name),
    }


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine learns of its channel at `open`.

    `state` is a small blob the session kept with `Session`'s sink-independent `save_state` callback (device keys,
    update offset); empty the first time. `data_dir` is a folder of this channel's own on local disk.
    """

    id: int
    name: str
    config: EngineConfig
    save_state: Callable[[bytes], Awaitable[None]]
    state: bytes = b""
    data_dir: str = ""
    public_url: str | None = None
    address: str | None = None
    media: MediaStore | None = None


class MediaStore(Protocol):
    """Stored files, as engines need them."""

    async def read(self, media_id: str) -> tuple[bytes, str, str | None]:
        """Bytes, MIME type and file name of a stored file (`media:ID` in a content's url). Raises NotFound."""
        ...

    async def store(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """Keep a file; gives its media id."""
        ...


class Session(Protocol):
    """One channel's live connection. Sends may be called concurrently."""

    async def send(self, message: Outgoing) -> Sent:
        """Hand one message to the network.

        Raises one of `SendError`: Rejected, Throttled, Unavailable, LoginRequired, OutcomeUnknown. Anything else
        that escapes is treated as OutcomeUnknown.
        """
        ...

    async def close(self) -> None:
        """End the connection without logging out; what is in flight is finished or reported as unknown."""
        ...


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """An engine's default pacing; a channel's own settings go before. Rates are messages per second.

    `delay_ms` is a random pause between messages, `per_recipient_s` the least time between two messages to
    one peer (of which `per_recipient_burst` may go at once, borrowed from the peer's future), `burst` how many may go
    at once after a pause, `concurrency` how many sends may be open.
    """

    rate: float
    burst: int = 1
    concurrency: int = 64
    delay_ms: tuple[int, int] = (0, 0)
    per_recipient_s: float = 0.0
    per_recipient_burst: int = 1
    daily_cap: int | None = None
    group_per_minute: int | None = None


class Engine(Protocol):
    """A kind of network. One instance serves all its channels."""

    name: ClassVar[str]
    title: ClassVar[str]
    config_model: ClassVar[type[EngineConfig]]
    limits: ClassVar[Limits]
    session_type: ClassVar[type]
    """The class of sessions, for reading its claims without opening one."""

    async def open(self, channel: ChannelInfo, sink: Sink) -> Session:
        """Connect the channel; login steps and all that happens later go to `sink`.

        Raises LoginRequired when only a person can bring it up, Unavailable when the network is out of reach.
        """
        ...


# -- optional capabilities ---------------------------------------------------------------------------


@runtime_checkable
class CanSendMany(Protocol):
    """Takes many messages in one call, which spares a task for each."""

    async def send_many(self, messages: Sequence[Outgoing]) -> list[Sent | SendError]:
        """One answer per message, in order; failures are returned, not raised."""
        ...


@runtime_checkable
class CanLookUp(Protocol):
    """Can tell for certain whether the network has a message: settles uncertain sends."""

    async def look_up(self, refs: Sequence[str]) -> dict[str, str]:
        """Of these refs, those that the network took, with its id. Absent means: surely not sent."""
        ...


@runtime_checkable
class CanPair(Protocol):
    """Logs in by QR or pairing code."""

    async def start_login(self, phone: str | None = None) -> None:
        """Begin; steps go to the sink. With `phone` (digits) a pairing code is asked for, where there is one."""
        ...

    async def log_out(self) -> None:
        """Unlink the device for good."""
        ...


@runtime_checkable
class CanReact(Protocol):
    """Reactions: `Reaction` content may be sent."""

    reactions: ClassVar[bool]


@runtime_checkable
class CanPoll(Protocol):
    """Polls: `Poll` content may be sent, and votes come in."""

    polls: ClassVar[bool]


@runtime_checkable
class CanEdit(Protocol):
    """Can change a sent message."""

    async def edit(self, to: str, provider_id: str, content: Content) -> None:
        """Replace a sent message's content. Raises SendError."""
        ...


@runtime_checkable
class CanDelete(Protocol):
    """Can delete a sent message for everyone."""

    async def delete(self, to: str, provider_id: str) -> None:
        """Raises SendError."""
        ...


@runtime_checkable
class CanType(Protocol):
    """Shows "typing..."."""

    async def typing(self, to: str, on: bool, last_incoming: str | None = None) -> None:
        """`last_incoming` is the provider id of the last message from the peer, which some networks need."""
        ...


@runtime_checkable
class CanMarkRead(Protocol):
    """Sends read receipts."""

    async def mark_read(self, chat: str, provider_ids: Sequence[str], sender: str | None = None) -> None:
        """Tell the peer that these incoming messages were read. Raises SendError."""
        ...


@runtime_checkable
class CanGroup(Protocol):
    """Groups. Addresses are group JIDs; participants as in `Outgoing.to`. All raise SendError."""

    async def list_groups(self) -> list[GroupInfo]: ...
    async def group_info(self, group: str) -> GroupInfo: ...
    async def create_group(self, name: str, participants: Sequence[str], description: str | None) -> GroupInfo: ...
    async def update_group(self, group: str, *, name: str | None, description: str | None) -> GroupInfo: ...
    async def change_participants(self, group: str, participants: Sequence[str], action: str) -> GroupInfo:
        """`action` is add, remove, promote or demote."""
        ...

    async def leave_group(self, group: str) -> None: ...
    async def invite_link(self, group: str, *, revoke: bool = False) -> str: ...


@runtime_checkable
class CanHearJoinRequests(Protocol):
    """Knows who asks to be let into a group."""

    async def join_requests(self, group: str) -> list[str]:
        """Addresses of those who ask; letting them in is `change_participants` with "add". Raises SendError."""
        ...


@runtime_checkable
class CanNewsletter(Protocol):
    """Newsletters (WhatsApp channels). All raise SendError."""

    async def list_newsletters(self) -> list[GroupInfo]: ...
    async def create_newsletter(self, name: str, description: str | None) -> GroupInfo: ...


@runtime_checkable
class CanCall(Protocol):
    """Hears calls and can refuse them."""

    async def reject_call(self, call_id: str, caller: str) -> None:
        """Raises SendError."""
        ...


@runtime_checkable
class CanTemplate(Protocol):
    """Templates kept by the provider. All raise SendError."""

    async def list_templates(self) -> list[TemplateInfo]: ...
    async def create_template(
        self, name: str, language: str, category: str, components: list[dict[str, Any]], parameter_format: str
    ) -> TemplateInfo: ...
    async def edit_template(
        self, provider_id: str, components: list[dict[str, Any]] | None, category: str | None
    ) -> None: ...
    async def delete_template(self, name: str, provider_id: str | None) -> None: ...


class ProductInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A product variant of a catalog. Prices are text in the currency's minor unit, as Meta gives them."""

    provider_id: str
    retailer_id: str
    name: str
    description: str | None = None
    price: str | None = None
    sale_price: str | None = None
    currency: str | None = None
    availability: str | None = None
    image_url: str | None = None
    url: str | None = None
    brand: str | None = None
    condition: str | None = None
    group_id: str | None = None


class CatalogInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog linked to the account; `selected` marks the one that the number shows."""

    provider_id: str
    name: str
    product_count: int
    vertical: str = "commerce"
    selected: bool = False


@runtime_checkable
class CanCatalog(Protocol):
    """Catalogs and products kept by the provider. All raise SendError."""

    async def list_catalogs(self) -> list[CatalogInfo]: ...
    def list_products(self, catalog_id: str) -> AsyncIterator[ProductInfo]: ...


class NumberCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a phone number (digits) is on the network, and under which address."""

    phone: str
    exists: bool
    address: str | None = None


@runtime_checkable
class CanCheckContacts(Protocol):
    """Can tell which numbers are on the network."""

    async def check_contacts(self, phones: Sequence[str]) -> list[NumberCheck]: ...


@runtime_checkable
class CanShowPicture(Protocol):
    """Profile pictures of people and groups."""

    async def picture(self, address: str) -> str | None:
        """Where the picture is; None where there is none, or none for us. Raises SendError."""
        ...


@runtime_checkable
class CanResolve(Protocol):
    """Knows the phone number behind a LID."""

    async def phone_of(self, lid: str) -> str | None:
        """Digits, or None where the network has not told. Raises SendError."""
        ...


@runtime_checkable
class CanUpload(Protocol):
    """Keeps files at the provider, to be sent by their id (a content's `media_id`)."""

    async def upload(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """The provider's id of the file. Raises SendError."""
        ...


@runtime_checkable
class CanDownload(Protocol):
    """Fetches incoming media from the provider while its link is fresh."""

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """Bytes and MIME type. Raises SendError."""
        ...


class AccountInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The connected number or bot, as the provider describes it (see AccountNotice for units)."""

    address: str
    name: str | None = None
    quality: str | None = None
    throughput: int | None = None
    messaging_limit: int | None = None
    raw: dict[str, Any] | None = None


@runtime_checkable
class CanDescribeAccount(Protocol):
    """Reads the number's state from the provider."""

    async def account(self) -> AccountInfo: ...


@runtime_checkable
class CanBusinessProfile(Protocol):
    """Keeps what people see of the business behind the number. Fields are those of Meta's business profile."""

    async def business_profile(self) -> dict[str, Any]:
        """About, address, description, email, websites, vertical, profile_picture_url. Raises SendError."""
        ...

    async def update_business_profile(self, fields: dict[str, Any]) -> None:
        """Change these fields; `profile_picture` is a stored file, "media:ID". Raises SendError."""
        ...


@runtime_checkable
class CanRegister(Protocol):
    """An engine (not session) whose numbers must be registered at the provider before they may send."""

    async def register_number(self, config: EngineConfig, pin: str) -> None:
        """Register the number with its two-step PIN of six digits. Raises SendError."""
        ...


class CallbackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's raw HTTP request to us. Header names are lower case."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class CallbackAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer, and what it reported; reports are made durable before the answer goes out."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    reports: list[Report] = []


@runtime_checkable
class HasCallbacks(Protocol):
    """An engine (not session) whose network calls back over HTTP at `/hooks/{profile}`."""

    def parse_callback(self, config: EngineConfig, request: CallbackRequest) -> CallbackAnswer:
        """Verify (on the raw body) and parse. A wrong signature is status 401 or 403 with no reports."""
        ...


@runtime_checkable
class HasRequirements(Protocol):
    """An engine (not session) that needs more than is always installed."""

    def missing(self) -> str | None:
        """What must be installed first, in words with the line that does it; None when all is there."""
        ...


CAPABILITIES: dict[str, type] = {
    "send_many": CanSendMany,
    "look_up": CanLookUp,
    "pairing": CanPair,
    "reactions": CanReact,
    "polls": CanPoll,
    "edits": CanEdit,
    "deletes": CanDelete,
    "typing": CanType,
    "read_receipts": CanMarkRead,
    "groups": CanGroup,
    "join_requests": CanHearJoinRequests,
    "newsletters": CanNewsletter,
    "calls": CanCall,
    "templates": CanTemplate,
    "catalogs": CanCatalog,
    "contact_check": CanCheckContacts,
    "pictures": CanShowPicture,
    "lid_to_phone": CanResolve,
    "media_upload": CanUpload,
    "media_download": CanDownload,
    "account": CanDescribeAccount,
    "business_profile": CanBusinessProfile,
}
"""Capability names as shown in the API and docs, with the protocol that claims each."""

C = TypeVar("C")


def claims(session_type: type) -> list[str]:
    """Names of the capabilities that a session class claims: it has every method of the protocol."""

    def has(protocol: type) -> bool:
        wanted = [name for name in vars(protocol) if not name.startswith("_")]
        wanted += list(vars(protocol).get("__annotations__", {}))
        return all(hasattr(session_type, name) for name in wanted)

    return [name for name, protocol in CAPABILITIES.items() if has(protocol)]


def require(session: object, capability: type[C], engine: str) -> C:
    """The session as that capability. Raises Unsupported, before anything is sent, when it has it not."""
    if isinstance(session, capability):
        return session
    name = next((name for name, protocol in CAPABILITIES.items() if protocol is capability), capability.__name__)
    raise Unsupported(
        f"The engine {engine} cannot do this (it has no {name.replace('_', ' ')}).",
        details={"capability": name},
    )
