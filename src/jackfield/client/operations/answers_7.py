"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_5 import RefusedRow


class Session(Answer):
    """An open session; `current` when it is the caller's own."""

    id: str
    ip: str | None
    user_agent: str | None
    created_at: str | None
    last_used_at: str | None
    expires_at: str | None
    current: bool


class SessionsEnded(Answer):
    """How many sessions have ended."""

    ended: int


class Setup(Answer):
    """Whether the server waits for its first owner."""

    needed: bool


class StoppedRuns(Answer):
    """How many runs were ended."""

    stopped: int


class Suppression(Answer):
    """An address that campaigns skip."""

    id: str
    address: str
    reason: str
    source: str
    created_at: str | None


class SuppressionImport(Answer):
    """What became of a file."""

    added: int
    known: int
    refused: list[RefusedRow]
    refused_total: int


class Survey(Answer):
    """What people are asked after a chat is done."""

    enabled: bool
    scale: str
    text: str
    thanks: str
    comment_text: str
    low_rating: int
    rest_days: int
    answer_hours: int


class SurveyRating(Answer):
    """A rating from 1 to 5, and who had the chat."""

    id: str
    chat_id: str
    profile_id: str
    contact_id: str
    contact_name: str
    member_id: str | None
    department_id: str | None
    scale: str
    rating: int
    comment: str | None
    answered_at: str | None


class SurveyRow(Answer):
    """The surveys of one group: `key` is a day, an id, or `none`."""

    asked: int
    answered: int
    answered_share: float | None
    average: float | None
    content: int
    content_share: float | None
    comments: int
    key: str
    name: str | None


class SurveyFigures(Answer):
    """How many were asked, answered, are content (4 or 5) and said more; shares from 0 to 1, null where there is
    none."""

    asked: int
    answered: int
    answered_share: float | None
    average: float | None
    content: int
    content_share: float | None
    comments: int


class SurveyReport(Answer):
    """What people answered, by group."""

    from_: str | None
    by: str
    until: str | None
    zone: str
    rows: list[SurveyRow]
    sum: SurveyFigures


class Tagged(Answer):
    """How many contacts."""

    contacts: int


class TargetFigures(Answer):
    """How many clocks ended, how many in time, their share (0 to 1) and the median in seconds (null: none
    ended)."""

    count: int
    met: int
    share: float | None
    median: float | None
    late: int


class TargetRow(Answer):
    """The clocks of one group: `key` is a day, an id, or `none`."""

    first_reply: TargetFigures
    next_reply: TargetFigures
    resolution: TargetFigures
    key: str
    name: str | None


class TargetSums(Answer):
    """Clocks by kind."""

    first_reply: TargetFigures
    next_reply: TargetFigures
    resolution: TargetFigures


class TargetReport(Answer):
    """How targets were met, by group."""

    from_: str | None
    by: str
    until: str | None
    zone: str
    rows: list[TargetRow]
    sum: TargetSums


class TemplateParameter(Answer):
    """One value that a message of the template must give."""

    place: str
    kind: str
    key: str
    example: str | None
    label: str
    card: int | None


class TemplateDetails(Answer):
    """A template with what it needs."""

    id: str
    profile_id: str
    provider_id: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    parameter_format: str
    rejected_reason: str | None
    components: list[dict[str, Any]]
    created_at: str | None
    updated_at: str | None
    parameters: list[TemplateParameter]


class TemplateInfo(Answer):
    """A template as the provider keeps it."""

    id: str
    profile_id: str
    provider_id: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    parameter_format: str
    rejected_reason: str | None
    components: list[dict[str, Any]]
    created_at: str | None
    updated_at: str | None


class TemplatePreview(Answer):
    """The template as the recipient sees it."""

    header: str | None
    header_kind: str | None
    body: str
    footer: str | None
    buttons: list[dict[str, Any]]
    cards: list[TemplatePreview]


class TemplatesSynced(Answer):
    """How many templates the provider has."""

    profile_id: str
    templates: int


class TestDelivery(Answer):
    """A test and whether it arrived."""

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
    delivered: bool


class TestMessage(Answer):
    """A test send."""

    message_id: str
    status: str
    to: str
    timestamp: str | None


class Ticket(Answer):
    """A ticket."""

    id: str
    subject: str
    body: str | None
    priority: str
    status: str
    department_id: str | None
    contact_id: str | None
    chat_id: str | None
    assignee_id: str | None
    created_at: str | None
    updated_at: str | None
    closed_at: str | None


class TicketReply(Answer):
    """An answer on a ticket."""

    id: str
    ticket_id: str
    member_id: str | None
    text: str
    created_at: str | None


class TimelineRow(Answer):
    """What happened to a campaign's messages in the span that begins at a time."""

    at: str | None
    sent: int
    delivered: int
    read: int
    failed: int


class Triggered(Answer):
    """A message of an api campaign."""

    message_id: str
    status: str
    contact_id: str
    timestamp: str | None


class Typing(Answer):
    """Whether the peer sees that somebody types."""

    to: str
    typing: bool


class Unsuppressed(Answer):
    """An address that campaigns may reach again."""

    address: str
    deleted: bool


class UsageRow(Answer):
    """Counts of one group: `key` is a day, an hour, an id or a name."""

    total: int
    received: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    pending: int
    key: str
    name: str | None


class UsageSums(Answer):
    """Counts of messages; `sent` contains delivered and read."""

    total: int
    received: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    pending: int


class UsageReport(Answer):
    """Messages by group."""

    from_: str | None
    by: str
    until: str | None
    rows: list[UsageRow]
    sum: UsageSums


class Webhook(Answer):
    """A subscription. `secret` is shown when it is made or changed."""

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
    secret: str | None = None


class WorkingSpan(Answer):
    """From `start` to `end` (HH:MM); an `end` that is not after `start` is on the next day."""

    start: str
    end: str


class WorkingWeek(Answer):
    """The spans of each day; a day without any is closed."""

    mon: list[WorkingSpan]
    tue: list[WorkingSpan]
    wed: list[WorkingSpan]
    thu: list[WorkingSpan]
    fri: list[WorkingSpan]
    sat: list[WorkingSpan]
    sun: list[WorkingSpan]
