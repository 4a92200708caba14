"""Facts, one typed class each.

An event is appended in the transaction that made it true and is what webhooks, live streams and the relay to NATS
carry. `type` is the public name; the fields are what every format renders from. Times are Unix ms.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import msgspec

from .automation_events import AUTOMATIONS
from .event_base import EventData as EventData
from .notices import AccountNotice as AccountNotice
from .notices import GroupChanged as GroupChanged
from .notices import InboundProblem as InboundProblem
from .notices import ProviderReport as ProviderReport
from .notices import TemplateChanged as TemplateChanged
from .notices import WebhookTest as WebhookTest
from .service_events import SERVICE


class AnswerSource(msgspec.Struct, frozen=True):
    """A passage that an AI's answer is made of: the `id` of its page or file of knowledge, and its `title`."""

    id: str
    title: str


class _MessageEvent(EventData, kw_only=True, omit_defaults=True):
    """What all message events say. `peer` is the chat's address, `sender` who wrote it (groups). `held` is the network's word
    for why it keeps back a message that it took. `chat_id`, `contact_name` and `unread` are those of the chat as it stands
    after the event; None for messages of campaigns, which are in no chat until they are answered. `automation_id` and
    `automation_step` say which automation sent it, and which of its steps; `automation_sources` are the passages that an AI's
    answer is made of."""

    id: int
    peer: str
    kind: str
    timestamp: int
    body: str = ""
    direction: str = "out"
    state: str = ""
    provider_id: str | None = None
    campaign_id: int | None = None
    contact_id: int | None = None
    sender: str | None = None
    sender_name: str | None = None
    chat_kind: str = "private"
    has_media: bool = False
    tag: str | None = None
    template: str | None = None
    source: str | None = None
    code: str | None = None
    error: str | None = None
    held: str | None = None
    chat_id: int | None = None
    contact_name: str | None = None
    unread: int | None = None
    automation_id: int | None = None
    automation_step: str | None = None
    automation_sources: list[AnswerSource] | None = None


class MessageReceived(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message came in. `content` is port.content as plain data. `referral` is the advertisement or post that led to it
    (with the click's id `ctwa_clid`), `referred_product` the product that it asks about, `forwarded` once or often. `survey_id`:
    it is the rating of a survey, which opens no chat and starts no automation."""

    type: ClassVar[str] = "message.received"
    content: dict[str, Any] = {}
    referral: dict[str, Any] | None = None
    referred_product: dict[str, Any] | None = None
    forwarded: str | None = None
    reply_to: str | None = None
    from_me: bool = False
    survey_id: int | None = None


class MessageQueued(_MessageEvent, kw_only=True, omit_defaults=True):
    """A single message of ours is in the queue. The messages of campaigns are told together, by `campaign.progress`."""

    type: ClassVar[str] = "message.queued"


class MessageScheduled(_MessageEvent, kw_only=True, omit_defaults=True):
    """A single message of ours waits for its time, `due_at` in Unix ms."""

    type: ClassVar[str] = "message.scheduled"
    due_at: int = 0


class MessageSent(_MessageEvent, kw_only=True, omit_defaults=True):
    """The network took a message of ours."""

    type: ClassVar[str] = "message.sent"


class MessageDelivered(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message of ours reached the recipient's device."""

    type: ClassVar[str] = "message.delivered"


class MessageRead(_MessageEvent, kw_only=True, omit_defaults=True):
    """The recipient read a message of ours."""

    type: ClassVar[str] = "message.read"


class MessageFailed(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message of ours failed for good; `code` is the provider's, `error` its words."""

    type: ClassVar[str] = "message.failed"


class MessageUncertain(_MessageEvent, kw_only=True, omit_defaults=True):
    """The outcome of a send is unknown; it will be settled and is not resent blindly."""

    type: ClassVar[str] = "message.uncertain"


class MessageCancelled(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message of ours was cancelled before it went out; it will never be sent."""

    type: ClassVar[str] = "message.cancelled"


class MessageSkipped(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message of ours that waited will never be sent: the person refused marketing meanwhile, or gets the same campaign
    under another address; `code` says which."""

    type: ClassVar[str] = "message.skipped"


class MessageEdited(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message's content changed: `body` is the new text or caption, `content` all of it (port.content as data)."""

    type: ClassVar[str] = "message.edited"
    content: dict[str, Any] = {}


class MessageDeleted(_MessageEvent, kw_only=True, omit_defaults=True):
    """A message was deleted for everyone."""

    type: ClassVar[str] = "message.deleted"


class MessageReaction(_MessageEvent, kw_only=True, omit_defaults=True):
    """Somebody reacted to a message: `body` is the emoji (empty: taken back), `target` its provider id."""

    type: ClassVar[str] = "message.reaction"
    target: str = ""


class ChatUpdated(EventData, kw_only=True, omit_defaults=True):
    """A chat changed: what came in or was read, who has it, whether it is archived, pinned, muted, done or snoozed.
    It is told whole, so that a list of chats can be kept from events alone: these, and `message.queued` and
    `message.scheduled`, whose message is the last of its chat from then on. Times are Unix ms, 0 for never."""

    type: ClassVar[str] = "chat.updated"
    id: int
    peer: str
    chat_kind: str = "private"
    name: str | None = None
    contact_id: int | None = None
    contact_name: str | None = None
    unread: int = 0
    assignee_id: int | None = None
    department_id: int | None = None
    archived: bool = False
    pinned: bool = False
    muted_until: int = 0
    status: str = "open"
    snoozed_until: int = 0
    window_until: int = 0
    last_message_id: int | None = None
    last_at: int = 0
    target_kind: str | None = None
    target_warn_at: int = 0
    target_due_at: int = 0
    # For automations: what it was not before, of opened, assigned, snoozed, done, and
    # `team` when it went to another one; and whether an automation did it.
    became: list[str] = []
    automatic: bool = False


class ChatNoted(EventData, kw_only=True, omit_defaults=True):
    """A note inside a chat was written, changed or deleted."""

    type: ClassVar[str] = "chat.noted"
    id: int
    chat_id: int
    member_id: int | None = None
    text: str = ""
    deleted: bool = False


class SessionConnected(EventData, kw_only=True, omit_defaults=True):
    """A channel is up."""

    type: ClassVar[str] = "session.connected"
    address: str | None = None
    name: str | None = None


class SessionDisconnected(EventData, kw_only=True, omit_defaults=True):
    """A channel is down, and why: by itself, or on request; `permanent` when its login was lost and a person must act."""

    type: ClassVar[str] = "session.disconnected"
    reason: str = ""
    permanent: bool = False


class SessionQr(EventData, kw_only=True, omit_defaults=True):
    """A fresh QR code (or pairing code) to show."""

    type: ClassVar[str] = "session.qr"
    code: str = ""
    kind: str = "qr"
    expires_at: int = 0


class ContactCreated(EventData, kw_only=True, omit_defaults=True):
    """A contact is new."""

    type: ClassVar[str] = "contact.created"
    id: int
    name: str = ""
    phone: str | None = None
    source: str = "api"


class ContactUpdated(EventData, kw_only=True, omit_defaults=True):
    """A contact's fields, tags, lists or attributes were changed. Changes of all contacts of a filter are not told one by
    one. `tags_added` and the like name what is new and what is gone; `attributes` names those that were set or taken away.
    `automatic`: an automation did it."""

    type: ClassVar[str] = "contact.updated"
    id: int
    name: str = ""
    phone: str | None = None
    tags_added: list[str] = []
    tags_removed: list[str] = []
    lists_added: list[str] = []
    lists_removed: list[str] = []
    attributes: list[str] = []
    automatic: bool = False


class ContactMerged(EventData, kw_only=True, omit_defaults=True):
    """A contact (`merged_id`) became part of another (`id`); its chats and messages are that one's now."""

    type: ClassVar[str] = "contact.merged"
    id: int
    merged_id: int
    merge_id: int
    reason: str = ""


class ContactUnmerged(EventData, kw_only=True, omit_defaults=True):
    """A merge was undone: `restored_id` is a contact of its own again."""

    type: ClassVar[str] = "contact.unmerged"
    id: int
    restored_id: int
    merge_id: int


class ContactDeleted(EventData, kw_only=True, omit_defaults=True):
    """A contact was deleted; its chats and messages stay, without it."""

    type: ClassVar[str] = "contact.deleted"
    id: int


class ContactOptedOut(EventData, kw_only=True, omit_defaults=True):
    """A person wants no more marketing."""

    type: ClassVar[str] = "contact.opted_out"
    address: str
    reason: str
    contact_id: int | None = None


class ContactOptedIn(EventData, kw_only=True, omit_defaults=True):
    """A person wants marketing (again)."""

    type: ClassVar[str] = "contact.opted_in"
    address: str
    reason: str
    contact_id: int | None = None


class ImportProgress(EventData, kw_only=True, omit_defaults=True):
    """How far the import of a contact file is, in rows of the file; told at most once a second, and when it is `done`."""

    type: ClassVar[str] = "import.progress"
    filename: str = ""
    rows: int = 0
    created: int = 0
    merged: int = 0
    skipped: int = 0
    refused: int = 0
    done: bool = False


class CampaignFinished(EventData, kw_only=True, omit_defaults=True):
    """A campaign has nothing more to send. `counts` by message state."""

    type: ClassVar[str] = "campaign.finished"
    id: int
    name: str
    state: str
    counts: dict[str, int] = {}


class CampaignPaused(EventData, kw_only=True, omit_defaults=True):
    """A campaign was paused, by a person or because it failed too often."""

    type: ClassVar[str] = "campaign.paused"
    id: int
    name: str
    reason: str = ""


class CampaignStarted(EventData, kw_only=True, omit_defaults=True):
    """A campaign began to send."""

    type: ClassVar[str] = "campaign.started"
    id: int
    name: str


class CampaignProgress(EventData, kw_only=True, omit_defaults=True):
    """How far a campaign is: `counts` by message state, now. Told after a change, at most once a second, and the less often
    the longer it takes to count."""

    type: ClassVar[str] = "campaign.progress"
    id: int
    name: str
    state: str
    counts: dict[str, int] = {}


class CampaignHeld(EventData, kw_only=True, omit_defaults=True):
    """A running campaign waits: its channel has used its budget of new people (`BUDGET_USED`) or what it may send in a day
    (`DAILY_CAP_REACHED`), `until` a time in Unix ms."""

    type: ClassVar[str] = "campaign.held"
    id: int
    name: str
    code: str
    until: int = 0


class CampaignResumed(EventData, kw_only=True, omit_defaults=True):
    """A campaign that was paused goes on."""

    type: ClassVar[str] = "campaign.resumed"
    id: int
    name: str


class CampaignCancelled(EventData, kw_only=True, omit_defaults=True):
    """A campaign was cancelled; what had not gone out never will."""

    type: ClassVar[str] = "campaign.cancelled"
    id: int
    name: str


class LinkClicked(EventData, kw_only=True, omit_defaults=True):
    """A person followed a link of a campaign for the first time. `id` is the link's, `url` it as the content has it, `target`
    where it led this person. Visits of previews and robots are not told."""

    type: ClassVar[str] = "link.clicked"
    id: int
    url: str
    target: str
    campaign_id: int
    campaign_name: str
    message_id: int
    peer: str
    contact_id: int | None = None
    timestamp: int = 0


class CallReceived(EventData, kw_only=True, omit_defaults=True):
    """Somebody calls; `status` ringing, rejected, missed or ended."""

    type: ClassVar[str] = "call.received"
    id: int
    caller: str
    is_video: bool = False
    status: str = "ringing"
    timestamp: int = 0


class CallRejected(EventData, kw_only=True, omit_defaults=True):
    """An incoming call was refused."""

    type: ClassVar[str] = "call.rejected"
    id: int
    caller: str
    is_video: bool = False
    timestamp: int = 0


class TicketCreated(EventData, kw_only=True, omit_defaults=True):
    """A ticket is new."""

    type: ClassVar[str] = "ticket.created"
    id: int
    subject: str
    priority: str
    department_id: int | None = None
    contact_id: int | None = None
    source: str = "api"


ALL: tuple[type[EventData], ...] = (
    MessageReceived,
    MessageQueued,
    MessageScheduled,
    MessageSent,
    MessageDelivered,
    MessageRead,
    MessageFailed,
    MessageUncertain,
    MessageCancelled,
    MessageSkipped,
    MessageEdited,
    MessageDeleted,
    MessageReaction,
    ChatUpdated,
    ChatNoted,
    *SERVICE,
    SessionConnected,
    SessionDisconnected,
    SessionQr,
    ContactCreated,
    ContactUpdated,
    ContactMerged,
    ContactUnmerged,
    ContactDeleted,
    ContactOptedOut,
    ContactOptedIn,
    ImportProgress,
    CampaignStarted,
    CampaignProgress,
    CampaignHeld,
    CampaignFinished,
    CampaignPaused,
    CampaignResumed,
    CampaignCancelled,
    LinkClicked,
    *AUTOMATIONS,
    *(CallReceived, CallRejected, TicketCreated),
    TemplateChanged,
    GroupChanged,
    AccountNotice,
    WebhookTest,
    ProviderReport,
    InboundProblem,
)
BY_TYPE: dict[str, type[EventData]] = {one.type: one for one in ALL}
"""Public name to class."""

_COMPANIONS = (ChatUpdated, ChatNoted, MessageQueued, MessageScheduled, CampaignProgress, ImportProgress)
QUIET: frozenset[str] = frozenset(one.type for one in _COMPANIONS)
"""Told to live listeners, and to webhooks that name them or their family; "*" of a webhook does not mean them, since
they come beside nearly every other event."""

BY_STATE: dict[str, type[_MessageEvent]] = {
    "sent": MessageSent,
    "delivered": MessageDelivered,
    "read": MessageRead,
    "failed": MessageFailed,
    "uncertain": MessageUncertain,
    "cancelled": MessageCancelled,
    "skipped": MessageSkipped,
}
"""A message's new state to the event that tells of it."""

E = TypeVar("E", bound=EventData)


def load(type_: str, data: str | bytes) -> EventData:
    """An event from its stored form."""
    loaded: EventData = msgspec.json.decode(data, type=BY_TYPE[type_])
    return loaded
