"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_1 import AutomationTrigger
from .answers_2 import AutomationCondition, AutomationGoal, AutomationLimits, AutomationStep


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

    trigger: AutomationTrigger
    conditions: list[AutomationCondition]
    steps: list[AutomationStep]
    limits: AutomationLimits
    goal: AutomationGoal | None
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
    track_links: bool
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
    """A campaign's funnel, how many replied or followed a link (`clicked`), and why the others failed."""

    id: str
    status: str
    replied: int
    clicked: int
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


class CampaignLink(Answer):
    """A link of a campaign as its content has it. `recipients` got it, `clicked` of them followed it, `clicks`
    times in all; `machines` are visits of previews and robots."""

    id: str
    url: str
    recipients: int
    clicked: int
    clicks: int
    machines: int
    first_at: str | None
    last_at: str | None


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


class ChatTarget(Answer):
    """The target for a reply or for the end of a chat that is due next."""

    kind: str
    state: str
    warn_at: str
    due_at: str


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


class AnswerSource(Answer):
    """A passage that an AI's answer is made of: the `id` of its page or file of knowledge, and its `title`."""

    id: str
    title: str
