"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_1 import Explanation
from .answers_3 import AnswerSource, ChatContact, ChatTarget, Referral, ReferredProduct


class Message(Answer):
    """A message of the ledger. `content` is tagged by its `type`. `automationId` and `automationStep` are there
    on a message that an automation has sent, `automationSources` on an AI's answer: the passages that it is
    made of."""

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
    automation_sources: list[AnswerSource] | None = None


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
    department_id: str | None
    window_until: str | None
    window_open: bool
    target: ChatTarget | None
    last_at: str | None
    chat_id: str
    profile_id: str
    contact: ChatContact | None
    last_message: Message | None
    created_at: str | None


class ChatAssignment(Answer):
    """That a rule gave a chat to a member (null: who is gone)."""

    id: str
    chat_id: str
    member_id: str | None
    rule_id: str
    rule_name: str
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
    team: int
    closing: int
    urgent: int
    missed: int
    snoozed: int
    done: int
    archived: int
    profile_id: str


class DepartmentChatCounts(Answer):
    """The chats of one department."""

    all: int
    unread: int
    unanswered: int
    mine: int
    unassigned: int
    team: int
    closing: int
    urgent: int
    missed: int
    snoozed: int
    done: int
    archived: int
    department_id: str


class ChatCounts(Answer):
    """The parts of an inbox, in all, by profile, and by department."""

    all: int
    unread: int
    unanswered: int
    mine: int
    unassigned: int
    team: int
    closing: int
    urgent: int
    missed: int
    snoozed: int
    done: int
    archived: int
    profiles: list[ProfileChatCounts]
    departments: list[DepartmentChatCounts]


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
    simulated: bool
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


class DeletedMessage(Answer):
    """A message that was taken back."""

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
    deleted: bool
    automation_id: str | None = None
    automation_step: str | None = None
    automation_sources: list[AnswerSource] | None = None


class Delivery(Answer):
    """One delivery: what was sent and what came back."""

    id: str
    webhook_id: str
    event_id: str
    event: str
    message_id: str
    status: str
    attempts: int
    next_attempt_at: str | None
    response_status: int | None
    response_body: str | None
    error: str | None
    duration_ms: int | None
    created_at: str | None
    finished_at: str | None


class DeliveryDetails(Answer):
    """A delivery with its event."""

    id: str
    webhook_id: str
    event_id: str
    event: str
    message_id: str
    status: str
    attempts: int
    next_attempt_at: str | None
    response_status: int | None
    response_body: str | None
    error: str | None
    duration_ms: int | None
    created_at: str | None
    finished_at: str | None
    profile_id: str | None
    data: dict[str, Any] | None


class Department(Answer):
    """Who answers a kind of ticket."""

    id: str
    name: str
    created_at: str | None


class Draft(Answer):
    """What a member has written in a chat and not sent; `text` is empty where there is nothing."""

    chat_id: str
    text: str
    reply_to: str | None
    updated_at: str | None


class EngineInfo(Answer):
    """An engine with what it can. `configSchema` is the JSON schema of its configuration."""

    name: str
    title: str
    capabilities: list[str]
    kinds: list[str]
    config_schema: dict[str, Any]
    aliases: list[str]
    missing: str | None
