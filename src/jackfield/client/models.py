"""What the server answers with, typed. Unknown fields are left out; times are ISO 8601 in UTC."""

from __future__ import annotations

from typing import Any

import msgspec


class _Model(msgspec.Struct, kw_only=True, rename="camel"):
    """Base: camelCase on the wire."""


class Failure(_Model):
    """Why a message failed: the provider's code, explained."""

    code: str | None = None
    title: str | None = None
    message: str | None = None
    cause: str | None = None
    remedy: str | None = None
    retryable: bool | None = None
    link: str | None = None


class Sent(_Model):
    """A message was taken into the ledger; with `wait`, what the network said."""

    message_id: str
    status: str
    timestamp: str
    to: str | None = None
    provider_id: str | None = None
    scheduled_at: str | None = None
    error: Failure | None = None


class Message(_Model):
    """A message of the ledger, in or out."""

    id: str
    status: str
    type: str
    direction: str
    profile_id: str
    chat_id: str
    to: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    text: str | None = None
    content: dict[str, Any] | None = None
    category: str | None = None
    campaign_id: str | None = None
    contact_id: str | None = None
    tag: str | None = None
    template: str | None = None
    provider_id: str | None = None
    reply_to: str | None = None
    referral: dict[str, Any] | None = None
    referred_product: dict[str, Any] | None = None
    forwarded: str | None = None
    attempts: int = 0
    was_uncertain: bool = False
    created_at: str | None = None
    scheduled_at: str | None = None
    sent_at: str | None = None
    delivered_at: str | None = None
    read_at: str | None = None
    failed_at: str | None = None
    error: Failure | None = None


class Named(_Model):
    """Something with an id and a name."""

    id: str
    name: str


class Identity(_Model):
    """One address of a contact."""

    kind: str
    value: str


class Refusal(_Model):
    """That a person wants no marketing: by what, and since when."""

    source: str
    at: str


class Contact(_Model):
    """A person."""

    id: str
    name: str
    phone: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    source: str | None = None
    optin: bool | None = None
    refusal: Refusal | None = None
    blocked: bool = False
    tags: list[str] = []
    lists: list[Named] = []
    attributes: dict[str, str] = {}
    identities: list[Identity] = []
    created_at: str | None = None
    updated_at: str | None = None
    last_seen_at: str | None = None


class RefusedRow(_Model):
    """A row of a file that became no contact, and why."""

    line: int
    value: str
    code: str
    reason: str
    cells: list[str] = []


class ImportResult(_Model):
    """What an import did, in rows of the file."""

    created: int
    merged: int
    skipped: int
    rows: int = 0
    refused: list[RefusedRow] = []
    refused_total: int = 0
    refused_csv: str | None = None
    dropped: list[RefusedRow] = []
    dropped_total: int = 0
    titles: list[str] = []


class Profile(_Model):
    """A connected number or bot. `simulated`: its people are made up, and nothing that is sent reaches a real phone."""

    id: str
    name: str
    engine: str
    status: str
    simulated: bool = False
    status_reason: str | None = None
    phone: str | None = None
    display_name: str | None = None
    key: str | None = None
    is_default: bool = False
    pacing: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    qr_code: str | None = None


class Campaign(_Model):
    """A campaign with its counts; `sent` contains delivered and read, as in a funnel."""

    id: str
    name: str
    kind: str
    status: str
    profile_id: str
    category: str
    preparing: bool = False
    pause_reason: str | None = None
    counts: dict[str, int] = {}
    total: int = 0
    pending: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0
    uncertain: int = 0
    was_uncertain: int = 0
    scheduled_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    created_at: str | None = None


class Batch(_Model):
    """A bulk send with its counts."""

    batch_id: str
    name: str
    status: str
    profile_id: str
    progress: int
    total_messages: int
    counts: dict[str, int] = {}
    pending: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0


class Reason(_Model):
    """Why recipients of a campaign did not get it, and how many."""

    status: str
    code: str | None
    count: int
    title: str | None = None
    cause: str | None = None
    remedy: str | None = None
    retryable: bool | None = None
    link: str | None = None


class Stats(_Model):
    """A campaign's counts by status, and the reasons of its failures, the most frequent first."""

    id: str
    status: str
    total: int
    counts: dict[str, int]
    held: dict[str, Any] | None = None
    reasons: list[Reason] = []


class CampaignPreview(_Model):
    """Whom a campaign would reach. `placeholders`: of each, `name` and how many contacts are `lacking` a value;
    `incomplete` contacts lack one that has no fallback either, and `missing` says what is done for these."""

    contacts: int
    groups: int
    placeholders: list[dict[str, Any]]
    incomplete: int
    missing: str


class Key(_Model):
    """An API key. `key` is the secret: there only when it was just made."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    profile_id: str | None = None
    member_id: str | None = None
    created_at: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None
    key: str | None = None

    def __repr__(self) -> str:
        return f"Key({self.id!r}, {self.name!r})"


class InboundProblem(_Model):
    """Something that came in and could not be applied. `raw` is there when one is asked for."""

    id: str
    profile_id: str
    reason: str
    explanation: str
    kind: str
    status: str
    attempts: int = 0
    detail: str | None = None
    message_id: str | None = None
    created_at: str | None = None
    tried_at: str | None = None
    resolved_at: str | None = None
    raw: Any = None


class ReplayedProblems(_Model):
    """What a replay of many did; `cursor` goes on."""

    tried: int
    resolved: int
    cursor: str | None = None


class QrCode(_Model):
    """What a phone must scan, or type: `kind` is qr or pairing_code, `qr` the picture as a data URL."""

    code: str
    kind: str
    qr: str | None = None
    status: str | None = None
    expires_at: str | None = None
    expires_in: int | None = None


class Webhook(_Model):
    """A subscription. `secret` is there when it was made or changed."""

    id: str
    url: str
    events: list[str]
    format: str
    enabled: bool
    profile_id: str | None = None
    secret: str | None = None
    disabled_reason: str | None = None
    failing_since: str | None = None


class Delivery(_Model):
    """One event owed to one webhook, and what came back."""

    id: str
    webhook_id: str
    event: str
    status: str
    attempts: int
    response_status: int | None = None
    response_body: str | None = None
    error: str | None = None
    duration_ms: int | None = None


class Chat(_Model):
    """A conversation."""

    id: str
    chat_id: str
    profile_id: str
    kind: str
    name: str
    unread: int = 0
    archived: bool = False
    pinned: bool = False
    window_open: bool = False
    contact_id: str | None = None
    assignee_id: str | None = None
    department_id: str | None = None
    last_at: str | None = None


class Event(_Model):
    """A live event. `cursor` is where to resume after it."""

    id: str
    cursor: str
    type: str = msgspec.field(name="event")
    timestamp: str = ""
    profile_id: str | None = None
    data: dict[str, Any] = {}
