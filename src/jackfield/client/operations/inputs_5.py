"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from .inputs_1 import EntityBody
from .inputs_4 import ButtonBody, CardBody, PlaceBody, TextTemplate


class SegmentBody(TypedDict):
    """A saved filter; an empty one is everyone."""

    name: str
    filter: NotRequired[dict[str, Any]]


class SegmentChange(TypedDict):
    """What to change."""

    name: NotRequired[str | None]
    filter: NotRequired[dict[str, Any] | None]


class SetupBody(TypedDict):
    """Who becomes the owner, and the workspace's name, country and time zone. `code` is what the server prints
    when it starts without an owner. `cookie`: keep the token in a cookie of the browser instead of the
    answer."""

    code: str
    email: str
    password: str
    firstName: NotRequired[str]
    lastName: NotRequired[str]
    workspaceName: NotRequired[str]
    timezone: NotRequired[str]
    defaultCountry: NotRequired[str | None]
    cookie: NotRequired[bool]


class SnoozeBody(TypedDict):
    """Until when the chat is out of the way; what comes in brings it back at once."""

    until: str | int


class StickerBody(TypedDict):
    """A sticker (webp)."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    base64: NotRequired[str | None]


class SuppressionBody(TypedDict):
    """An address, or several."""

    address: NotRequired[str | int | None]
    phone: NotRequired[str | int | None]
    addresses: NotRequired[list[str | int]]
    reason: NotRequired[str]


class SurveyBody(TypedDict):
    """What is asked after a chat is done; what is left out is as a new survey has it."""

    enabled: bool
    scale: NotRequired[Literal["stars", "thumbs"]]
    text: NotRequired[str]
    thanks: NotRequired[str]
    commentText: NotRequired[str]
    lowRating: NotRequired[int]
    restDays: NotRequired[int]
    answerHours: NotRequired[int]


class TagBody(TypedDict):
    """A tag. With `firstMessage` or `keywords` it is given by what people write."""

    name: str
    color: NotRequired[str | None]
    firstMessage: NotRequired[bool]
    keywords: NotRequired[list[str]]


class TagChange(TypedDict):
    """What to change."""

    name: NotRequired[str | None]
    color: NotRequired[str | None]
    firstMessage: NotRequired[bool | None]
    keywords: NotRequired[list[str] | None]


class TagsBody(TypedDict):
    """Labels, by name."""

    tags: list[str] | str


class TargetBody(TypedDict):
    """Targets in minutes, of a department, of a profile, or (neither) of the workspace. What is left out is no
    target."""

    profileId: NotRequired[str | int | None]
    departmentId: NotRequired[str | int | None]
    firstReplyMinutes: NotRequired[int | None]
    nextReplyMinutes: NotRequired[int | None]
    resolutionMinutes: NotRequired[int | None]
    workingHours: NotRequired[bool]
    warnPercent: NotRequired[int]


class TargetsBody(TypedDict):
    """All targets; one that is left out is gone."""

    targets: list[TargetBody]


class TemplateChange(TypedDict):
    """What to change; the provider reviews it again."""

    components: NotRequired[list[dict[str, Any]] | None]
    category: NotRequired[str | None]
    content: NotRequired[TextTemplate | str | None]
    messageType: NotRequired[str | None]
    profileId: NotRequired[str | int | None]


class TemplateCopyBody(TypedDict):
    """The copy's name."""

    name: NotRequired[str | None]


class TemplateMessageBody(TypedDict):
    """A template with its values, which are checked against what the template needs before anything is sent."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    header: NotRequired[list[str | int | float] | dict[str, Any]]
    body: NotRequired[list[str | int | float] | dict[str, Any]]
    link: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    filename: NotRequired[str | None]
    location: NotRequired[PlaceBody | None]
    urls: NotRequired[list[str | int | float]]
    quickReplies: NotRequired[list[str | int | float]]
    code: NotRequired[str | int | float | None]
    buttons: NotRequired[list[ButtonBody]]
    cards: NotRequired[list[CardBody]]
    offerExpiresAt: NotRequired[str | int | None]
    fold: NotRequired[bool | list[str]]
    name: str
    language: NotRequired[str | None]


class TestBody(TypedDict):
    """To whom."""

    to: str | int
    variables: NotRequired[dict[str, Any]]


class TextBody(TypedDict):
    """A text."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    entities: NotRequired[list[EntityBody] | None]
    format: NotRequired[Literal["html", "markdown"] | None]
    text: str
    previewUrl: NotRequired[bool]


class TicketBody(TypedDict):
    """A new ticket; a chat brings its contact along."""

    subject: str
    body: NotRequired[str | None]
    priority: NotRequired[str]
    departmentId: NotRequired[str | int | None]
    contactId: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    assigneeId: NotRequired[str | int | None]


class TicketChange(TypedDict):
    """What to change; null takes an assignee, department or contact away."""

    subject: NotRequired[str | None]
    body: NotRequired[str | None]
    status: NotRequired[str | None]
    priority: NotRequired[str | None]
    departmentId: NotRequired[str | int | None]
    contactId: NotRequired[str | int | None]
    assigneeId: NotRequired[str | int | None]


class TicketReplyBody(TypedDict):
    """An answer; `fromContact` when it is the contact's."""

    text: str
    status: NotRequired[str | None]
    fromContact: NotRequired[bool]


class TriggerBody(TypedDict):
    """One contact: by id, or by number (made when it is new)."""

    contactId: NotRequired[str | int | None]
    phone: NotRequired[str | int | None]
    name: NotRequired[str | None]
    variables: NotRequired[dict[str, Any]]


class TypingBody(TypedDict):
    """To whom, and whether it begins or ends."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    on: NotRequired[bool]
    state: NotRequired[Literal["composing", "available"] | None]


class UnmergeBody(TypedDict):
    """Which merge to undo; the latest when it is left out."""

    mergeId: NotRequired[str | int | None]


class VideoBody(TypedDict):
    """A film clip."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    entities: NotRequired[list[EntityBody] | None]
    format: NotRequired[Literal["html", "markdown"] | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    caption: NotRequired[str | None]
    base64: NotRequired[str | None]


class VoiceBody(TypedDict):
    """A voice note."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    base64: NotRequired[str | None]


class WebhookBody(TypedDict):
    """A new subscription; without `profileId` it hears of all profiles."""

    url: str
    secret: NotRequired[str | None]
    events: NotRequired[list[str] | str | None]
    format: NotRequired[str]
    profileId: NotRequired[str | int | None]
    enabled: NotRequired[bool]
    settings: NotRequired[dict[str, Any]]


class WebhookChange(TypedDict):
    """What to change; fields that are left out stay."""

    url: NotRequired[str | None]
    secret: NotRequired[str | None]
    events: NotRequired[list[str] | str | None]
    format: NotRequired[str | None]
    profileId: NotRequired[str | int | None]
    enabled: NotRequired[bool | None]
    settings: NotRequired[dict[str, Any] | None]


class SpanBody(TypedDict):
    """From `start` to `end` (HH:MM). An `end` that is not after `start` is on the next day; 24:00 is
    midnight."""

    start: str
    end: str


class WeekBody(TypedDict):
    """The spans of each day; a day that is left out is closed."""

    mon: NotRequired[list[SpanBody]]
    tue: NotRequired[list[SpanBody]]
    wed: NotRequired[list[SpanBody]]
    thu: NotRequired[list[SpanBody]]
    fri: NotRequired[list[SpanBody]]
    sat: NotRequired[list[SpanBody]]
    sun: NotRequired[list[SpanBody]]


class HolidayBody(TypedDict):
    """A date with hours of its own (none: closed). `yearly`: in every year, whichever stands in the date."""

    date: str
    name: NotRequired[str]
    yearly: NotRequired[bool]
    hours: NotRequired[list[SpanBody]]


class WorkingHoursBody(TypedDict):
    """The whole of the working hours; what is left out is closed."""

    timezone: NotRequired[str | None]
    days: WeekBody
    holidays: NotRequired[list[HolidayBody]]


class WorkspaceBody(TypedDict):
    """A new tenant, with its owner; without one only its first key opens it."""

    name: str
    ownerEmail: NotRequired[str | None]
    ownerPassword: NotRequired[str | None]
    timezone: NotRequired[str]
    defaultCountry: NotRequired[str | None]


class WorkspaceChange(TypedDict):
    """What to change; given settings are merged, null takes one out."""

    name: NotRequired[str | None]
    timezone: NotRequired[str | None]
    defaultCountry: NotRequired[str | None]
    defaultProfileId: NotRequired[str | int | None]
    settings: NotRequired[dict[str, Any] | None]
