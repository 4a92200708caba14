"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_1 import AutomationHours, AutomationTrigger


class HoursCondition(Answer):
    """It is within these hours now."""

    type: Any
    hours: AutomationHours
    negate: bool | None = None


class WorkingHoursCondition(Answer):
    """It is within working hours now; turned round, outside them. Those of the department `departmentId`, else
    (and where it is gone) of the workspace; where nobody has set any it is always within them."""

    type: Any
    negate: bool | None = None
    department_id: str | int | None = None


class ConsentCondition(Answer):
    """The person may get marketing (`allowed`): they have not refused it."""

    type: Any
    negate: bool | None = None
    consent: Any = None


class ChatCondition(Answer):
    """The chat is open or done, or has an assignee."""

    type: Any
    status: Any
    negate: bool | None = None


AutomationCondition = dict[str, Any]


class AutomationFile(Answer):
    """A file to send: `media_id` of an upload, or a public `url`."""

    kind: Any
    media_id: str | int | None = None
    url: str | None = None
    filename: str | None = None


class AutomationButton(Answer):
    """A button, or a row of a list; `id` is what is told when it is pressed, the title where it is left out."""

    title: str
    id: str | None = None
    description: str | None = None


class AutomationMenu(Answer):
    """A list that opens from a button."""

    button: str
    rows: list[AutomationButton]


class AutomationTemplateUse(Answer):
    """A template with the values of its body's variables, in order; they may have placeholders."""

    name: str
    language: str | None = None
    values: list[str] | None = None


class SendStep(Answer):
    """Write to the person. `category`: what kind of message it is; sequences always ask for consent to
    marketing."""

    type: Any
    id: str | None = None
    next: str | None = None
    text: str | None = None
    file: AutomationFile | None = None
    buttons: list[AutomationButton] | None = None
    menu: AutomationMenu | None = None
    template: AutomationTemplateUse | None = None
    outside_window: AutomationTemplateUse | None = None
    fallbacks: dict[str, str] | None = None
    category: Any = None
    channel_id: str | int | None = None


class AskStep(Answer):
    """Ask, and wait for the answer: kept as the variable `answer`, as `variable` and as the contact's
    `attribute`. `check`: what it must be; of `choice` one of the buttons, the menu's rows or `choices`. A
    wrong answer is answered with `again` up to `tries` times; after them, or after `timeout_seconds`, it goes
    on at `otherwise` (the end when left out)."""

    type: Any
    id: str | None = None
    next: str | None = None
    text: str | None = None
    file: AutomationFile | None = None
    buttons: list[AutomationButton] | None = None
    menu: AutomationMenu | None = None
    template: AutomationTemplateUse | None = None
    outside_window: AutomationTemplateUse | None = None
    fallbacks: dict[str, str] | None = None
    attribute: str | None = None
    variable: str | None = None
    check: Any = None
    choices: list[str] | None = None
    again: str | None = None
    tries: int | None = None
    timeout_seconds: int | None = None
    otherwise: str | None = None


class WaitStep(Answer):
    """Wait for `seconds`, or `until` certain hours begin, or both in this order. `until_open`: instead of
    certain hours until working hours, of the department `departmentId`, else of the workspace. `reply`: until
    the person writes, at most so long; a reply goes on at `on_reply`. `event`: until something happens, at
    most so long; when it does, it goes on at `on_event`. `read`: the person read the last message of this
    run; `tag`, `list`: they have the tag, or are in the list, called `name`; `attribute`: the attribute
    `name` changes, to `value` where it is given; `ordered`: they order something; `link`: they follow a link
    of a campaign; `done`: the chat is done."""

    type: Any
    id: str | None = None
    next: str | None = None
    seconds: int | None = None
    until: AutomationHours | None = None
    until_open: bool | None = None
    department_id: str | int | None = None
    reply: bool | None = None
    on_reply: str | None = None
    event: Any = None
    name: str | None = None
    value: str | None = None
    on_event: str | None = None


class AutomationCase(Answer):
    """One way of a branch: where its conditions hold, it goes on at `next`."""

    conditions: list[AutomationCondition]
    next: str


class BranchStep(Answer):
    """Go the first way whose conditions hold; where none does, on as other steps do."""

    type: Any
    cases: list[AutomationCase]
    id: str | None = None
    next: str | None = None


class TagStep(Answer):
    """Give tags to the contact and take others away."""

    type: Any
    id: str | None = None
    next: str | None = None
    add: list[str] | None = None
    remove: list[str] | None = None


class ListStep(Answer):
    """Put the contact into lists and take it out of others."""

    type: Any
    id: str | None = None
    next: str | None = None
    add: list[str] | None = None
    remove: list[str] | None = None


class AttributeStep(Answer):
    """Set an attribute of the contact; the value may have placeholders, an empty one takes it away."""

    type: Any
    attribute: str
    id: str | None = None
    next: str | None = None
    value: str | None = None


class AssignStep(Answer):
    """Give the chat to a member: the next of `member_ids` in turn, or the one with the fewest open chats
    (`least_busy`); to nobody where none is named. With `department_id` it is that team's from then on, and
    its members are meant where none is named: those who are not away, or all of them; with `how` `nobody` it
    is the team's and nobody's in person."""

    type: Any
    id: str | None = None
    next: str | None = None
    member_ids: list[str | int] | None = None
    department_id: str | int | None = None
    how: Any = None


class ChatStep(Answer):
    """Open the chat, mark it done, or snooze it for `seconds`."""

    type: Any
    status: Any
    id: str | None = None
    next: str | None = None
    seconds: int | None = None


class NoteStep(Answer):
    """Write a note into the chat, for the team; with placeholders."""

    type: Any
    text: str
    id: str | None = None
    next: str | None = None


class NotifyStep(Answer):
    """Tell members something at once, by a notification in their dashboard and the event `automation.notified`:
    `text`, with placeholders. `member_ids`: whom; everybody where none is named."""

    type: Any
    text: str
    id: str | None = None
    next: str | None = None
    member_ids: list[str | int] | None = None


class TicketStep(Answer):
    """Open a ticket; with placeholders."""

    type: Any
    subject: str
    id: str | None = None
    next: str | None = None
    body: str | None = None
    priority: Any = None
    department_id: str | int | None = None


class WebhookStep(Answer):
    """POST JSON to a program: the contact, the run's variables, and `body`. Its JSON answer fills variables:
    `variables` is name to path. What fails or answers other than 2xx goes on at `otherwise` (as other steps
    where it is left out). After a crash in the middle of the call it is made again, with the same header
    `webhook-id`."""

    type: Any
    url: str
    id: str | None = None
    next: str | None = None
    body: dict[str, Any] | None = None
    variables: dict[str, str] | None = None
    otherwise: str | None = None


class AiStep(Answer):
    """Have a model answer what the person wrote, by the workspace's own endpoint. It is given `instructions`,
    the latest `turns` messages of the chat, and the `passages` that fit best of the pages and files named in
    `knowledge` (ids; of all where none is named). `mode` `suggest` writes its answer down for the team and
    sends nothing. Where it is unsure, names no source (`needs_source`), says more than `max_characters` or
    fails, where a limit is reached or the person asks for a person (in words that are known, or
    `person_words`), it goes on at `otherwise`; without that the chat is handed over, for `seconds` and to
    `member_ids` as by `hand_over`. Only rules have it."""

    type: Any
    id: str | None = None
    next: str | None = None
    mode: Any = None
    instructions: str | None = None
    knowledge: list[str | int] | None = None
    turns: int | None = None
    passages: int | None = None
    max_characters: int | None = None
    needs_source: bool | None = None
    person_words: list[str] | None = None
    otherwise: str | None = None
    seconds: int | None = None
    member_ids: list[str | int] | None = None


class StartStep(Answer):
    """Start another automation for this person, by id."""

    type: Any
    automation_id: str | int
    id: str | None = None
    next: str | None = None


class StopStep(Answer):
    """Stop another automation for this person, by id; every other one where it is left out."""

    type: Any
    id: str | None = None
    next: str | None = None
    automation_id: str | int | None = None


class HandOverStep(Answer):
    """Hand the chat over to a person: it is opened, and no automation writes there for `seconds`. The run ends.
    With `department_id` it is that team's, and nobody's in person where no member is named."""

    type: Any
    id: str | None = None
    next: str | None = None
    seconds: int | None = None
    member_ids: list[str | int] | None = None
    department_id: str | int | None = None


class EndStep(Answer):
    """The run ends."""

    type: Any
    id: str | None = None
    next: str | None = None


AutomationStep = dict[str, Any]


class AutomationLimits(Answer):
    """How much an automation may do, and when it is its turn. `per_chat_hour`: automatic messages in one chat
    and hour, of all automations together. `per_person_day`: a sequence waits while a person has had so much
    marketing within 24 hours, of sequences and campaigns together. `again_after_hours`: how long somebody who
    has been through it does not come in again; None: never again. `again_after_seconds`: the same in seconds;
    the longer one holds. `once_while_closed`: outside working hours somebody comes in once in each chat until
    they begin again; the hours are those of the first condition `working_hours`, else of the workspace.
    `starts_per_day`: how many people may come in within 24 hours. `priority`: where one event starts several,
    those with the lowest number begin first, then the oldest. `quiet_hours`: a sequence writes nothing in
    them, and goes on after. `rest_after_failures`: failures in a row until it rests."""

    per_chat_hour: int | None = None
    per_person_day: int | None = None
    again_after_hours: int | None = None
    again_after_seconds: int | None = None
    once_while_closed: bool | None = None
    starts_per_day: int | None = None
    priority: int | None = None
    quiet_hours: AutomationHours | None = None
    rest_after_failures: int | None = None


class AutomationGoal(Answer):
    """What ends a sequence for a person: that they write (`replied`), order something (`ordered`), or have one
    of `tags`. A refusal of marketing ends it always."""

    replied: bool | None = None
    ordered: bool | None = None
    tags: list[str] | None = None


class Automation(Answer):
    """A rule or a sequence. `restReason`: why it rests after too many failures. `running`: people who are in it
    now. `hookUrl`: the secret address that starts it, of those with the trigger `webhook`."""

    trigger: AutomationTrigger
    conditions: list[AutomationCondition]
    steps: list[AutomationStep]
    limits: AutomationLimits
    goal: AutomationGoal | None
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

    trigger: AutomationTrigger
    conditions: list[AutomationCondition]
    steps: list[AutomationStep]
    limits: AutomationLimits
    goal: AutomationGoal | None
    key: str
    title: str
    about: str
    kind: str
