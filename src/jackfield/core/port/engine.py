"""The engine port: what the core asks of a network.

The required part is tiny: `Engine.open` gives a `Session`, a session has `send` and `close`; and the engine describes
its network (`Network`: addresses, kinds of messages, limits). Everything else is an optional capability.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Protocol, runtime_checkable

import msgspec
from pydantic import ConfigDict

from ..ground.addresses import AllowList
from ..ground.numbers import StrictNumbers
from .messages import Outgoing, Sent
from .network import Network
from .reports import Report, Sink


def _titled(name: str) -> str:
    """A field's name as a form shows it, where the field has no title of its own: phone_number_id, Phone number ID."""
    words = [{"id": "ID", "url": "URL", "waba": "WABA", "api": "API"}.get(word, word) for word in name.split("_")]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


class EngineConfig(StrictNumbers):
    """Base of every engine's own configuration; stored encrypted, shown as a form from its JSON schema.

    Wire names are camelCase aliases; secrets are `pydantic.SecretStr`.
    """

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, field_title_generator=lambda name, _: _titled(name)
    )

    def addresses(self) -> Mapping[str, str]:
        """The URLs that the engine dials and somebody chose, by the wire name of their field; checked when a channel is
        saved. The engine dials them with `egress.GuardedConnector`. A default of the engine's own need not be here."""
        return {}


class MediaStore(Protocol):
    """Stored files, as engines need them."""

    async def read(self, media_id: str) -> tuple[bytes, str, str | None]:
        """Bytes, MIME type and file name of a stored file (`media:ID` in a content's url). Raises NotFound."""
        ...

    async def store(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """Keep a file; gives its media id."""
        ...


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine learns of its channel at `open`.

    `state` is a small blob the session kept with `Session`'s sink-independent `save_state` callback (device keys,
    update offset); empty the first time. `data_dir` is a folder of this channel's own on local disk. `egress_allow` are
    the hosts that may be called though their addresses are not public, for `egress.GuardedConnector`.
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
    egress_allow: AllowList = AllowList()


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
    network: ClassVar[Network]
    """Addresses, kinds of messages and limits of the network."""
    session_type: ClassVar[type]
    """The class of sessions, for reading its claims without opening one."""

    async def open(self, channel: ChannelInfo, sink: Sink) -> Session:
        """Connect the channel; login steps and all that happens later go to `sink`.

        Raises LoginRequired when only a person can bring it up, Unavailable when the network is out of reach.
        """
        ...


@runtime_checkable
class CanRegister(Protocol):
    """An engine (not session) whose numbers must be registered at the provider before they may send."""

    async def register_number(self, config: EngineConfig, pin: str, *, egress_allow: AllowList = AllowList()) -> None:
        """Register the number with its two-step PIN of six digits; `egress_allow` as in ChannelInfo. Raises SendError."""
        ...


class CallbackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's raw HTTP request to us. Header names are lower case."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class CallbackPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a callback that concerns one account of the network.

    `account` is the network's own id of the number; where the network names its `phone` (digits) instead, or a whole
    `group` of numbers, it is "". `body` is the part as a callback of its own, for `CanReread.reread`.
    """

    account: str
    body: bytes
    phone: str = ""
    group: str = ""


class CallbackAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer, and what it reported; reports are made durable before the answer goes out. `elsewhere` are the parts
    that concern other channels."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    reports: list[Report] = []
    elsewhere: list[CallbackPart] = []


@runtime_checkable
class HasCallbacks(Protocol):
    """An engine (not session) whose network calls back over HTTP at `/hooks/{profile}`."""

    def parse_callback(self, config: EngineConfig, request: CallbackRequest) -> CallbackAnswer:
        """Verify (on the raw body) and parse. A wrong signature is status 401 or 403 with no reports."""
        ...


@runtime_checkable
class CanReread(Protocol):
    """An engine (not session) that can read a callback again which was kept, because it is understood better meanwhile."""

    def reread(self, config: EngineConfig, body: bytes) -> CallbackAnswer:
        """As `parse_callback`, of a body that was verified when it came. Never fails."""
        ...


@runtime_checkable
class SharesCallbacks(CanReread, Protocol):
    """An engine (not session) whose network may call one address for many channels: `/hooks/{Network.shared_callback}`."""

    def account_of(self, config: EngineConfig) -> tuple[str, str]:
        """By what callbacks name the channel, and the group of channels that it belongs to ("" for none)."""
        ...

    def split_callback(self, body: bytes) -> list[CallbackPart] | None:
        """A callback's parts by account; None when it cannot be read. Nothing is verified."""
        ...

    def callback_secret(self, config: EngineConfig) -> str | None:
        """What callbacks for the channel are signed with."""
        ...

    def is_signed(self, secret: str, request: CallbackRequest) -> bool:
        """Whether the callback was signed with this secret."""
        ...


@runtime_checkable
class HasRequirements(Protocol):
    """An engine (not session) that needs more than is always installed."""

    def missing(self) -> str | None:
        """What must be installed first, in words with the line that does it; None when all is there."""
        ...

    def outdated(self) -> tuple[str, str] | None:
        """What is there but older than the tested version, in words, and the remedy; None when nothing is."""
        ...
