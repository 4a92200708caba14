"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class AcceptBody(TypedDict):
    """The token of an invitation, and the password that its person chooses."""

    token: str
    password: str
    firstName: NotRequired[str]
    lastName: NotRequired[str]


class EntityBody(TypedDict):
    """A formatted piece of a text. `offset` and `length` count UTF-16 code units, as JavaScript does."""

    type: str
    offset: int
    length: int
    url: NotRequired[str | None]
    user: NotRequired[str | int | float | None]
    language: NotRequired[str | None]
    customEmojiId: NotRequired[str | int | float | None]


class AlbumItem(TypedDict):
    """A file of an album."""

    entities: NotRequired[list[EntityBody] | None]
    format: NotRequired[Literal["html", "markdown"] | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    type: NotRequired[Literal["image", "video", "audio", "document"]]
    caption: NotRequired[str | None]
    filename: NotRequired[str | None]


class AlbumBody(TypedDict):
    """Two to ten files that are shown together (Telegram)."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    items: list[AlbumItem]


class AnyBody(TypedDict):
    """Any kind: `content` is what the kind's own route takes."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    type: NotRequired[str]
    content: dict[str, Any] | str


class AssignBody(TypedDict):
    """To whom; null takes it away."""

    assigneeId: NotRequired[str | int | None]


class AttributeBody(TypedDict):
    """A custom field; `kind` is text, number, date or boolean."""

    name: str
    kind: NotRequired[str]


class AttributeChange(TypedDict):
    """What to change."""

    name: NotRequired[str | None]
    kind: NotRequired[str | None]


class AudienceBody(TypedDict):
    """An audience to count."""

    audience: NotRequired[dict[str, Any]]


class AudioBody(TypedDict):
    """Sound; `voice` makes it a voice note."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    voice: NotRequired[bool]
    base64: NotRequired[str | None]


class AutomationBody(TypedDict):
    """An automation: what starts it, whom it is for, and its steps."""

    name: str
    kind: NotRequired[Literal["rule", "sequence"]]
    enabled: NotRequired[bool]
    trigger: dict[str, Any]
    conditions: NotRequired[list[dict[str, Any]]]
    steps: list[dict[str, Any]]
    limits: NotRequired[dict[str, Any]]
    goal: NotRequired[dict[str, Any] | None]


class AutomationChange(TypedDict):
    """What to change. A part of the document that is left out stays as it is."""

    name: NotRequired[str | None]
    enabled: NotRequired[bool | None]
    trigger: NotRequired[dict[str, Any] | None]
    conditions: NotRequired[list[dict[str, Any]] | None]
    steps: NotRequired[list[dict[str, Any]] | None]
    limits: NotRequired[dict[str, Any] | None]
    goal: NotRequired[dict[str, Any] | None]


class AutomationDraft(TypedDict):
    """What to try: a document (`trigger`, `conditions`, `steps` as of an automation) with the messages of some
    days, or with one `text`."""

    kind: NotRequired[Literal["rule", "sequence"]]
    trigger: dict[str, Any]
    conditions: NotRequired[list[dict[str, Any]]]
    steps: list[dict[str, Any]]
    limits: NotRequired[dict[str, Any]]
    goal: NotRequired[dict[str, Any] | None]
    days: NotRequired[int]
    text: NotRequired[str | None]
    button: NotRequired[str | None]
    contactId: NotRequired[str | int | None]
    profileId: NotRequired[str | int | None]


class AutomationStart(TypedDict):
    """Whom to start it for."""

    contactId: str | int


class AutomationTrial(TypedDict):
    """How far to look back, or one message to try."""

    days: NotRequired[int]
    text: NotRequired[str | None]
    button: NotRequired[str | None]
    contactId: NotRequired[str | int | None]
    profileId: NotRequired[str | int | None]


class BulkItem(TypedDict):
    """One message. `content` depends on `type`; `{name}` in its texts is filled from `variables`, which must
    have it."""

    chatId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    type: NotRequired[str]
    content: dict[str, Any] | str
    variables: NotRequired[dict[str, Any]]


class BulkOptions(TypedDict):
    """Pauses between messages, in ms; with `randomizeDelay` each is drawn from it to one and a half of it, never
    less."""

    delayBetweenMessages: NotRequired[int]
    randomizeDelay: NotRequired[bool]


class BulkBody(TypedDict):
    """`POST /bulk/send`."""

    profileId: NotRequired[str | int | None]
    name: NotRequired[str | None]
    messages: list[BulkItem]
    options: NotRequired[BulkOptions]
    category: NotRequired[str]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]


class BulkChatChange(TypedDict):
    """The same change for several chats; `read`: nothing unread in them any more."""

    archived: NotRequired[bool | None]
    pinned: NotRequired[bool | None]
    mutedUntil: NotRequired[str | int | None]
    assigneeId: NotRequired[str | int | None]
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
