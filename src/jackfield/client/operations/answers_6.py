"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_3 import Budget
from .answers_4 import Account, Contact, LoginStep
from .answers_5 import OwnWorkspace


class Me(Answer):
    """The caller."""

    workspace: OwnWorkspace
    member_id: str | None
    key_id: str | None
    session_id: str | None
    name: str
    role: str | None
    scopes: list[str]
    profile_id: str | None


class Member(Answer):
    """A member of the team."""

    id: str
    email: str
    first_name: str
    last_name: str
    role: str
    department_id: str | None
    disabled: bool
    away: bool
    created_at: str | None
    last_login_at: str | None


class NewInvitation(Answer):
    """An invitation with its token, shown this once."""

    id: str
    email: str
    role: str
    created_at: str | None
    expires_at: str | None
    token: str


class NewKey(Answer):
    """A key with its secret, shown this once."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    profile_id: str | None
    member_id: str | None
    created_at: str | None
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    key: str


class NewWorkspace(Answer):
    """A workspace with its first key, shown this once."""

    id: str
    name: str
    timezone: str
    default_country: str | None
    default_profile_id: str | None
    settings: dict[str, Any]
    created_at: str | None
    api_key: str


class NoWebhook(Answer):
    """A profile without a webhook."""

    profile_id: str
    url: None


class PersonalData(Answer):
    """All that is known of a person: one list of rows for each noun, with times in Unix ms."""

    format: str
    exported_at: int
    contact: list[dict[str, Any]]
    identities: list[dict[str, Any]]
    attributes: list[dict[str, Any]]
    attribute_names: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    lists: list[dict[str, Any]]
    merges: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    suppressions: list[dict[str, Any]]
    chats: list[dict[str, Any]]
    chat_notes: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    campaigns: list[dict[str, Any]]
    events: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    ticket_replies: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    budget_uses: list[dict[str, Any]]
    media: list[dict[str, Any]]
    audit_entries: list[dict[str, Any]] | None = None


class Picture(Answer):
    """Where somebody's picture is."""

    id: str
    url: str | None


class Product(Answer):
    """A product variant."""

    id: str
    retailer_id: str
    name: str | None
    description: str | None
    price: Any
    sale_price: Any
    currency: str | None
    availability: str | None
    image_url: str | None
    url: str | None
    brand: str | None
    condition: str | None
    group_id: str | None


class Profile(Answer):
    """A connected number or bot. `simulated`: its people are made up, and nothing that is sent reaches a real
    phone."""

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


class ProfileDetails(Answer):
    """A profile with its budget of new people."""

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
    budget: Budget | None


class ProfileStatus(Answer):
    """Whether a profile is connected."""

    id: str
    status: str
    connected: bool
    reason: str | None
    login: LoginStep | None
    phone: str | None
    connected_at: str | None


class ProviderAccount(Answer):
    """A number as its provider describes it now."""

    id: str
    address: str | None
    name: str | None
    quality: str | None
    throughput: Any
    messaging_limit: Any
    raw: dict[str, Any] | None


class QrCode(Answer):
    """A QR code to scan, as a data URL."""

    qr: str
    qr_code: str
    code: str
    kind: str | None
    expires_at: str | None
    expires_in: int | None
    status: str


class RawPayload(Answer):
    """A message, or a change of it (`kind`: message, edit, revoke), as the network sent it."""

    kind: str
    payload: Any
    received_at: str | None


class Reach(Answer):
    """How many contacts."""

    contacts: int


class RecoveryCodes(Answer):
    """Codes for when the authenticator app is lost, each for one login; shown this once."""

    recovery_codes: list[str]


class Removed(Answer):
    """How many were taken out."""

    removed: int


class Replayed(Answer):
    """How many deliveries are made again."""

    replayed: int


class ReplayedProblems(Answer):
    """How many problems were tried, and how many of them are resolved now. `cursor` goes on; null: that was
    all."""

    tried: int
    resolved: int
    cursor: str | None


class ReplyTarget(Answer):
    """Targets in minutes (null: none), of a department, of a profile, or of the workspace."""

    profile_id: str | None
    department_id: str | None
    first_reply_minutes: int | None
    next_reply_minutes: int | None
    resolution_minutes: int | None
    working_hours: bool
    warn_percent: int


class Waits(Answer):
    """How many waits there were, with their median and ninth decile in seconds; null when there was none."""

    count: int
    median: float | None
    p90: float | None


class ResponseRow(Answer):
    """The waits of one group: `key` is a day, an id, or `none`, `phone` or `program`."""

    first: Waits
    all: Waits
    waiting: int
    unanswered: int
    key: str
    name: str | None


class ResponseSums(Answer):
    """Waits for an answer: `first` are those that began a conversation. `waiting` have no answer yet,
    `unanswered` never got one: the chat was set done, or another conversation began."""

    first: Waits
    all: Waits
    waiting: int
    unanswered: int


class ResponseReport(Answer):
    """Response times by group."""

    from_: str | None
    by: str
    until: str | None
    zone: str
    rows: list[ResponseRow]
    sum: ResponseSums


class RevokedKey(Answer):
    """A key that has ended."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    profile_id: str | None
    member_id: str | None
    created_at: str | None
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    deleted: bool


class Role(Answer):
    """A role and what it may do."""

    role: str
    scopes: list[str]


class RotatedWebhook(Answer):
    """A subscription whose old secret signs along until a time."""

    id: str
    url: str
    events: list[str]
    format: str
    profile_id: str | None
    enabled: bool
    disabled_reason: str | None
    failing_since: str | None
    settings: dict[str, Any]
    created_at: str | None
    old_secret_until: str | None
    secret: str | None = None


class SavedView(Answer):
    """Filters of the inbox under a name. `filter` has parameters of `GET /chats`."""

    id: str
    name: str
    shared: bool
    filter: dict[str, Any]
    created_at: str | None


class Scope(Answer):
    """Something that a key can be allowed."""

    scope: str
    description: str


class SecondFactor(Answer):
    """Whether a person logs in with a code too, and must."""

    enabled: bool
    required: bool
    confirmed_at: str | None
    recovery_codes_left: int


class SecondFactorSecret(Answer):
    """What an authenticator app is told, shown this once."""

    secret: str
    url: str


class Segment(Answer):
    """A saved filter."""

    id: str
    name: str
    filter: dict[str, Any]
    contacts: int | None
    created_at: str | None


class SegmentPreview(Answer):
    """What a filter gives now."""

    count: int
    contacts: list[Contact]
