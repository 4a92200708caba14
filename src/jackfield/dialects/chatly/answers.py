"""The types of what Chatly's calls answer, for the OpenAPI document. The data itself is made in `shapes`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from .._openapi import name_of

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A time in the account's zone, such as 2026-05-14T10:00:00+05:30."""
Flag = Literal[0, 1]
Json = dict[str, Any]


class Failure(TypedDict):
    """A request that was refused or went wrong. `data` maps each wrong field to what is wrong with it; `error` in it holds
    the words where no field is to blame."""

    success: Literal[False]
    message: str
    data: dict[str, list[str]]


def envelope(data: Any) -> Any:
    """The type of a whole answer whose `data` is of this type."""
    make: Any = TypedDict
    return make(name_of(data) + "Answer", {"success": Literal[True], "message": str, "data": data})


class Pages(TypedDict):
    """Where a page of a list stands. `total` and `last_page` are null where they were not counted."""

    current_page: int
    per_page: int
    has_more: bool
    total: int | None
    last_page: int | None


class Reference(TypedDict):
    """A tag or a list by its id and name."""

    id: int
    name: str


class Account(TypedDict):
    """The account that a member belongs to."""

    id: int
    company_name: str
    timezone: str
    country_id: int | None


class Member(TypedDict):
    """A person who logs in. `status` is 1 for those who may."""

    id: int
    first_name: str
    last_name: str
    name: str
    email: str
    role: str
    status: Flag
    created_at: Time | None
    last_login_at: Time | None


class Profile(Member):
    """The member who is logged in."""

    client: Account


class Login(Profile):
    """A login. `expires_in` is in seconds."""

    token: str
    token_type: Literal["Bearer"]
    expires_in: int


class Country(TypedDict):
    """A country under Chatly's number."""

    id: int
    name: str
    iso2: str
    phonecode: str


class Countries(TypedDict):
    """All countries."""

    countries: list[Country]


class Contact(TypedDict):
    """A contact."""

    id: int
    name: str | None
    phone: str | None
    email: str | None
    country_id: int | None
    country: str | None
    telegram_id: str | None
    type: Literal["whatsapp", "telegram"]
    status: Flag
    is_opted_in: bool | None
    tags: list[Reference]
    contact_lists: list[Reference]
    attributes: Json
    source: str | None
    created_at: Time | None
    updated_at: Time | None
    last_conversation_at: Time | None


class Contacts(Pages):
    """A page of contacts."""

    contacts: list[Contact]


class Label(Reference):
    """A contact list or a tag."""

    created_at: Time | None
    total_contacts: NotRequired[int]
    color: NotRequired[str]


class ContactLists(Pages):
    """A page of contact lists."""

    contact_lists: list[Label]


class Tags(Pages):
    """A page of tags."""

    tags: list[Label]


class Segment(Reference):
    """A saved filter."""

    filter: Json
    created_at: Time | None


class Segments(Pages):
    """A page of saved filters."""

    segments: list[Segment]


class Template(TypedDict):
    """A template as the provider knows it; `components` are Meta's."""

    id: int
    name: str
    template_id: str | None
    channel_id: int
    phone_number: str | None
    language: str
    category: str
    status: str
    components: list[Json]
    updated_at: Time | None


class Templates(Pages):
    """A page of templates."""

    templates: list[Template]


class Group(TypedDict):
    """A Telegram group or channel."""

    id: int
    group_id: str
    name: str | None
    type: Literal["group", "channel"]
    description: str | None
    total_members: int | None
    is_read_only: bool
    channel_id: int
    status: Literal[1]
    created_at: Time | None


class Groups(TypedDict):
    """The groups and channels that the bots are in."""

    groups: list[Group]


class Message(TypedDict):
    """A message of a conversation. `is_contact_msg` is 1 for what came in."""

    id: int
    message_id: str | None
    chat_room_id: int | None
    contact_id: int | None
    channel_id: int
    message: str
    message_type: str
    is_contact_msg: Flag
    status: str
    file: str | None
    file_name: str | None
    file_type: str | None
    has_file: bool
    error: str | None
    error_code: str | None
    created_at: Time | None
    sent_at: Time | None
    delivered_at: Time | None
    read_at: Time | None


class ChatRoom(TypedDict):
    """A conversation with its last message."""

    id: int
    contact_id: int | None
    name: str | None
    phone: str | None
    peer: str
    type: Literal["whatsapp", "telegram"]
    is_group: bool
    channel_id: int
    unread_count: int
    assignee_id: int | None
    last_message: Message | None
    last_conversation_at: Time | None
    window_until: Time | None
    is_archived: bool


class ChatRooms(Pages):
    """A page of conversations."""

    chat_rooms: list[ChatRoom]


class ChatContact(ChatRoom):
    """A contact one talks with: `id` is the contact's, `chat_room_id` the conversation's."""

    chat_room_id: int


class ChatContacts(Pages):
    """A page of contacts one talks with."""

    contacts: list[ChatContact]


class RoomMessages(Pages):
    """A page of a conversation, earliest first."""

    chat_room: ChatRoom
    messages: list[Message]


class ContactMessages(Pages):
    """A page of messages with a contact, earliest first."""

    contact: Contact
    messages: list[Message]


class Assignment(TypedDict):
    """Who deals with which conversations."""

    staff_id: int | None
    chat_room_ids: list[int]
    chat_room: ChatRoom


class DeletedMessage(TypedDict):
    """The message that was taken out of the inbox."""

    id: int


class ClearedChat(TypedDict):
    """The conversations that were cleared."""

    contact_id: int
    chat_room_ids: list[int]


class Campaign(TypedDict):
    """A campaign with its figures; each stage contains the later ones."""

    id: int
    campaign_name: str
    campaign_type: Literal["whatsapp", "telegram"]
    template_id: int | None
    template: str | None
    contact_list_id: int | list[int] | None
    segment_id: int | None
    channel_id: int
    status: str
    send_scheduled: Flag
    schedule_time: Time | None
    pause_reason: str | None
    created_at: Time | None
    started_at: Time | None
    finished_at: Time | None
    total_contact: int
    total_sent: int
    total_delivered: int
    total_read: int
    total_failed: int
    total_skipped: int
    total_pending: int


class Campaigns(Pages):
    """A page of campaigns."""

    campaigns: list[Campaign]


class Department(Reference):
    """Who answers a kind of ticket."""


class Departments(TypedDict):
    """All departments."""

    departments: list[Department]


class Ticket(TypedDict):
    """A support ticket."""

    id: int
    ticket_id: int
    department_id: int | None
    contact_id: int | None
    assignee_id: int | None
    subject: str
    body: str | None
    priority: str
    status: str
    created_at: Time | None
    updated_at: Time | None


class Tickets(Pages):
    """A page of tickets, and the departments there are."""

    tickets: list[Ticket]
    departments: list[Department]


class TicketReply(TypedDict):
    """An answer on a ticket, with the ticket as it stands after it."""

    id: int
    ticket_id: int
    staff_id: int | None
    reply: str
    created_at: Time | None
    ticket: Ticket


class Team(Pages):
    """A page of the team."""

    team: list[Member]


class Note(TypedDict):
    """A note about a contact."""

    id: int
    contact_id: int
    staff_id: int | None
    title: str | None
    note: str
    created_at: Time | None


class Notes(Pages):
    """A page of notes."""

    notes: list[Note]


class ContactTag(TypedDict):
    """Which contact has which tag."""

    contact_id: int
    tag_id: int
    name: str
    color: str | None


class ContactTags(Pages):
    """A page of which contact has which tag."""

    contact_tags: list[ContactTag]


class Webhook(TypedDict):
    """The account's webhook."""

    webhook_url: str | None
    events: list[str]
    enabled: bool
    has_secret: bool
    disabled_reason: str | None
    failing_since: Time | None
    available_events: list[str]


class WebhookTest(TypedDict):
    """The delivery of a test, by its id."""

    delivery_id: int
