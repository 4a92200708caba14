"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from .inputs_1 import AutomationButton, AutomationCondition, AutomationFile, AutomationHours, AutomationTrigger


class AutomationMenu(TypedDict):
    """A list that opens from a button."""

    button: str
    rows: list[AutomationButton]


class AutomationTemplateUse(TypedDict):
    """A template with the values of its body's variables, in order; they may have placeholders."""

    name: str
    language: NotRequired[str]
    values: NotRequired[list[str]]


class SendStep(TypedDict):
    """Write to the person. `category`: what kind of message it is; sequences always ask for consent to
    marketing."""

    type: Literal["send"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    text: NotRequired[str]
    file: NotRequired[AutomationFile | None]
    buttons: NotRequired[list[AutomationButton]]
    menu: NotRequired[AutomationMenu | None]
    template: NotRequired[AutomationTemplateUse | None]
    outsideWindow: NotRequired[AutomationTemplateUse | None]
    fallbacks: NotRequired[dict[str, str]]
    category: NotRequired[Literal["marketing", "service", "utility"]]
    channelId: NotRequired[str | int | None]


class AskStep(TypedDict):
    """Ask, and wait for the answer: kept as the variable `answer`, as `variable` and as the contact's
    `attribute`. `check`: what it must be; of `choice` one of the buttons, the menu's rows or `choices`. A
    wrong answer is answered with `again` up to `tries` times; after them, or after `timeout_seconds`, it goes
    on at `otherwise` (the end when left out)."""

    type: Literal["ask"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    text: NotRequired[str]
    file: NotRequired[AutomationFile | None]
    buttons: NotRequired[list[AutomationButton]]
    menu: NotRequired[AutomationMenu | None]
    template: NotRequired[AutomationTemplateUse | None]
    outsideWindow: NotRequired[AutomationTemplateUse | None]
    fallbacks: NotRequired[dict[str, str]]
    attribute: NotRequired[str | None]
    variable: NotRequired[str | None]
    check: NotRequired[Literal["any", "choice", "date", "email", "number", "phone"]]
    choices: NotRequired[list[str]]
    again: NotRequired[str]
    tries: NotRequired[int]
    timeoutSeconds: NotRequired[int]
    otherwise: NotRequired[str | None]


class WaitStep(TypedDict):
    """Wait for `seconds`, or `until` certain hours begin, or both in this order. `until_open`: instead of
    certain hours until working hours, of the department `departmentId`, else of the workspace. `reply`: until
    the person writes, at most so long; a reply goes on at `on_reply`. `event`: until something happens, at
    most so long; when it does, it goes on at `on_event`. `read`: the person read the last message of this
    run; `tag`, `list`: they have the tag, or are in the list, called `name`; `attribute`: the attribute
    `name` changes, to `value` where it is given; `ordered`: they order something; `link`: they follow a link
    of a campaign; `done`: the chat is done."""

    type: Literal["wait"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    seconds: NotRequired[int | None]
    until: NotRequired[AutomationHours | None]
    untilOpen: NotRequired[bool]
    departmentId: NotRequired[str | int | None]
    reply: NotRequired[bool]
    onReply: NotRequired[str | None]
    event: NotRequired[Literal["attribute", "done", "link", "list", "ordered", "read", "tag"] | None]
    name: NotRequired[str | None]
    value: NotRequired[str | None]
    onEvent: NotRequired[str | None]


class AutomationCase(TypedDict):
    """One way of a branch: where its conditions hold, it goes on at `next`."""

    conditions: list[AutomationCondition]
    next: str


class BranchStep(TypedDict):
    """Go the first way whose conditions hold; where none does, on as other steps do."""

    type: Literal["branch"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    cases: list[AutomationCase]


class TagStep(TypedDict):
    """Give tags to the contact and take others away."""

    type: Literal["tag"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class ListStep(TypedDict):
    """Put the contact into lists and take it out of others."""

    type: Literal["list"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class AttributeStep(TypedDict):
    """Set an attribute of the contact; the value may have placeholders, an empty one takes it away."""

    type: Literal["attribute"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    attribute: str
    value: NotRequired[str]


class AssignStep(TypedDict):
    """Give the chat to a member: the next of `member_ids` in turn, or the one with the fewest open chats
    (`least_busy`); to nobody where none is named. With `department_id` it is that team's from then on, and
    its members are meant where none is named: those who are not away, or all of them; with `how` `nobody` it
    is the team's and nobody's in person."""

    type: Literal["assign"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    memberIds: NotRequired[list[str | int]]
    departmentId: NotRequired[str | int | None]
    how: NotRequired[Literal["in_turn", "least_busy", "nobody"]]


class ChatStep(TypedDict):
    """Open the chat, mark it done, or snooze it for `seconds`."""

    type: Literal["chat"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    status: Literal["done", "open", "snoozed"]
    seconds: NotRequired[int]


class NoteStep(TypedDict):
    """Write a note into the chat, for the team; with placeholders."""

    type: Literal["note"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    text: str


class NotifyStep(TypedDict):
    """Tell members something at once, by a notification in their dashboard and the event `automation.notified`:
    `text`, with placeholders. `member_ids`: whom; everybody where none is named."""

    type: Literal["notify"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    text: str
    memberIds: NotRequired[list[str | int]]


class TicketStep(TypedDict):
    """Open a ticket; with placeholders."""

    type: Literal["ticket"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    subject: str
    body: NotRequired[str]
    priority: NotRequired[Literal["high", "low", "medium", "urgent"]]
    departmentId: NotRequired[str | int | None]


class WebhookStep(TypedDict):
    """POST JSON to a program: the contact, the run's variables, and `body`. Its JSON answer fills variables:
    `variables` is name to path. What fails or answers other than 2xx goes on at `otherwise` (as other steps
    where it is left out). After a crash in the middle of the call it is made again, with the same header
    `webhook-id`."""

    type: Literal["webhook"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    url: str
    body: NotRequired[dict[str, Any]]
    variables: NotRequired[dict[str, str]]
    otherwise: NotRequired[str | None]


class AiStep(TypedDict):
    """Have a model answer what the person wrote, by the workspace's own endpoint. It is given `instructions`,
    the latest `turns` messages of the chat, and the `passages` that fit best of the pages and files named in
    `knowledge` (ids; of all where none is named). `mode` `suggest` writes its answer down for the team and
    sends nothing. Where it is unsure, names no source (`needs_source`), says more than `max_characters` or
    fails, where a limit is reached or the person asks for a person (in words that are known, or
    `person_words`), it goes on at `otherwise`; without that the chat is handed over, for `seconds` and to
    `member_ids` as by `hand_over`. Only rules have it."""

    type: Literal["ai"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    mode: NotRequired[Literal["answer", "suggest"]]
    instructions: NotRequired[str]
    knowledge: NotRequired[list[str | int]]
    turns: NotRequired[int]
    passages: NotRequired[int]
    maxCharacters: NotRequired[int]
    needsSource: NotRequired[bool]
    personWords: NotRequired[list[str]]
    otherwise: NotRequired[str | None]
    seconds: NotRequired[int]
    memberIds: NotRequired[list[str | int]]


class StartStep(TypedDict):
    """Start another automation for this person, by id."""

    type: Literal["start"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    automationId: str | int


class StopStep(TypedDict):
    """Stop another automation for this person, by id; every other one where it is left out."""

    type: Literal["stop"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    automationId: NotRequired[str | int | None]


class HandOverStep(TypedDict):
    """Hand the chat over to a person: it is opened, and no automation writes there for `seconds`. The run ends.
    With `department_id` it is that team's, and nobody's in person where no member is named."""

    type: Literal["hand_over"]
    id: NotRequired[str]
    next: NotRequired[str | None]
    seconds: NotRequired[int]
    memberIds: NotRequired[list[str | int]]
    departmentId: NotRequired[str | int | None]


class EndStep(TypedDict):
    """The run ends."""

    type: Literal["end"]
    id: NotRequired[str]
    next: NotRequired[str | None]


AutomationStep = (
    SendStep
    | AskStep
    | WaitStep
    | BranchStep
    | TagStep
    | ListStep
    | AttributeStep
    | AssignStep
    | ChatStep
    | NoteStep
    | NotifyStep
    | TicketStep
    | WebhookStep
    | AiStep
    | StartStep
    | StopStep
    | HandOverStep
    | EndStep
)


class AutomationLimits(TypedDict):
    """How much an automation may do, and when it is its turn. `per_chat_hour`: automatic messages in one chat
    and hour, of all automations together. `per_person_day`: a sequence waits while a person has had so much
    marketing within 24 hours, of sequences and campaigns together. `again_after_hours`: how long somebody who
    has been through it does not come in again; None: never again. `again_after_seconds`: the same in seconds;
    the longer one holds. `once_while_closed`: outside working hours somebody comes in once in each chat until
    they begin again; the hours are those of the first condition `working_hours`, else of the workspace.
    `starts_per_day`: how many people may come in within 24 hours. `priority`: where one event starts several,
    those with the lowest number begin first, then the oldest. `quiet_hours`: a sequence writes nothing in
    them, and goes on after. `rest_after_failures`: failures in a row until it rests."""

    perChatHour: NotRequired[int]
    perPersonDay: NotRequired[int]
    againAfterHours: NotRequired[int | None]
    againAfterSeconds: NotRequired[int]
    onceWhileClosed: NotRequired[bool]
    startsPerDay: NotRequired[int | None]
    priority: NotRequired[int]
    quietHours: NotRequired[AutomationHours | None]
    restAfterFailures: NotRequired[int]


class AutomationGoal(TypedDict):
    """What ends a sequence for a person: that they write (`replied`), order something (`ordered`), or have one
    of `tags`. A refusal of marketing ends it always."""

    replied: NotRequired[bool]
    ordered: NotRequired[bool]
    tags: NotRequired[list[str]]


class AutomationBody(TypedDict):
    """An automation: what starts it, whom it is for, and its steps."""

    name: str
    kind: NotRequired[Literal["rule", "sequence"]]
    enabled: NotRequired[bool]
    trigger: AutomationTrigger
    conditions: NotRequired[list[AutomationCondition]]
    steps: list[AutomationStep]
    limits: NotRequired[AutomationLimits]
    goal: NotRequired[AutomationGoal | None]


class AutomationChange(TypedDict):
    """What to change. A part of the document that is left out stays as it is."""

    name: NotRequired[str | None]
    enabled: NotRequired[bool | None]
    trigger: NotRequired[AutomationTrigger | None]
    conditions: NotRequired[list[AutomationCondition] | None]
    steps: NotRequired[list[AutomationStep] | None]
    limits: NotRequired[AutomationLimits | None]
    goal: NotRequired[AutomationGoal | None]


class AutomationDraft(TypedDict):
    """What to try: a document (`trigger`, `conditions`, `steps` as of an automation) with the messages of some
    days, or with one `text`."""

    kind: NotRequired[Literal["rule", "sequence"]]
    trigger: AutomationTrigger
    conditions: NotRequired[list[AutomationCondition]]
    steps: list[AutomationStep]
    limits: NotRequired[AutomationLimits]
    goal: NotRequired[AutomationGoal | None]
    days: NotRequired[int]
    text: NotRequired[str | None]
    button: NotRequired[str | None]
    contactId: NotRequired[str | int | None]
    profileId: NotRequired[str | int | None]


class AutomationStart(TypedDict):
    """Whom to start it for."""

    contactId: str | int


class AutomationTrial(TypedDict):
    """How far to look back, or one message to try."""

    days: NotRequired[int]
    text: NotRequired[str | None]
    button: NotRequired[str | None]
    contactId: NotRequired[str | int | None]
    profileId: NotRequired[str | int | None]


class BulkItem(TypedDict):
    """One message. `content` depends on `type`; `{name}` in its texts is filled from `variables`, which must
    have it."""

    chatId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    type: NotRequired[str]
    content: dict[str, Any] | str
    variables: NotRequired[dict[str, Any]]


class BulkOptions(TypedDict):
    """Pauses between messages, in ms; with `randomizeDelay` each is drawn from it to one and a half of it, never
    less."""

    delayBetweenMessages: NotRequired[int]
    randomizeDelay: NotRequired[bool]


class BulkBody(TypedDict):
    """`POST /bulk/send`."""

    profileId: NotRequired[str | int | None]
    name: NotRequired[str | None]
    messages: list[BulkItem]
    options: NotRequired[BulkOptions]
    category: NotRequired[str]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
