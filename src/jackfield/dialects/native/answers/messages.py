"""Messages, bulk sends and campaigns, as this API shows them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from ._base import Direction, Json, MessageStatus, Time


class Explanation(TypedDict):
    """Why something failed, and what helps."""

    code: NotRequired[str | None]
    message: NotRequired[str | None]
    title: NotRequired[str]
    cause: NotRequired[str]
    remedy: NotRequired[str]
    retryable: NotRequired[bool]
    link: NotRequired[str | None]


class Accepted(TypedDict):
    """A message that is in the ledger. `providerId` and `error` come with `?wait=`."""

    messageId: str
    id: str
    status: MessageStatus
    to: str
    timestamp: Time | None
    scheduledAt: NotRequired[Time | None]
    providerId: NotRequired[str | None]
    error: NotRequired[Explanation]


_From = TypedDict("_From", {"from": str | None})
"""`from` is a word of Python's."""


class Referral(TypedDict):
    """The advertisement or post that led to a message; `ctwaClid` is the click's id."""

    sourceType: NotRequired[str]
    sourceId: NotRequired[str]
    sourceUrl: NotRequired[str]
    headline: NotRequired[str]
    body: NotRequired[str]
    mediaType: NotRequired[str]
    mediaUrl: NotRequired[str]
    thumbnailUrl: NotRequired[str]
    ctwaClid: NotRequired[str]
    welcomeMessage: NotRequired[str]


class ReferredProduct(TypedDict):
    """The product of a catalog that a message asks about."""

    catalogId: NotRequired[str]
    productId: str


class AnswerSource(TypedDict):
    """A passage that an AI's answer is made of: the `id` of its page or file of knowledge, and its `title`."""

    id: str
    title: str


class Message(_From):
    """A message of the ledger. `content` is tagged by its `type`. `automationId` and `automationStep` are there on a message
    that an automation has sent, `automationSources` on an AI's answer: the passages that it is made of."""

    id: str
    messageId: str
    profileId: str
    direction: Direction
    chatId: str
    to: str | None
    type: str
    text: str | None
    content: Json | None
    variables: Json | None
    status: MessageStatus
    category: str | None
    campaignId: str | None
    contactId: str | None
    tag: str | None
    template: str | None
    source: str | None
    replyTo: str | None
    referral: Referral | None
    referredProduct: ReferredProduct | None
    forwarded: str | None
    providerId: str | None
    attempts: int
    wasUncertain: bool
    held: str | None
    createdAt: Time | None
    scheduledAt: Time | None
    sentAt: Time | None
    deliveredAt: Time | None
    readAt: Time | None
    failedAt: Time | None
    editedAt: Time | None
    deletedAt: Time | None
    timestamp: Time | None
    error: Explanation | None
    automationId: NotRequired[str]
    automationStep: NotRequired[str]
    automationSources: NotRequired[list[AnswerSource]]


class DeletedMessage(Message):
    """A message that was taken back."""

    deleted: bool


class Typing(TypedDict):
    """Whether the peer sees that somebody types."""

    to: str
    typing: bool


class Counted(TypedDict):
    """Counts by status, and a funnel's totals: each stage contains the later ones."""

    total: NotRequired[int]
    counts: NotRequired[dict[str, int]]
    pending: NotRequired[int]
    sent: NotRequired[int]
    delivered: NotRequired[int]
    read: NotRequired[int]
    failed: NotRequired[int]
    cancelled: NotRequired[int]
    skipped: NotRequired[int]
    uncertain: NotRequired[int]
    wasUncertain: NotRequired[int]


class BatchOptions(TypedDict):
    """Pauses between messages."""

    delayBetweenMessages: int
    randomizeDelay: bool


class Batch(Counted):
    """A bulk send, as MultiWA's batch."""

    batchId: str
    id: str
    name: str | None
    profileId: str
    status: str
    pauseReason: str | None
    progress: int
    totalMessages: int
    options: BatchOptions
    createdAt: Time | None
    startedAt: Time | None
    completedAt: Time | None


class Campaign(Counted):
    """A campaign with its counts."""

    id: str
    name: str | None
    kind: str
    profileId: str
    status: str
    category: str
    content: Json | None
    audience: Json | None
    tag: str | None
    template: str | None
    trackLinks: bool
    preparing: bool
    pauseReason: str | None
    scheduledAt: Time | None
    startedAt: Time | None
    finishedAt: Time | None
    createdAt: Time | None


class Budget(TypedDict):
    """How far a budget of new people is used."""

    limit: int
    used: int
    freeAt: Time | None


class Held(TypedDict):
    """Why a running campaign waits."""

    code: str
    message: str
    until: Time | None
    budget: Budget | None


class Reason(TypedDict):
    """Why so many recipients did not get it."""

    status: str
    code: str | None
    count: int
    title: NotRequired[str]
    cause: NotRequired[str]
    remedy: NotRequired[str]
    retryable: NotRequired[bool]
    link: NotRequired[str | None]


class CampaignFigures(Counted):
    """A campaign's funnel, how many replied or followed a link (`clicked`), and why the others failed."""

    id: str
    status: str
    replied: int
    clicked: int
    held: Held | None
    reasons: list[Reason]


class CampaignLink(TypedDict):
    """A link of a campaign as its content has it. `recipients` got it, `clicked` of them followed it, `clicks` times in all;
    `machines` are visits of previews and robots."""

    id: str
    url: str
    recipients: int
    clicked: int
    clicks: int
    machines: int
    firstAt: Time | None
    lastAt: Time | None


class Reach(TypedDict):
    """How many contacts."""

    contacts: int


class Lacking(TypedDict):
    """How many contacts have no value for a placeholder."""

    name: str
    lacking: int


class CampaignPreview(TypedDict):
    """Whom a campaign would reach. `incomplete` contacts lack a value that has no fallback either; `missing` says what is
    done for them."""

    contacts: int
    groups: int
    placeholders: list[Lacking]
    incomplete: int
    missing: str


class TestMessage(TypedDict):
    """A test send."""

    messageId: str
    status: MessageStatus
    to: str
    timestamp: Time | None


class Triggered(TypedDict):
    """A message of an api campaign."""

    messageId: str
    status: MessageStatus
    contactId: str
    timestamp: Time | None


class TemplateInfo(TypedDict):
    """A template as the provider keeps it."""

    id: str
    profileId: str
    providerId: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    parameterFormat: str
    rejectedReason: str | None
    components: list[Json]
    createdAt: Time | None
    updatedAt: Time | None


class TemplateParameter(TypedDict):
    """One value that a message of the template must give."""

    place: str
    kind: str
    key: str
    example: str | None
    label: str
    card: int | None


class TemplateDetails(TemplateInfo):
    """A template with what it needs."""

    parameters: list[TemplateParameter]


class TemplatesSynced(TypedDict):
    """How many templates the provider has."""

    profileId: str
    templates: int


class TemplatePreview(TypedDict):
    """The template as the recipient sees it."""

    header: str | None
    headerKind: str | None
    body: str
    footer: str | None
    buttons: list[Json]
    cards: list[TemplatePreview]


class RawPayload(TypedDict):
    """A message, or a change of it (`kind`: message, edit, revoke), as the network sent it."""

    kind: str
    payload: Any
    receivedAt: Time | None


class InboundProblem(TypedDict):
    """Something that came in and could not be applied."""

    id: str
    profileId: str
    reason: str
    explanation: str
    kind: str
    detail: str | None
    messageId: str | None
    status: str
    attempts: int
    createdAt: Time | None
    triedAt: Time | None
    resolvedAt: Time | None


class InboundProblemDetails(InboundProblem):
    """A problem with what was kept of it: JSON as the network sent it, or the body's text."""

    raw: Any


class ReplayedProblems(TypedDict):
    """How many problems were tried, and how many of them are resolved now. `cursor` goes on; null: that was all."""

    tried: int
    resolved: int
    cursor: str | None


class TimelineRow(TypedDict):
    """What happened to a campaign's messages in the span that begins at a time."""

    at: Time | None
    sent: int
    delivered: int
    read: int
    failed: int


class File(TypedDict):
    """A file, with a link that works for an hour."""

    id: str
    mediaId: str
    type: str
    mime: str
    size: int
    filename: str | None
    sha256: str
    url: str
    urlExpiresAt: Time | None
    createdAt: Time | None
