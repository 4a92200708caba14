"""The steps of an automation, as data. One follows the other, unless one says where to go on."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from .conditions import Conditions
from .hours import Hours

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
StepId = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")]
Body = Annotated[str, msgspec.Meta(max_length=4096)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=31_536_000)]
END = "end"
"""Where a step may lead to that ends the run."""


class _Data(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of what steps are made of."""


class Button(_Data, frozen=True, kw_only=True):
    """A button, or a row of a list; `id` is what is told when it is pressed, the title where it is left out."""

    title: Title
    id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    description: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Menu(_Data, frozen=True, kw_only=True, rename="camel"):
    """A list that opens from a button."""

    button: Title
    rows: Annotated[list[Button], msgspec.Meta(min_length=1, max_length=10)]


class File(_Data, frozen=True, kw_only=True, rename="camel"):
    """A file to send: `media_id` of an upload, or a public `url`."""

    kind: Literal["image", "video", "audio", "document"]
    media_id: str | int | None = None
    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    filename: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class TemplateUse(_Data, frozen=True, kw_only=True, rename="camel"):
    """A template with the values of its body's variables, in order; they may have placeholders."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=20)] = "en"
    values: Annotated[list[Annotated[str, msgspec.Meta(max_length=1024)]], msgspec.Meta(max_length=50)] = []


class _Step(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, tag_field="type"):
    """Base of steps. `id` is given where it is left out. `next` is the id of the step that follows, `end` for none; the
    next of the list where it is left out."""

    id: StepId = ""
    next: StepId | None = None


class Says(_Step, frozen=True, kw_only=True, rename="camel"):
    """Base of what writes to the person: a text, with a file, buttons or a menu; or a template. Texts have placeholders,
    `{name}`, filled from the contact, its attributes and the run's variables, else from `fallbacks`.

    Where the network has a service window and it is closed, `outside_window` goes out; without one nothing does, and the
    step says why.
    """

    text: Body = ""
    file: File | None = None
    buttons: Annotated[list[Button], msgspec.Meta(max_length=3)] = []
    menu: Menu | None = None
    template: TemplateUse | None = None
    outside_window: TemplateUse | None = None
    fallbacks: dict[Name, Annotated[str, msgspec.Meta(max_length=1000)]] = {}


class Send(Says, frozen=True, kw_only=True, tag="send", rename="camel"):
    """Write to the person. `category`: what kind of message it is; sequences always ask for consent to marketing."""

    category: Literal["service", "utility", "marketing"] = "service"
    channel_id: str | int | None = None


class Ask(Says, frozen=True, kw_only=True, tag="ask", rename="camel"):
    """Ask, and wait for the answer: kept as the variable `answer`, as `variable` and as the contact's `attribute`.

    `check`: what it must be; of `choice` one of the buttons, the menu's rows or `choices`. A wrong answer is answered with
    `again` up to `tries` times; after them, or after `timeout_seconds`, it goes on at `otherwise` (the end when left out).
    """

    attribute: Name | None = None
    variable: Name | None = None
    check: Literal["any", "number", "email", "phone", "date", "choice"] = "any"
    choices: Annotated[list[Title], msgspec.Meta(max_length=50)] = []
    again: Body = ""
    tries: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    timeout_seconds: Seconds = 86_400
    otherwise: StepId | None = None


class Wait(_Step, frozen=True, kw_only=True, tag="wait", rename="camel"):
    """Wait for `seconds`, or `until` certain hours begin, or both in this order. `until_open`: instead of certain hours until
    working hours, of the department `departmentId`, else of the workspace. `reply`: until the person writes, at most so
    long; a reply goes on at `on_reply`.

    `event`: until something happens, at most so long; when it does, it goes on at `on_event`. `read`: the person read the last
    message of this run; `tag`, `list`: they have the tag, or are in the list, called `name`; `attribute`: the attribute
    `name` changes, to `value` where it is given; `ordered`: they order something; `link`: they follow a link of a campaign;
    `done`: the chat is done."""

    seconds: Seconds | None = None
    until: Hours | None = None
    until_open: bool = False
    department_id: str | int | None = None
    reply: bool = False
    on_reply: StepId | None = None
    event: Literal["read", "tag", "list", "attribute", "ordered", "link", "done"] | None = None
    name: Name | None = None
    value: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    on_event: StepId | None = None


class Case(_Data, frozen=True, kw_only=True, rename="camel"):
    """One way of a branch: where its conditions hold, it goes on at `next`."""

    conditions: Conditions
    next: StepId


class Branch(_Step, frozen=True, kw_only=True, tag="branch", rename="camel"):
    """Go the first way whose conditions hold; where none does, on as other steps do."""

    cases: Annotated[list[Case], msgspec.Meta(min_length=1, max_length=20)]


class TagContact(_Step, frozen=True, kw_only=True, tag="tag", rename="camel"):
    """Give tags to the contact and take others away."""

    add: Annotated[list[Name], msgspec.Meta(max_length=20)] = []
    remove: Annotated[list[Name], msgspec.Meta(max_length=20)] = []


class ListContact(_Step, frozen=True, kw_only=True, tag="list", rename="camel"):
    """Put the contact into lists and take it out of others."""

    add: Annotated[list[Name], msgspec.Meta(max_length=20)] = []
    remove: Annotated[list[Name], msgspec.Meta(max_length=20)] = []


class SetAttribute(_Step, frozen=True, kw_only=True, tag="attribute", rename="camel"):
    """Set an attribute of the contact; the value may have placeholders, an empty one takes it away."""

    attribute: Name
    value: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Assign(_Step, frozen=True, kw_only=True, tag="assign", rename="camel"):
    """Give the chat to a member: the next of `member_ids` in turn, or the one with the fewest open chats (`least_busy`);
    to nobody where none is named. With `department_id` it is that team's from then on, and its members are meant where
    none is named: those who are not away, or all of them; with `how` `nobody` it is the team's and nobody's in person."""

    member_ids: Annotated[list[str | int], msgspec.Meta(max_length=100)] = []
    department_id: str | int | None = None
    how: Literal["in_turn", "least_busy", "nobody"] = "in_turn"


class SetChat(_Step, frozen=True, kw_only=True, tag="chat", rename="camel"):
    """Open the chat, mark it done, or snooze it for `seconds`."""

    status: Literal["open", "done", "snoozed"]
    seconds: Seconds = 3600


class Note(_Step, frozen=True, kw_only=True, tag="note", rename="camel"):
    """Write a note into the chat, for the team; with placeholders."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class Notify(_Step, frozen=True, kw_only=True, tag="notify", rename="camel"):
    """Tell members something at once, by a notification in their dashboard and the event `automation.notified`: `text`, with
    placeholders. `member_ids`: whom; everybody where none is named."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    member_ids: Annotated[list[str | int], msgspec.Meta(max_length=100)] = []


class OpenTicket(_Step, frozen=True, kw_only=True, tag="ticket", rename="camel"):
    """Open a ticket; with placeholders."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    body: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    priority: Literal["low", "medium", "high", "urgent"] = "medium"
    department_id: str | int | None = None


class CallWebhook(_Step, frozen=True, kw_only=True, tag="webhook", rename="camel"):
    """POST JSON to a program: the contact, the run's variables, and `body`. Its JSON answer fills variables: `variables` is
    name to path. What fails or answers other than 2xx goes on at `otherwise` (as other steps where it is left out).

    After a crash in the middle of the call it is made again, with the same header `webhook-id`.
    """

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    body: dict[str, Any] = {}
    variables: dict[Name, Annotated[str, msgspec.Meta(min_length=1, max_length=200)]] = {}
    otherwise: StepId | None = None


class AskAi(_Step, frozen=True, kw_only=True, tag="ai", rename="camel"):
    """Have a model answer what the person wrote, by the workspace's own endpoint. It is given `instructions`, the latest
    `turns` messages of the chat, and the `passages` that fit best of the pages and files named in `knowledge` (ids; of
    all where none is named). `mode` `suggest` writes its answer down for the team and sends nothing.

    Where it is unsure, names no source (`needs_source`), says more than `max_characters` or fails, where a limit is reached
    or the person asks for a person (in words that are known, or `person_words`), it goes on at `otherwise`; without that
    the chat is handed over, for `seconds` and to `member_ids` as by `hand_over`. Only rules have it.
    """

    mode: Literal["answer", "suggest"] = "answer"
    instructions: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    knowledge: Annotated[list[str | int], msgspec.Meta(max_length=50)] = []
    turns: Annotated[int, msgspec.Meta(ge=1, le=20)] = 6
    passages: Annotated[int, msgspec.Meta(ge=1, le=10)] = 5
    max_characters: Annotated[int, msgspec.Meta(ge=50, le=4000)] = 1000
    needs_source: bool = True
    person_words: Annotated[list[Title], msgspec.Meta(max_length=50)] = []
    otherwise: StepId | None = None
    seconds: Seconds = 86_400
    member_ids: Annotated[list[str | int], msgspec.Meta(max_length=100)] = []


class Start(_Step, frozen=True, kw_only=True, tag="start", rename="camel"):
    """Start another automation for this person, by id."""

    automation_id: str | int


class Stop(_Step, frozen=True, kw_only=True, tag="stop", rename="camel"):
    """Stop another automation for this person, by id; every other one where it is left out."""

    automation_id: str | int | None = None


class HandOver(_Step, frozen=True, kw_only=True, tag="hand_over", rename="camel"):
    """Hand the chat over to a person: it is opened, and no automation writes there for `seconds`. The run ends. With
    `department_id` it is that team's, and nobody's in person where no member is named."""

    seconds: Seconds = 86_400
    member_ids: Annotated[list[str | int], msgspec.Meta(max_length=100)] = []
    department_id: str | int | None = None


class End(_Step, frozen=True, kw_only=True, tag="end", rename="camel"):
    """The run ends."""


Step: TypeAlias = (
    Send
    | Ask
    | Wait
    | Branch
    | TagContact
    | ListContact
    | SetAttribute
    | Assign
    | SetChat
    | Note
    | Notify
    | OpenTicket
    | CallWebhook
    | AskAi
    | Start
    | Stop
    | HandOver
    | End
)
"""What an automation does."""
