"""Optional capabilities of a session: runtime-checkable protocols, claimed by having the methods.

What a session does not claim is `Unsupported`, before anything is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from ..ground.errors import SendError, Unsupported
from .content import Content
from .descriptions import AccountInfo, CatalogInfo, GroupInfo, NumberCheck, ProductInfo, TemplateInfo
from .messages import Outgoing, Sent


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


@runtime_checkable
class CanCatalog(Protocol):
    """Catalogs and products kept by the provider. All raise SendError."""

    async def list_catalogs(self) -> list[CatalogInfo]: ...
    def list_products(self, catalog_id: str) -> AsyncIterator[ProductInfo]: ...


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
    raise unsupported(capability, engine)


def unsupported(capability: type, engine: str) -> Unsupported:
    """The error for a capability that an engine has not."""
    name = next((name for name, protocol in CAPABILITIES.items() if protocol is capability), capability.__name__)
    return Unsupported(
        f"The engine {engine} cannot do this (it has no {name.replace('_', ' ')}).",
        details={"capability": name},
    )
