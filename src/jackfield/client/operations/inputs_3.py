"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from .inputs_1 import EntityBody


class BulkChatChange(TypedDict):
    """The same change for several chats; `read`: nothing unread in them any more."""

    archived: NotRequired[bool | None]
    pinned: NotRequired[bool | None]
    mutedUntil: NotRequired[str | int | None]
    assigneeId: NotRequired[str | int | None]
    departmentId: NotRequired[str | int | None]
    status: NotRequired[Literal["open", "done"] | None]
    snoozedUntil: NotRequired[str | int | None]
    ids: list[str | int]
    read: NotRequired[bool]


class BulkTagBody(TypedDict):
    """Labels for all contacts of a filter; an empty filter is everyone."""

    filter: NotRequired[dict[str, Any]]
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class BusinessBody(TypedDict):
    """What people see of the business; fields that are left out stay."""

    about: NotRequired[str | None]
    address: NotRequired[str | None]
    description: NotRequired[str | None]
    email: NotRequired[str | None]
    websites: NotRequired[list[str] | None]
    vertical: NotRequired[str | None]
    picture: NotRequired[str | int | None]


class CallSettingsBody(TypedDict):
    """How calls are answered; fields that are left out stay."""

    profileId: NotRequired[str | int | None]
    autoReject: NotRequired[bool | None]
    message: NotRequired[str | None]


class CampaignBody(TypedDict):
    """A new campaign. `audience` is a filter over contacts (empty: everyone), with `groups` (by name, address or
    id) of the profile beside it: groups alone go to no contacts. `content` as in bulk messages; a placeholder
    is a field or attribute of contacts, or has a fallback."""

    name: str
    profileId: NotRequired[str | int | None]
    type: NotRequired[str]
    content: dict[str, Any] | str
    audience: NotRequired[dict[str, Any]]
    kind: NotRequired[str]
    category: NotRequired[str | None]
    segmentId: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    start: NotRequired[bool]
    fallbacks: NotRequired[dict[str, Any]]
    missing: NotRequired[Literal["blank", "fallback", "skip"] | None]
    trackLinks: NotRequired[bool]


class CampaignChange(TypedDict):
    """What to change of a campaign that has not started."""

    name: NotRequired[str | None]
    type: NotRequired[str]
    content: NotRequired[dict[str, Any] | str | None]
    audience: NotRequired[dict[str, Any] | None]
    category: NotRequired[str | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    fallbacks: NotRequired[dict[str, Any] | None]
    missing: NotRequired[Literal["blank", "fallback", "skip"] | None]
    trackLinks: NotRequired[bool | None]


class CampaignPreviewBody(TypedDict):
    """A campaign that is not made yet."""

    profileId: NotRequired[str | int | None]
    type: NotRequired[str]
    content: dict[str, Any] | str
    audience: NotRequired[dict[str, Any]]
    segmentId: NotRequired[str | int | None]
    fallbacks: NotRequired[dict[str, Any]]
    missing: NotRequired[Literal["blank", "fallback", "skip"] | None]


class CampaignScheduleBody(TypedDict):
    """When it is to start; null makes it a draft again."""

    scheduledAt: str | int | None


class CannedReplyBody(TypedDict):
    """A canned reply: text, files, or both."""

    shortcut: str
    text: NotRequired[str]
    mediaIds: NotRequired[list[str | int]]


class CannedReplyChange(TypedDict):
    """What to change; `mediaIds` replaces all files."""

    shortcut: NotRequired[str | None]
    text: NotRequired[str | None]
    mediaIds: NotRequired[list[str | int] | None]


class ChatChange(TypedDict):
    """What to change; fields that are left out stay."""

    archived: NotRequired[bool | None]
    pinned: NotRequired[bool | None]
    mutedUntil: NotRequired[str | int | None]
    assigneeId: NotRequired[str | int | None]
    departmentId: NotRequired[str | int | None]
    status: NotRequired[Literal["open", "done"] | None]
    snoozedUntil: NotRequired[str | int | None]


class ChatNoteBody(TypedDict):
    """A note of staff; never sent."""

    text: str


class CheckBody(TypedDict):
    """Numbers to look up on the network."""

    profileId: NotRequired[str | int | None]
    phones: list[str | int]


class CodeBody(TypedDict):
    """A code that the authenticator app shows now."""

    code: str


class ConfirmPasswordBody(TypedDict):
    """The present password."""

    password: str


class ConnectBody(TypedDict):
    """How to log in. `phone` asks for a pairing code to be typed on that phone, in place of a QR code; `config`
    gives what a login step of the type `fields` asks for, such as a new token (the rest of the configuration
    stays)."""

    phone: NotRequired[str | None]
    config: NotRequired[dict[str, Any] | None]


class ContactBody(TypedDict):
    """A new contact. One of phone, name, email, identities is needed; missing tags and lists are made."""

    name: NotRequired[str | None]
    phone: NotRequired[str | int | None]
    phoneNumber: NotRequired[str | int | None]
    email: NotRequired[str | None]
    firstName: NotRequired[str | None]
    lastName: NotRequired[str | None]
    country: NotRequired[str | None]
    tags: NotRequired[list[str]]
    lists: NotRequired[list[str | int]]
    attributes: NotRequired[dict[str, Any]]
    optin: NotRequired[bool | None]
    blocked: NotRequired[bool | None]
    identities: NotRequired[dict[str, Any]]
    onDuplicate: NotRequired[str]
    profileId: NotRequired[str | int | None]


class ContactCardBody(TypedDict):
    """One contact card."""

    name: str
    phone: str | int | float
    emails: NotRequired[list[str] | None]
    organization: NotRequired[str | None]


class ContactCardsBody(TypedDict):
    """A contact card, or several as `contacts`."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    name: NotRequired[str | None]
    phone: NotRequired[str | int | float | None]
    emails: NotRequired[list[str] | None]
    organization: NotRequired[str | None]
    contacts: NotRequired[list[ContactCardBody] | None]


class ContactChange(TypedDict):
    """What to change; fields that are left out stay. `tags` and `lists` replace what the contact has."""

    name: NotRequired[str | None]
    phone: NotRequired[str | int | None]
    email: NotRequired[str | None]
    firstName: NotRequired[str | None]
    lastName: NotRequired[str | None]
    country: NotRequired[str | None]
    optin: NotRequired[bool | None]
    blocked: NotRequired[bool | None]
    tags: NotRequired[list[str] | None]
    addTags: NotRequired[list[str]]
    removeTags: NotRequired[list[str]]
    lists: NotRequired[list[str | int] | None]
    addLists: NotRequired[list[str | int]]
    removeLists: NotRequired[list[str | int]]
    attributes: NotRequired[dict[str, Any]]
    profileId: NotRequired[str | int | None]


class ContactNoteBody(TypedDict):
    """A note about a contact; never sent."""

    text: str
    title: NotRequired[str | None]


class CopyBody(TypedDict):
    """The copy's name."""

    name: NotRequired[str | None]


class DepartmentBody(TypedDict):
    """Who answers a kind of ticket."""

    name: str


class DocumentBody(TypedDict):
    """Any file, shown with its name."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    entities: NotRequired[list[EntityBody] | None]
    format: NotRequired[Literal["html", "markdown"] | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    caption: NotRequired[str | None]
    filename: NotRequired[str | None]
    base64: NotRequired[str | None]


class DraftBody(TypedDict):
    """What is written now; an empty text takes the draft away."""

    text: str
    replyTo: NotRequired[str | int | None]


class EditBody(TypedDict):
    """The new text, or new `content` of a `type`."""

    text: NotRequired[str | None]
    type: NotRequired[str]
    content: NotRequired[dict[str, Any] | str | None]


class FilterBody(TypedDict):
    """A filter to try."""

    filter: NotRequired[dict[str, Any]]
    limit: NotRequired[int]


class GroupBody(TypedDict):
    """A new group."""

    profileId: NotRequired[str | int | None]
    name: str
    participants: NotRequired[list[str | int]]
    description: NotRequired[str | None]


class GroupChange(TypedDict):
    """What to change."""

    profileId: NotRequired[str | int | None]
    name: NotRequired[str | None]
    description: NotRequired[str | None]


HookBody = dict[str, Any]


class ImageBody(TypedDict):
    """A picture."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    entities: NotRequired[list[EntityBody] | None]
    format: NotRequired[Literal["html", "markdown"] | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    caption: NotRequired[str | None]
    base64: NotRequired[str | None]


class InteractiveBody(TypedDict):
    """Buttons, a list, a link, products, a catalog, a request for an address or location, a flow."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    type: Literal[
        "buttons",
        "list",
        "cta_url",
        "product",
        "product_list",
        "catalog",
        "address",
        "location_request",
        "contact_request",
        "flow",
        "inline_keyboard",
    ]


class InvitationBody(TypedDict):
    """Whom, and as what."""

    email: str
    role: NotRequired[str]


class KeyBody(TypedDict):
    """A new key: what it may do (`*` is everything), for which profile, until when."""

    name: str
    scopes: NotRequired[list[str]]
    profileId: NotRequired[str | int | None]
    expiresAt: NotRequired[str | int | None]


class KeyChange(TypedDict):
    """What to change; `expiresAt` null: never."""

    name: NotRequired[str | None]
    scopes: NotRequired[list[str] | None]
    expiresAt: NotRequired[str | int | None]


class KnowledgeBody(TypedDict):
    """A page: a name and what it says. Headings of Markdown (`# Prices`) name its passages."""

    name: str
    text: str
    format: NotRequired[Literal["text", "markdown", "html", "csv"]]


class KnowledgeChange(TypedDict):
    """What to change; `format` is that of the new text (left out: as it was, without tags and columns)."""

    name: NotRequired[str | None]
    text: NotRequired[str | None]
    format: NotRequired[Literal["text", "markdown", "html", "csv"] | None]
