"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer


class Explanation(Answer):
    """Why something failed, and what helps."""

    code: str | None = None
    message: str | None = None
    title: str | None = None
    cause: str | None = None
    remedy: str | None = None
    retryable: bool | None = None
    link: str | None = None


class Accepted(Answer):
    """A message that is in the ledger. `providerId` and `error` come with `?wait=`."""

    message_id: str
    id: str
    status: str
    to: str
    timestamp: str | None
    scheduled_at: str | None = None
    provider_id: str | None = None
    error: Explanation | None = None


class Added(Answer):
    """How many came in."""

    added: int


class ApiUse(Answer):
    """How often a call was made on a day."""

    day: str
    api: str
    call: str
    count: int


class ApiUses(Answer):
    """Requests by day, API and call."""

    from_: str | None
    until: str | None
    rows: list[ApiUse]
    sum: int


class AuditEntry(Answer):
    """Who did what, and from where."""

    id: str
    actor: str
    action: str
    target: str | None
    ip: str | None
    data: dict[str, Any] | None
    created_at: str | None


class Automation(Answer):
    """A rule or a sequence. `restReason`: why it rests after too many failures. `running`: people who are in it
    now. `hookUrl`: the secret address that starts it, of those with the trigger `webhook`."""

    trigger: dict[str, Any]
    conditions: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    limits: dict[str, Any]
    goal: dict[str, Any] | None
    id: str
    name: str
    kind: str
    enabled: bool
    version: int
    hook_url: str | None
    rest_reason: str | None
    running: int
    created_at: str | None
    updated_at: str | None


class AutomationRecipe(Answer):
    """A ready-made automation to begin with."""

    trigger: dict[str, Any]
    conditions: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    limits: dict[str, Any]
    goal: dict[str, Any] | None
    key: str
    title: str
    about: str
    kind: str


class AutomationRun(Answer):
    """A person's way through an automation. `step` is the one that comes next, `waitsFor` what it waits for
    (`reply`, `call`), `dueAt` when it goes on by itself."""

    id: str
    automation_id: str
    version: int
    contact_id: str
    profile_id: str | None
    to: str | None
    state: str
    step: str
    steps: int
    due_at: str | None
    waits_for: str | None
    reason: str | None
    started_at: str | None
    updated_at: str | None
    ended_at: str | None


class AutomationRunCounts(Answer):
    """Runs by state."""

    running: int
    waiting: int
    done: int
    stopped: int
    failed: int


class AutomationStepCount(Answer):
    """How people fared at a step: `done` took it, `skipped` were left out at it, `failed`, and `waiting` are at
    it now. `reasons` says why, with how many."""

    step: str
    done: int
    skipped: int
    failed: int
    waiting: int
    reasons: dict[str, int]


class AutomationStatistics(Answer):
    """What became of the people in an automation."""

    runs: AutomationRunCounts
    steps: list[AutomationStepCount]


class TestedStep(Answer):
    """A step that would be taken; `text` is what it would send or write down."""

    step: str
    type: str
    text: str | None


class AutomationTestEvent(Answer):
    """Something that happened, and what the automation would have done until it waits."""

    at: str | None
    contact_id: str
    contact_name: str
    message_id: str | None
    text: str
    steps: list[TestedStep]


class AutomationPast(Answer):
    """What would have been: `matched` times for `people` people; `found` has the newest, up to 200. `complete`:
    everything of the time was looked at."""

    looked_at: int
    matched: int
    people: int
    complete: bool
    found: list[AutomationTestEvent]


class AutomationTest(Answer):
    """A dry run. With one message: whether it `matches`, `why` not (`trigger`, `conditions`), and the steps.
    With the past: `past`."""

    matches: bool
    why: str | None
    steps: list[TestedStep]
    past: AutomationPast | None


class AutomationVersion(Answer):
    """A version: people who were in it when a newer one came go on by it."""

    trigger: dict[str, Any]
    conditions: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    limits: dict[str, Any]
    goal: dict[str, Any] | None
    version: int


class BatchOptions(Answer):
    """Pauses between messages."""

    delay_between_messages: int
    randomize_delay: bool


class Batch(Answer):
    """A bulk send, as MultiWA's batch."""

    batch_id: str
    id: str
    name: str | None
    profile_id: str
    status: str
    pause_reason: str | None
    progress: int
    total_messages: int
    options: BatchOptions
    created_at: str | None
    started_at: str | None
    completed_at: str | None
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


class Business(Answer):
    """What people see of the business."""

    about: str | None
    address: str | None
    description: str | None
    email: str | None
    websites: list[str]
    vertical: str | None
    picture_url: str | None


class PhoneCall(Answer):
    """A call that came in."""

    from_: str
    id: str
    profile_id: str
    contact_id: str | None
    is_video: bool
    status: str
    started_at: str | None
    ended_at: str | None
    duration_seconds: int | None


class CallSettings(Answer):
    """How a profile's calls are answered."""

    profile_id: str
    auto_reject: bool
    message: str | None


class Campaign(Answer):
    """A campaign with its counts."""

    id: str
    name: str | None
    kind: str
    profile_id: str
    status: str
    category: str
    content: dict[str, Any] | None
    audience: dict[str, Any] | None
    tag: str | None
    template: str | None
    preparing: bool
    pause_reason: str | None
    scheduled_at: str | None
    started_at: str | None
    finished_at: str | None
    created_at: str | None
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
