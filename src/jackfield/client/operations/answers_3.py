"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_1 import Explanation


class Budget(Answer):
    """How far a budget of new people is used."""

    limit: int
    used: int
    free_at: str | None


class Held(Answer):
    """Why a running campaign waits."""

    code: str
    message: str
    until: str | None
    budget: Budget | None


class Reason(Answer):
    """Why so many recipients did not get it."""

    status: str
    code: str | None
    count: int
    title: str | None = None
    cause: str | None = None
    remedy: str | None = None
    retryable: bool | None = None
    link: str | None = None


class CampaignFigures(Answer):
    """A campaign's funnel, who replied, and why the others failed."""

    id: str
    status: str
    replied: int
    held: Held | None
    reasons: list[Reason]
    total: int | None = None
    counts: dict[str, int] | None = None
    pending: int | None = None
    sent: int | None = None
    delivered: int | None = None
    read: int | None = None
    failed: int | None = None
    cancelled: int | None = None
    skipped: int | None = None
    uncertain: int | None = None
    was_uncertain: int | None = None


class Lacking(Answer):
    """How many contacts have no value for a placeholder."""

    name: str
    lacking: int


class CampaignPreview(Answer):
    """Whom a campaign would reach. `incomplete` contacts lack a value that has no fallback either; `missing`
    says what is done for them."""

    contacts: int
    groups: int
    placeholders: list[Lacking]
    incomplete: int
    missing: str


class File(Answer):
    """A file, with a link that works for an hour."""

    id: str
    media_id: str
    type: str
    mime: str
    size: int
    filename: str | None
    sha256: str
    url: str
    url_expires_at: str | None
    created_at: str | None


class CannedReply(Answer):
    """A text that is sent often. `text` may have placeholders; `media` are its files, to be sent after it."""

    id: str
    shortcut: str
    text: str
    media: list[File]
    created_at: str | None
    updated_at: str | None


class Catalog(Answer):
    """A catalog linked to a profile's account."""

    id: str
    provider_id: str
    profile_id: str
    name: str | None
    vertical: str | None
    product_count: int | None
    selected: bool
    updated_at: str | None


class CatalogsSynced(Answer):
    """How many catalogs the provider has."""

    profile_id: str
    catalogs: int


class ChatContact(Answer):
    """The person of a chat."""

    id: str
    name: str | None
    phone: str | None


class Referral(Answer):
    """The advertisement or post that led to a message; `ctwaClid` is the click's id."""

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


class ReferredProduct(Answer):
    """The product of a catalog that a message asks about."""

    product_id: str
    catalog_id: str | None = None


class Message(Answer):
    """A message of the ledger. `content` is tagged by its `type`. `automationId` and `automationStep` are there
    on a message that an automation has sent."""

    from_: str | None
    id: str
    message_id: str
    profile_id: str
    direction: str
    chat_id: str
    to: str | None
    type: str
    text: str | None
    content: dict[str, Any] | None
    variables: dict[str, Any] | None
    status: str
    category: str | None
    campaign_id: str | None
    contact_id: str | None
    tag: str | None
    template: str | None
    source: str | None
    reply_to: str | None
    referral: Referral | None
    referred_product: ReferredProduct | None
    forwarded: str | None
    provider_id: str | None
    attempts: int
    was_uncertain: bool
    held: str | None
    created_at: str | None
    scheduled_at: str | None
    sent_at: str | None
    delivered_at: str | None
    read_at: str | None
    failed_at: str | None
    edited_at: str | None
    deleted_at: str | None
    timestamp: str | None
    error: Explanation | None
    automation_id: str | None = None
    automation_step: str | None = None


class Chat(Answer):
    """A chat of the shared inbox."""

    id: str
    kind: str
    name: str
    contact_id: str | None
    unread: int
    archived: bool
    pinned: bool
    muted_until: str | None
    status: str
    snoozed_until: str | None
    assignee_id: str | None
    window_until: str | None
    window_open: bool
    last_at: str | None
    chat_id: str
    profile_id: str
    contact: ChatContact | None
    last_message: Message | None
    created_at: str | None


class ChatCleared(Answer):
    """A chat whose messages are hidden."""

    id: str
    cleared: bool


class ProfileChatCounts(Answer):
    """The parts of one profile's inbox."""

    all: int
    unread: int
    unanswered: int
    mine: int
    unassigned: int
    closing: int
    snoozed: int
    done: int
    archived: int
    profile_id: str


class ChatCounts(Answer):
    """The parts of an inbox, in all and by profile."""

    all: int
    unread: int
    unanswered: int
    mine: int
    unassigned: int
    closing: int
    snoozed: int
    done: int
    archived: int
    profiles: list[ProfileChatCounts]


class ChatNote(Answer):
    """A note inside a chat."""

    id: str
    chat_id: str
    member_id: str | None
    text: str
    created_at: str | None


class ChatsChanged(Answer):
    """How many chats were changed."""

    changed: int


class Checked(Answer):
    """What the network knows of one number."""

    input: str
    phone: str | None
    exists: bool
    chat_id: str | None


class Account(Answer):
    """What the provider has said of a number."""

    throughput: Any
    messaging_limit: Any
    quality: str | None
    notice: dict[str, Any] | None


class LoginStep(Answer):
    """What a person must do now to log a profile in."""

    type: str | None
    code: str | None = None
    expires_at: str | None = None
    schema: dict[str, Any] | None = None
    why: str | None = None


class Connecting(Answer):
    """A profile that comes up, with what a person must scan or type."""

    id: str
    name: str
    engine: str
    status: str
    status_reason: str | None
    phone: str | None
    phone_number: str | None
    display_name: str | None
    key: str | None
    is_default: bool
    pacing: dict[str, Any] | None
    settings: dict[str, Any] | None
    account: Account | None
    created_at: str | None
    connected_at: str | None
    login: LoginStep | None
    qr_code: str | None
    pairing_code: str | None


class Refusal(Answer):
    """That a person gets no marketing: by what (a keyword, the platform's switch, a file, the API), and since
    when."""

    source: str
    at: str | None


class NamedList(Answer):
    """A list that a contact is in."""

    id: str
    name: str


class Identity(Answer):
    """An address or id by which a network knows a person."""

    kind: str
    value: str


class Contact(Answer):
    """A person. `optin`: agreed to marketing; null: not asked."""

    id: str
    name: str | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    email: str | None
    country: str | None
    source: str | None
    optin: bool | None
    refusal: Refusal | None
    blocked: bool
    tags: list[str]
    lists: list[NamedList]
    attributes: dict[str, Any]
    identities: list[Identity]
    created_at: str | None
    updated_at: str | None
    last_seen_at: str | None


class ContactEvent(Answer):
    """A contact that became part of another, or a number that it had."""

    id: str
    merged_id: str | None
    data: dict[str, Any]
    reason: str
    undoable: bool
    created_at: str | None


class ContactNote(Answer):
    """A note about a contact."""

    id: str
    contact_id: str
    member_id: str | None
    title: str | None
    text: str
    created_at: str | None


class Deleted(Answer):
    """An object is gone."""

    id: str
    deleted: bool
