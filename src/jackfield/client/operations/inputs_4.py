"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class LocationBody(TypedDict):
    """A point on the map, in degrees."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    latitude: float
    longitude: float
    description: NotRequired[str | None]
    name: NotRequired[str | None]
    address: NotRequired[str | None]


class LoginBody(TypedDict):
    """E-mail and password of a member, and `code` where they have a second factor: one of the authenticator app,
    or a recovery code. `cookie`: keep the token in a cookie of the browser instead of the answer."""

    email: str
    password: str
    code: NotRequired[str | None]
    cookie: NotRequired[bool]


class MemberBody(TypedDict):
    """A new member with a password; an invitation lets the person choose it."""

    email: str
    password: str
    role: NotRequired[str]
    firstName: NotRequired[str]
    lastName: NotRequired[str]


class MemberChange(TypedDict):
    """What to change; fields that are left out stay."""

    email: NotRequired[str | None]
    role: NotRequired[str | None]
    firstName: NotRequired[str | None]
    lastName: NotRequired[str | None]
    disabled: NotRequired[bool | None]
    away: NotRequired[bool | None]
    departmentId: NotRequired[str | int | None]


class MembersBody(TypedDict):
    """Contacts by id, or all of a filter."""

    contactIds: NotRequired[list[str | int]]
    filter: NotRequired[dict[str, Any] | None]


class MergeBody(TypedDict):
    """The contact that becomes part of the other."""

    contactId: str | int
    reason: NotRequired[str]


class MuteBody(TypedDict):
    """Until when; for good without it."""

    until: NotRequired[str | int | None]


class NameBody(TypedDict):
    """A name."""

    name: str


class TextTemplate(TypedDict):
    """A template of text alone."""

    text: str
    header: NotRequired[str | None]
    footer: NotRequired[str | None]


class NewTemplateBody(TypedDict):
    """A new template, for the provider to review."""

    profileId: NotRequired[str | int | None]
    name: str
    language: NotRequired[str | None]
    category: NotRequired[str]
    components: NotRequired[list[dict[str, Any]] | None]
    parameterFormat: NotRequired[str]
    content: NotRequired[TextTemplate | str | None]
    messageType: NotRequired[str | None]


class NewsletterBody(TypedDict):
    """A new newsletter."""

    profileId: NotRequired[str | int | None]
    name: str
    description: NotRequired[str | None]


class OnProfileBody(TypedDict):
    """Which profile; the default one when left out."""

    profileId: NotRequired[str | int | None]


class OptOutBody(TypedDict):
    """Words by language (`*` is every language); null takes the built-in ones back. Messages are answers to
    them."""

    stop: NotRequired[dict[str, Any] | None]
    start: NotRequired[dict[str, Any] | None]
    stopReply: NotRequired[str | None]
    startReply: NotRequired[str | None]


class OwnPasswordBody(TypedDict):
    """The present password, and the new one."""

    currentPassword: str
    password: str


class OwnProfileBody(TypedDict):
    """Your own name, the language of your pages (BCP 47), and whether you are away; what is left out stays."""

    firstName: NotRequired[str | None]
    lastName: NotRequired[str | None]
    language: NotRequired[str | None]
    away: NotRequired[bool | None]


class PasswordBody(TypedDict):
    """A new password; `currentPassword` is needed to change one's own."""

    password: str
    currentPassword: NotRequired[str | None]


class PauseBody(TypedDict):
    """Why."""

    reason: NotRequired[str | None]


class PeopleBody(TypedDict):
    """Whom."""

    profileId: NotRequired[str | int | None]
    participants: list[str | int]


class PinBody(TypedDict):
    """The number's two-step PIN."""

    pin: str


class PollBody(TypedDict):
    """A question with two to twelve answers."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    question: str
    options: list[str]
    allowMultiple: NotRequired[bool]


class PlaceBody(TypedDict):
    """The place that a location header shows, in degrees."""

    latitude: float
    longitude: float
    name: NotRequired[str | None]
    address: NotRequired[str | None]


class ButtonBody(TypedDict):
    """One button's value: what flow, catalog and multi-product buttons take, and any other by its place."""

    index: int
    text: NotRequired[str | int | float | None]
    action: NotRequired[dict[str, Any] | None]


class CardBody(TypedDict):
    """One carousel card's values."""

    body: NotRequired[list[str | int | float] | dict[str, Any]]
    link: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    urls: NotRequired[list[str | int | float]]
    quickReplies: NotRequired[list[str | int | float]]
    code: NotRequired[str | int | float | None]
    buttons: NotRequired[list[ButtonBody]]


class PreviewBody(TypedDict):
    """Values to fill in; with none the template's own examples are shown."""

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
    variables: NotRequired[dict[str, Any] | None]


class ProfileBody(TypedDict):
    """A new profile. Without `engine` it gets the first of `GET /engines`. `config` is the engine's own
    configuration, kept encrypted; `key` your own name for it."""

    name: str
    engine: NotRequired[str | None]
    config: NotRequired[dict[str, Any] | None]
    key: NotRequired[str | None]
    pacing: NotRequired[dict[str, Any] | None]
    settings: NotRequired[dict[str, Any] | None]


class ProfileChange(TypedDict):
    """What to change; fields that are left out stay."""

    name: NotRequired[str | None]
    config: NotRequired[dict[str, Any] | None]
    pacing: NotRequired[dict[str, Any] | None]
    settings: NotRequired[dict[str, Any] | None]


class ProfileWebhookBody(TypedDict):
    """The webhook of one profile; an empty `url` takes it away."""

    url: NotRequired[str | None]
    webhookUrl: NotRequired[str | None]
    secret: NotRequired[str | None]
    events: NotRequired[list[str] | str | None]


class ReactionBody(TypedDict):
    """An emoji on a message; an empty one takes it back. `to` is needed only with a provider's id."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    messageId: str | int | float
    emoji: NotRequired[str]
    customEmojiId: NotRequired[str | int | float | None]


class RejectBody(TypedDict):
    """What to tell the caller; nothing without it."""

    message: NotRequired[str | None]


class ReplayBody(TypedDict):
    """Since when; all that failed without it."""

    since: NotRequired[str | int | None]


_ReplayProblemsBody = TypedDict("_ReplayProblemsBody", {"from": "NotRequired[str | int | None]"})


class ReplayProblemsBody(_ReplayProblemsBody):
    """Which problems to replay; all that are open when nothing is given."""

    profileId: NotRequired[str | int | None]
    reason: NotRequired[str | None]
    until: NotRequired[str | int | None]
    cursor: NotRequired[str | None]


class ReplyBody(TypedDict):
    """An answer that quotes a message: `text`, or `type` and `content`."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    text: NotRequired[str | None]
    type: NotRequired[str]
    content: NotRequired[dict[str, Any] | str | None]


class RotateBody(TypedDict):
    """The new secret, or none to have one made up."""

    secret: NotRequired[str | None]


class RuleBody(TypedDict):
    """A rule: for which chats, and who gets them. What is left out asks nothing; without members and department
    everybody is meant."""

    id: NotRequired[str | int | None]
    name: str
    enabled: NotRequired[bool]
    profileIds: NotRequired[list[str | int]]
    tags: NotRequired[list[str]]
    hours: NotRequired[Literal["open", "closed"] | None]
    visit: NotRequired[Literal["first", "again"] | None]
    how: NotRequired[Literal["round_robin", "least_busy"]]
    memberIds: NotRequired[list[str | int]]
    departmentId: NotRequired[str | int | None]
    onlineOnly: NotRequired[bool]
    maxOpen: NotRequired[int | None]


class RulesBody(TypedDict):
    """All rules in their order; one that is left out is gone."""

    rules: list[RuleBody]


class ViewFilter(TypedDict):
    """Filters of the inbox, as `GET /chats` takes them."""

    profileId: NotRequired[str | None]
    kind: NotRequired[Literal["private", "group", "newsletter"] | None]
    archived: NotRequired[Literal["true", "false", "all"] | None]
    unread: NotRequired[bool | None]
    unanswered: NotRequired[bool | None]
    closing: NotRequired[bool | None]
    urgent: NotRequired[bool | None]
    missed: NotRequired[bool | None]
    status: NotRequired[Literal["open", "snoozed", "done"] | None]
    tag: NotRequired[str | None]
    assigneeId: NotRequired[str | None]
    departmentId: NotRequired[str | None]
    q: NotRequired[str | None]


class SavedViewBody(TypedDict):
    """A view; `shared` gives it to everybody."""

    name: str
    filter: NotRequired[ViewFilter]
    shared: NotRequired[bool]


class SavedViewChange(TypedDict):
    """What to change; `filter` replaces the whole filter."""

    name: NotRequired[str | None]
    filter: NotRequired[ViewFilter | None]


class ScheduleBody(TypedDict):
    """Any kind of message (`text`, or `type` and `content`), and when it is to go out."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    text: NotRequired[str | None]
    type: NotRequired[str]
    content: NotRequired[dict[str, Any] | str | None]
