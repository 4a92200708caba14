"""What calls take.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class AcceptBody(TypedDict):
    """The token of an invitation, and the password that its person chooses."""

    token: str
    password: str
    firstName: NotRequired[str]
    lastName: NotRequired[str]


class AiSettingsBody(TypedDict):
    """The whole of the settings."""

    baseUrl: str
    apiKey: NotRequired[str | None]
    model: str
    timeoutSeconds: NotRequired[int]
    maxTokens: NotRequired[int]
    jsonMode: NotRequired[bool]
    priceIn: NotRequired[float]
    priceOut: NotRequired[float]
    currency: NotRequired[str]
    perChatDay: NotRequired[int]
    perDay: NotRequired[int]


class EntityBody(TypedDict):
    """A formatted piece of a text. `offset` and `length` count UTF-16 code units, as JavaScript does."""

    type: str
    offset: int
    length: int
    url: NotRequired[str | None]
    user: NotRequired[str | int | float | None]
    language: NotRequired[str | None]
    customEmojiId: NotRequired[str | int | float | None]


class AlbumItem(TypedDict):
    """A file of an album."""

    entities: NotRequired[list[EntityBody] | None]
    format: NotRequired[Literal["html", "markdown"] | None]
    url: NotRequired[str | None]
    mediaId: NotRequired[str | int | None]
    type: NotRequired[Literal["image", "video", "audio", "document"]]
    caption: NotRequired[str | None]
    filename: NotRequired[str | None]


class AlbumBody(TypedDict):
    """Two to ten files that are shown together (Telegram)."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    items: list[AlbumItem]


class AnyBody(TypedDict):
    """Any kind: `content` is what the kind's own route takes."""

    profileId: NotRequired[str | int | None]
    to: NotRequired[str | int | None]
    chatId: NotRequired[str | int | None]
    threadId: NotRequired[int | None]
    category: NotRequired[Literal["service", "utility", "authentication", "marketing"] | None]
    replyTo: NotRequired[str | int | None]
    tag: NotRequired[str | None]
    scheduledAt: NotRequired[str | int | None]
    type: NotRequired[str]
    content: dict[str, Any] | str


class ArchivePolicyBody(TypedDict):
    """When messages are archived: after so many days (30 or more), 0 for never, null as the server is set."""

    afterDays: int | None


class AssignBody(TypedDict):
    """To whom, to which team, or both; null takes it away."""

    assigneeId: NotRequired[str | int | None]
    departmentId: NotRequired[str | int | None]


class AttributeBody(TypedDict):
    """A custom field; `kind` is text, number, date or boolean."""

    name: str
    kind: NotRequired[str]


class AttributeChange(TypedDict):
    """What to change."""

    name: NotRequired[str | None]
    kind: NotRequired[str | None]


class AudienceBody(TypedDict):
    """An audience to count."""

    audience: NotRequired[dict[str, Any]]


class AudioBody(TypedDict):
    """Sound; `voice` makes it a voice note."""

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
    voice: NotRequired[bool]
    base64: NotRequired[str | None]


class MessageTrigger(TypedDict):
    """A person writes in a private chat. `match`: `any` message; one whose text is one of `words` (`exact`),
    `contains` one as a whole word, or `starts` with one; or that fits the regular expression `pattern`.
    Letter case, accents and marks do not count but in patterns. `buttons`: only an answer by a button or a
    row of a list with one of these ids or titles. `kinds`: only messages of these kinds. `from_ad`: only the
    message of somebody whom an advertisement or a post led to us; `ad_ids`: only one of these (what the
    network calls the source's id). `first`: only somebody's first message `ever`, or the first in `days`."""

    type: Literal["message"]
    match: NotRequired[Literal["any", "contains", "exact", "pattern", "starts"]]
    words: NotRequired[list[str]]
    pattern: NotRequired[str | None]
    buttons: NotRequired[list[str]]
    kinds: NotRequired[list[str]]
    fromAd: NotRequired[bool]
    adIds: NotRequired[list[str]]
    first: NotRequired[Literal["days", "ever"] | None]
    days: NotRequired[int]


class TagTrigger(TypedDict):
    """A tag is given to a contact, or taken away (`given` false). By hand, the API or an import; not by an
    automation."""

    type: Literal["tag"]
    tag: str
    given: NotRequired[bool]


_ListTrigger = TypedDict("_ListTrigger", {"list": "str"})


class ListTrigger(_ListTrigger):
    """A contact comes into a list, or goes out of it (`given` false); not by an automation."""

    type: Literal["list"]
    given: NotRequired[bool]


class AttributeTrigger(TypedDict):
    """An attribute of a contact changes; to `value` where it is given. Not by an automation."""

    type: Literal["attribute"]
    attribute: str
    value: NotRequired[str | None]


class ContactCreatedTrigger(TypedDict):
    """A contact is new. `sources`: only from these (`api`, a network, ...)."""

    type: Literal["contact_created"]
    sources: NotRequired[list[str]]


class ConsentTrigger(TypedDict):
    """A person agrees to marketing, or refuses it (`given` false)."""

    type: Literal["consent"]
    given: NotRequired[bool]


class CampaignTrigger(TypedDict):
    """A message of a campaign was delivered or read, or failed; or the person wrote for the first time after it,
    within 30 days (`replied`). `campaign_ids`: only of these."""

    type: Literal["campaign"]
    what: Literal["delivered", "failed", "read", "replied"]
    campaignIds: NotRequired[list[str | int]]


class LinkClickedTrigger(TypedDict):
    """A person follows a link of a campaign that tracks them, for the first time; previews and robots start
    nothing. `campaign_ids`: only of these. `contains`: only a link whose address has this in it, as it is
    written or where it led."""

    type: Literal["link_clicked"]
    campaignIds: NotRequired[list[str | int]]
    contains: NotRequired[str | None]


class NoAnswerTrigger(TypedDict):
    """Nobody has answered for some minutes: we (`us`) to a person's message, or the person (`them`) to ours.
    `while_open`: minutes of working hours, as they are when the message comes; of the department
    `departmentId`, else of the workspace."""

    type: Literal["no_answer"]
    by: NotRequired[Literal["them", "us"]]
    minutes: int
    whileOpen: NotRequired[bool]
    departmentId: NotRequired[str | int | None]


class TargetTrigger(TypedDict):
    """A target of a chat is `missed`, or so near that it is `due_soon` (docs/reply-targets.md). `target`: only
    of this kind; `department_id`: only in chats of this team."""

    type: Literal["target"]
    what: NotRequired[Literal["due_soon", "missed"]]
    target: NotRequired[Literal["first_reply", "next_reply", "resolution"] | None]
    departmentId: NotRequired[str | int | None]


class ChatTrigger(TypedDict):
    """A private chat is `opened` (it is new, or was done or snoozed and opens again, also by a message),
    `assigned` to a member, `snoozed` or `done`; not by an automation. `member_ids`: only assigned to one of
    these."""

    type: Literal["chat"]
    what: Literal["assigned", "done", "opened", "snoozed"]
    memberIds: NotRequired[list[str | int]]


class CallMissedTrigger(TypedDict):
    """Somebody called, and nobody answered."""

    type: Literal["call_missed"]


_ScheduleTrigger = TypedDict("_ScheduleTrigger", {"list": "NotRequired[str | None]"})


class ScheduleTrigger(_ScheduleTrigger):
    """At `times` (HH:MM) of some `days` (none named: of all) in a time zone, for everybody in the `list` or with
    the `tag`. A time that the clock leaves out in spring comes an hour later, and one that it strikes twice
    in autumn once. A time at which no process ran is made up for, up to six hours later."""

    type: Literal["schedule"]
    times: list[str]
    days: NotRequired[list[str]]
    zone: NotRequired[str]
    tag: NotRequired[str | None]


class WebhookTrigger(TypedDict):
    """A program calls the rule's own secret address with JSON. `phone` is the path to the person's number in it,
    `name` to their name; a number that is new becomes a contact. `variables`: name to path (`order.id`,
    `items.0.title`)."""

    type: Literal["webhook"]
    phone: NotRequired[str]
    name: NotRequired[str | None]
    variables: NotRequired[dict[str, str]]


class ManualTrigger(TypedDict):
    """Nothing starts it by itself: the API does, or a step of another automation."""

    type: Literal["manual"]


AutomationTrigger = (
    MessageTrigger
    | TagTrigger
    | ListTrigger
    | AttributeTrigger
    | ContactCreatedTrigger
    | ConsentTrigger
    | CampaignTrigger
    | LinkClickedTrigger
    | NoAnswerTrigger
    | TargetTrigger
    | ChatTrigger
    | CallMissedTrigger
    | ScheduleTrigger
    | WebhookTrigger
    | ManualTrigger
)


class ChannelCondition(TypedDict):
    """It is about one of these channels (profiles), by id."""

    type: Literal["channel"]
    negate: NotRequired[bool]
    channelIds: list[str | int]


class TagCondition(TypedDict):
    """The contact has this tag."""

    type: Literal["tag"]
    negate: NotRequired[bool]
    tag: str


_ListCondition = TypedDict("_ListCondition", {"list": "str"})


class ListCondition(_ListCondition):
    """The contact is in this list."""

    type: Literal["list"]
    negate: NotRequired[bool]


class AttributeCondition(TypedDict):
    """An attribute of the contact."""

    type: Literal["attribute"]
    negate: NotRequired[bool]
    op: NotRequired[Literal["contains", "exists", "greater", "is", "less"]]
    values: NotRequired[list[str]]
    attribute: str


class VariableCondition(TypedDict):
    """A variable of the run: an answer, or what a webhook told. `answer` is what was answered last."""

    type: Literal["variable"]
    negate: NotRequired[bool]
    op: NotRequired[Literal["contains", "exists", "greater", "is", "less"]]
    values: NotRequired[list[str]]
    variable: NotRequired[str]


class AutomationHours(TypedDict):
    """From `start` to `end` (HH:MM) on some days of the week (none named: on all) in a time zone. An `end` that
    is not after `start` is on the next day."""

    start: str
    end: str
    days: NotRequired[list[str]]
    zone: NotRequired[str]


class HoursCondition(TypedDict):
    """It is within these hours now."""

    type: Literal["hours"]
    negate: NotRequired[bool]
    hours: AutomationHours


class WorkingHoursCondition(TypedDict):
    """It is within working hours now; turned round, outside them. Those of the department `departmentId`, else
    (and where it is gone) of the workspace; where nobody has set any it is always within them."""

    type: Literal["working_hours"]
    negate: NotRequired[bool]
    departmentId: NotRequired[str | int | None]


class ConsentCondition(TypedDict):
    """The person may get marketing (`allowed`): they have not refused it."""

    type: Literal["consent"]
    negate: NotRequired[bool]
    consent: NotRequired[Literal["allowed", "given", "refused"]]


class ChatCondition(TypedDict):
    """The chat is open or done, or has an assignee."""

    type: Literal["chat"]
    negate: NotRequired[bool]
    status: Literal["assigned", "done", "open"]


AutomationCondition = (
    ChannelCondition
    | TagCondition
    | ListCondition
    | AttributeCondition
    | VariableCondition
    | HoursCondition
    | WorkingHoursCondition
    | ConsentCondition
    | ChatCondition
)


class AutomationFile(TypedDict):
    """A file to send: `media_id` of an upload, or a public `url`."""

    kind: Literal["audio", "document", "image", "video"]
    mediaId: NotRequired[str | int | None]
    url: NotRequired[str | None]
    filename: NotRequired[str | None]


class AutomationButton(TypedDict):
    """A button, or a row of a list; `id` is what is told when it is pressed, the title where it is left out."""

    title: str
    id: NotRequired[str]
    description: NotRequired[str | None]
