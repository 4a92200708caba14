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


class AiSettings(Answer):
    """The endpoint that AI steps ask. `configured` false: none is set, and nothing is sent anywhere. The key is
    never shown; `hasKey` says whether there is one. Prices are for a million tokens, in `currency`."""

    configured: bool
    base_url: str
    has_key: bool
    model: str
    timeout_seconds: int
    max_tokens: int
    json_mode: bool
    price_in: float
    price_out: float
    currency: str
    per_chat_day: int
    per_day: int
    updated_at: str | None


class AiTest(Answer):
    """What came of asking the endpoint once. `error`: `blocked` (the address may not be called), `connect`,
    `timeout`, `broken`, `key` (it was refused), `not_found` (no such model or address), `busy`,
    `server_error`, `refused`, `no_json` or `cut_off`."""

    ok: bool
    error: str | None
    message: str
    milliseconds: int
    tokens_in: int
    tokens_out: int


class AiUseRow(Answer):
    """What an automation asked on one day (UTC). `automationName` is null where it is deleted."""

    day: str
    automation_id: str
    automation_name: str | None
    calls: int
    answers: int
    suggestions: int
    hand_overs: int
    tokens_in: int
    tokens_out: int
    cost: float


class AiUseSums(Answer):
    """All days and automations together."""

    calls: int
    answers: int
    suggestions: int
    hand_overs: int
    tokens_in: int
    tokens_out: int
    cost: float


class AiUsage(Answer):
    """What AI steps asked and what it cost, in `currency`, by the prices at the time of each call."""

    currency: str
    rows: list[AiUseRow]
    total: AiUseSums


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


class Archive(Answer):
    """A workspace's archive: messages settled for `afterDays` days go into it (0: none do); `ownAfterDays` is
    the workspace's own choice. `messages` are in it, made from `oldestAt` to `newestAt`; `due` could go into
    it now (counted up to 2,000), the oldest made at `dueSince`."""

    after_days: int
    own_after_days: int | None
    messages: int
    oldest_at: str | None
    newest_at: str | None
    due: int
    due_since: str | None


class ArchiveRun(Answer):
    """How many messages were archived, and whether more may be due."""

    archived: int
    left: bool


class AssignmentCandidate(Answer):
    """Somebody whom a rule means: `open` counts their chats, `refusal` says why they get none now."""

    member_id: str
    name: str
    open: int
    refusal: str | None


class AssignmentNext(Answer):
    """Who gets the next chat by a rule, if anybody does; the candidates in the order of their turns."""

    rule_id: str
    member_id: str | None
    candidates: list[AssignmentCandidate]


class AssignmentRule(Answer):
    """A rule that gives chats to members. Where it names neither members nor a department it means everybody."""

    id: str
    name: str
    enabled: bool
    profile_ids: list[str]
    tags: list[str]
    hours: str | None
    visit: str | None
    how: str
    member_ids: list[str]
    department_id: str | None
    online_only: bool
    max_open: int | None


class AuditEntry(Answer):
    """Who did what, and from where."""

    id: str
    actor: str
    action: str
    target: str | None
    ip: str | None
    data: dict[str, Any] | None
    created_at: str | None


class MessageTrigger(Answer):
    """A person writes in a private chat. `match`: `any` message; one whose text is one of `words` (`exact`),
    `contains` one as a whole word, or `starts` with one; or that fits the regular expression `pattern`.
    Letter case, accents and marks do not count but in patterns. `buttons`: only an answer by a button or a
    row of a list with one of these ids or titles. `kinds`: only messages of these kinds. `from_ad`: only the
    message of somebody whom an advertisement or a post led to us; `ad_ids`: only one of these (what the
    network calls the source's id). `first`: only somebody's first message `ever`, or the first in `days`."""

    type: Any
    match: Any = None
    words: list[str] | None = None
    pattern: str | None = None
    buttons: list[str] | None = None
    kinds: list[str] | None = None
    from_ad: bool | None = None
    ad_ids: list[str] | None = None
    first: Any = None
    days: int | None = None


class TagTrigger(Answer):
    """A tag is given to a contact, or taken away (`given` false). By hand, the API or an import; not by an
    automation."""

    type: Any
    tag: str
    given: bool | None = None


class ListTrigger(Answer):
    """A contact comes into a list, or goes out of it (`given` false); not by an automation."""

    type: Any
    list_: str
    given: bool | None = None


class AttributeTrigger(Answer):
    """An attribute of a contact changes; to `value` where it is given. Not by an automation."""

    type: Any
    attribute: str
    value: str | None = None


class ContactCreatedTrigger(Answer):
    """A contact is new. `sources`: only from these (`api`, a network, ...)."""

    type: Any
    sources: list[str] | None = None


class ConsentTrigger(Answer):
    """A person agrees to marketing, or refuses it (`given` false)."""

    type: Any
    given: bool | None = None


class CampaignTrigger(Answer):
    """A message of a campaign was delivered or read, or failed; or the person wrote for the first time after it,
    within 30 days (`replied`). `campaign_ids`: only of these."""

    type: Any
    what: Any
    campaign_ids: list[str | int] | None = None


class LinkClickedTrigger(Answer):
    """A person follows a link of a campaign that tracks them, for the first time; previews and robots start
    nothing. `campaign_ids`: only of these. `contains`: only a link whose address has this in it, as it is
    written or where it led."""

    type: Any
    campaign_ids: list[str | int] | None = None
    contains: str | None = None


class NoAnswerTrigger(Answer):
    """Nobody has answered for some minutes: we (`us`) to a person's message, or the person (`them`) to ours.
    `while_open`: minutes of working hours, as they are when the message comes; of the department
    `departmentId`, else of the workspace."""

    type: Any
    minutes: int
    by: Any = None
    while_open: bool | None = None
    department_id: str | int | None = None


class TargetTrigger(Answer):
    """A target of a chat is `missed`, or so near that it is `due_soon` (docs/reply-targets.md). `target`: only
    of this kind; `department_id`: only in chats of this team."""

    type: Any
    what: Any = None
    target: Any = None
    department_id: str | int | None = None


class ChatTrigger(Answer):
    """A private chat is `opened` (it is new, or was done or snoozed and opens again, also by a message),
    `assigned` to a member, `snoozed` or `done`; not by an automation. `member_ids`: only assigned to one of
    these."""

    type: Any
    what: Any
    member_ids: list[str | int] | None = None


class CallMissedTrigger(Answer):
    """Somebody called, and nobody answered."""

    type: Any


class ScheduleTrigger(Answer):
    """At `times` (HH:MM) of some `days` (none named: of all) in a time zone, for everybody in the `list` or with
    the `tag`. A time that the clock leaves out in spring comes an hour later, and one that it strikes twice
    in autumn once. A time at which no process ran is made up for, up to six hours later."""

    type: Any
    times: list[str]
    days: list[str] | None = None
    zone: str | None = None
    list_: str | None = None
    tag: str | None = None


class WebhookTrigger(Answer):
    """A program calls the rule's own secret address with JSON. `phone` is the path to the person's number in it,
    `name` to their name; a number that is new becomes a contact. `variables`: name to path (`order.id`,
    `items.0.title`)."""

    type: Any
    phone: str | None = None
    name: str | None = None
    variables: dict[str, str] | None = None


class ManualTrigger(Answer):
    """Nothing starts it by itself: the API does, or a step of another automation."""

    type: Any


AutomationTrigger = dict[str, Any]


class ChannelCondition(Answer):
    """It is about one of these channels (profiles), by id."""

    type: Any
    channel_ids: list[str | int]
    negate: bool | None = None


class TagCondition(Answer):
    """The contact has this tag."""

    type: Any
    tag: str
    negate: bool | None = None


class ListCondition(Answer):
    """The contact is in this list."""

    type: Any
    list_: str
    negate: bool | None = None


class AttributeCondition(Answer):
    """An attribute of the contact."""

    type: Any
    attribute: str
    negate: bool | None = None
    op: Any = None
    values: list[str] | None = None


class VariableCondition(Answer):
    """A variable of the run: an answer, or what a webhook told. `answer` is what was answered last."""

    type: Any
    negate: bool | None = None
    op: Any = None
    values: list[str] | None = None
    variable: str | None = None


class AutomationHours(Answer):
    """From `start` to `end` (HH:MM) on some days of the week (none named: on all) in a time zone. An `end` that
    is not after `start` is on the next day."""

    start: str
    end: str
    days: list[str] | None = None
    zone: str | None = None
