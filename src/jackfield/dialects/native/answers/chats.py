"""Chats, groups, calls, catalogs and tickets, as this API shows them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from ._base import ChatKind, ChatStatus, Time
from .messages import Message


class ChatContact(TypedDict):
    """The person of a chat."""

    id: str
    name: str | None
    phone: str | None


class ChatTarget(TypedDict):
    """The target for a reply or for the end of a chat that is due next."""

    kind: Annotated[str, Field(json_schema_extra={"enum": ["first_reply", "next_reply", "resolution"]})]
    state: Annotated[str, Field(json_schema_extra={"enum": ["running", "due_soon", "missed"]})]
    warnAt: Time
    dueAt: Time


class ChatState(TypedDict):
    """What a chat's lists and its events both tell."""

    id: str
    kind: ChatKind
    name: str
    contactId: str | None
    unread: int
    archived: bool
    pinned: bool
    mutedUntil: Time | None
    status: ChatStatus
    snoozedUntil: Time | None
    assigneeId: str | None
    departmentId: str | None
    windowUntil: Time | None
    windowOpen: bool
    target: ChatTarget | None
    lastAt: Time | None


class Chat(ChatState):
    """A chat of the shared inbox."""

    chatId: str
    profileId: str
    contact: ChatContact | None
    lastMessage: Message | None
    createdAt: Time | None


class ChatFigures(TypedDict):
    """How many chats each part of an inbox has."""

    all: int
    unread: int
    unanswered: int
    mine: int
    unassigned: int
    team: int
    closing: int
    urgent: int
    missed: int
    snoozed: int
    done: int
    archived: int


class ProfileChatCounts(ChatFigures):
    """The parts of one profile's inbox."""

    profileId: str


class DepartmentChatCounts(ChatFigures):
    """The chats of one department."""

    departmentId: str


class ChatCounts(ChatFigures):
    """The parts of an inbox, in all, by profile, and by department."""

    profiles: list[ProfileChatCounts]
    departments: list[DepartmentChatCounts]


class ChatsChanged(TypedDict):
    """How many chats were changed."""

    changed: int


class ChatCleared(TypedDict):
    """A chat whose messages are hidden."""

    id: str
    cleared: bool


class ChatNote(TypedDict):
    """A note inside a chat."""

    id: str
    chatId: str
    memberId: str | None
    text: str
    createdAt: Time | None


class Group(TypedDict):
    """A group or newsletter."""

    id: str
    name: str | None
    kind: str
    description: str | None
    owner: str | None
    createdAt: Time | None
    participantsCount: int
    readOnly: bool
    pictureUrl: str | None
    profileId: str


class Participant(TypedDict):
    """Somebody in a group."""

    id: str
    phone: str | None
    pushName: str | None
    isAdmin: bool
    isSuperAdmin: bool


class GroupDetails(Group):
    """A group with its participants."""

    participants: list[Participant]


class GroupLeft(TypedDict):
    """A group that the profile has left."""

    id: str
    left: bool


class InviteLink(TypedDict):
    """The link by which people join."""

    link: str
    inviteLink: str


class JoinRequest(TypedDict):
    """Somebody who asks to join."""

    id: str
    phone: str | None


class Catalog(TypedDict):
    """A catalog linked to a profile's account."""

    id: str
    providerId: str
    profileId: str
    name: str | None
    vertical: str | None
    productCount: int | None
    selected: bool
    updatedAt: Time | None


class Product(TypedDict):
    """A product variant."""

    id: str
    retailerId: str
    name: str | None
    description: str | None
    price: Any
    salePrice: Any
    currency: str | None
    availability: str | None
    imageUrl: str | None
    url: str | None
    brand: str | None
    condition: str | None
    groupId: str | None


class CatalogsSynced(TypedDict):
    """How many catalogs the provider has."""

    profileId: str
    catalogs: int


_From = TypedDict("_From", {"from": str})
"""`from` is a word of Python's."""


class Call(_From):
    """A call that came in."""

    id: str
    profileId: str
    contactId: str | None
    isVideo: bool
    status: str
    startedAt: Time | None
    endedAt: Time | None
    durationSeconds: int | None


class CallSettings(TypedDict):
    """How a profile's calls are answered."""

    profileId: str
    autoReject: bool
    message: str | None


class Department(TypedDict):
    """Who answers a kind of ticket."""

    id: str
    name: str
    createdAt: Time | None


class Ticket(TypedDict):
    """A ticket."""

    id: str
    subject: str
    body: str | None
    priority: str
    status: str
    departmentId: str | None
    contactId: str | None
    chatId: str | None
    assigneeId: str | None
    createdAt: Time | None
    updatedAt: Time | None
    closedAt: Time | None


class TicketReply(TypedDict):
    """An answer on a ticket."""

    id: str
    ticketId: str
    memberId: str | None
    text: str
    createdAt: Time | None
