"""Profiles, the team, keys, webhooks and workspaces, as this API shows them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from ._base import Json, Time
from .messages import Budget


class LoginUser(TypedDict):
    """The member who logged in; `language` is the one that they chose for their pages. While they are `away` no rule gives
    them chats."""

    id: str
    email: str
    firstName: str
    lastName: str
    role: str
    language: str | None
    away: bool


class Login(TypedDict):
    """A login, valid for `expiresIn` seconds, with its bearer token; with `cookie` the browser has the token."""

    token: NotRequired[str]
    accessToken: NotRequired[str]
    tokenType: NotRequired[str]
    expiresIn: int
    user: LoginUser


class Setup(TypedDict):
    """Whether the server waits for its first owner."""

    needed: bool


class Session(TypedDict):
    """An open session; `current` when it is the caller's own."""

    id: str
    ip: str | None
    userAgent: str | None
    createdAt: Time | None
    lastUsedAt: Time | None
    expiresAt: Time | None
    current: bool


class SecondFactor(TypedDict):
    """Whether a person logs in with a code too, and must."""

    enabled: bool
    required: bool
    confirmedAt: Time | None
    recoveryCodesLeft: int


class SecondFactorSecret(TypedDict):
    """What an authenticator app is told, shown this once."""

    secret: str
    url: str


class RecoveryCodes(TypedDict):
    """Codes for when the authenticator app is lost, each for one login; shown this once."""

    recoveryCodes: list[str]


class LoggedOut(TypedDict):
    """A session that has ended."""

    loggedOut: bool


class SessionsEnded(TypedDict):
    """How many sessions have ended."""

    ended: int


class OwnWorkspace(TypedDict):
    """The caller's workspace."""

    id: str
    name: str
    timezone: str


class Me(TypedDict):
    """The caller."""

    workspace: OwnWorkspace
    memberId: str | None
    keyId: str | None
    sessionId: str | None
    name: str
    role: str | None
    scopes: list[str]
    profileId: str | None


class EngineInfo(TypedDict):
    """An engine with what it can. `configSchema` is the JSON schema of its configuration."""

    name: str
    title: str
    capabilities: list[str]
    kinds: list[str]
    configSchema: Json
    aliases: list[str]
    missing: str | None


class Account(TypedDict):
    """What the provider has said of a number."""

    throughput: Any
    messagingLimit: Any
    quality: str | None
    notice: Json | None


class Profile(TypedDict):
    """A connected number or bot. `simulated`: its people are made up, and nothing that is sent reaches a real phone."""

    id: str
    name: str
    engine: str
    simulated: bool
    status: str
    statusReason: str | None
    phone: str | None
    phoneNumber: str | None
    displayName: str | None
    key: str | None
    isDefault: bool
    pacing: Json | None
    settings: Json | None
    account: Account | None
    createdAt: Time | None
    connectedAt: Time | None


class ProfileDetails(Profile):
    """A profile with its budget of new people."""

    budget: Budget | None


class LoginStep(TypedDict):
    """What a person must do now to log a profile in."""

    type: str | None
    code: NotRequired[str | None]
    expiresAt: NotRequired[Time | None]
    schema: NotRequired[Json | None]
    why: NotRequired[str | None]


class ProfileStatus(TypedDict):
    """Whether a profile is connected."""

    id: str
    status: str
    connected: bool
    reason: str | None
    login: LoginStep | None
    phone: str | None
    connectedAt: Time | None


class Connecting(Profile):
    """A profile that comes up, with what a person must scan or type."""

    login: LoginStep | None
    qrCode: str | None
    pairingCode: str | None


class QrCode(TypedDict):
    """A QR code to scan, as a data URL."""

    qr: str
    qrCode: str
    code: str
    kind: str | None
    expiresAt: Time | None
    expiresIn: int | None
    status: str


class ProviderAccount(TypedDict):
    """A number as its provider describes it now."""

    id: str
    address: str | None
    name: str | None
    quality: str | None
    throughput: Any
    messagingLimit: Any
    raw: Json | None


class Business(TypedDict):
    """What people see of the business."""

    about: str | None
    address: str | None
    description: str | None
    email: str | None
    websites: list[str]
    vertical: str | None
    pictureUrl: str | None


class Member(TypedDict):
    """A member of the team."""

    id: str
    email: str
    firstName: str
    lastName: str
    role: str
    departmentId: str | None
    disabled: bool
    away: bool
    createdAt: Time | None
    lastLoginAt: Time | None


class Role(TypedDict):
    """A role and what it may do."""

    role: str
    scopes: list[str]


class Invitation(TypedDict):
    """An invitation, without its token."""

    id: str
    email: str
    role: str
    createdAt: Time | None
    expiresAt: Time | None


class NewInvitation(Invitation):
    """An invitation with its token, shown this once."""

    token: str


class Key(TypedDict):
    """A key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    profileId: str | None
    memberId: str | None
    createdAt: Time | None
    expiresAt: Time | None
    lastUsedAt: Time | None
    revokedAt: Time | None


class NewKey(Key):
    """A key with its secret, shown this once."""

    key: str


class RevokedKey(Key):
    """A key that has ended."""

    deleted: bool


class Scope(TypedDict):
    """Something that a key can be allowed."""

    scope: str
    description: str


class EventTypes(TypedDict):
    """What can be subscribed to."""

    events: list[str]
    formats: list[str]


class Webhook(TypedDict):
    """A subscription. `secret` is shown when it is made or changed."""

    id: str
    url: str
    events: list[str]
    format: str
    profileId: str | None
    enabled: bool
    disabledReason: str | None
    failingSince: Time | None
    settings: Json
    createdAt: Time | None
    secret: NotRequired[str]


class RotatedWebhook(Webhook):
    """A subscription whose old secret signs along until a time."""

    oldSecretUntil: Time | None


class NoWebhook(TypedDict):
    """A profile without a webhook."""

    profileId: str
    url: None


class Delivery(TypedDict):
    """One delivery: what was sent and what came back."""

    id: str
    webhookId: str
    eventId: str
    event: str
    messageId: str
    status: str
    attempts: int
    nextAttemptAt: Time | None
    responseStatus: int | None
    responseBody: str | None
    error: str | None
    durationMs: int | None
    createdAt: Time | None
    finishedAt: Time | None


class TestDelivery(Delivery):
    """A test and whether it arrived."""

    delivered: bool


class DeliveryDetails(Delivery):
    """A delivery with its event."""

    profileId: str | None
    data: Json | None


class Replayed(TypedDict):
    """How many deliveries are made again."""

    replayed: int


class Workspace(TypedDict):
    """A workspace."""

    id: str
    name: str
    timezone: str
    defaultCountry: str | None
    defaultProfileId: str | None
    settings: Json
    createdAt: Time | None


class NewWorkspace(Workspace):
    """A workspace with its first key, shown this once."""

    apiKey: str


class AuditEntry(TypedDict):
    """Who did what, and from where."""

    id: str
    actor: str
    action: str
    target: str | None
    ip: str | None
    data: Json | None
    createdAt: Time | None


class Event(TypedDict):
    """Something that happened, as webhooks and live listeners are told it."""

    id: str
    cursor: str
    event: str
    profileId: str | None
    timestamp: Time | None
    data: Json


class Archive(TypedDict):
    """A workspace's archive: messages settled for `afterDays` days go into it (0: none do); `ownAfterDays` is the
    workspace's own choice. `messages` are in it, made from `oldestAt` to `newestAt`; `due` could go into it now (counted up to
    2,000), the oldest made at `dueSince`."""

    afterDays: int
    ownAfterDays: int | None
    messages: int
    oldestAt: Time | None
    newestAt: Time | None
    due: int
    dueSince: Time | None


class ArchiveRun(TypedDict):
    """How many messages were archived, and whether more may be due."""

    archived: int
    left: bool
