"""Contacts, what they are grouped by, chats, groups, tickets, as this API shows them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from ._base import ChatKind, ChatStatus, Json, Time
from .messages import Message


class NamedList(TypedDict):
    """A list that a contact is in."""

    id: str
    name: str


class Identity(TypedDict):
    """An address or id by which a network knows a person."""

    kind: str
    value: str


class Refusal(TypedDict):
    """That a person gets no marketing: by what (a keyword, the platform's switch, a file, the API), and since when."""

    source: str
    at: Time | None


class Contact(TypedDict):
    """A person. `optin`: agreed to marketing; null: not asked."""

    id: str
    name: str | None
    firstName: str | None
    lastName: str | None
    phone: str | None
    email: str | None
    country: str | None
    source: str | None
    optin: bool | None
    refusal: Refusal | None
    blocked: bool
    tags: list[str]
    lists: list[NamedList]
    attributes: Json
    identities: list[Identity]
    createdAt: Time | None
    updatedAt: Time | None
    lastSeenAt: Time | None


class RefusedRow(TypedDict):
    """A row of a file that was left out; `cells` as the file has them."""

    line: int
    value: str
    code: str
    reason: str
    cells: list[str]


class ImportColumn(TypedDict):
    """A column of a file: its header, what it is read as (null: passed over), and its first values."""

    index: int
    title: str
    field: str | None
    name: str | None
    samples: list[str]


class ImportedPerson(TypedDict):
    """A contact that a file would bring."""

    line: int
    name: str
    phones: list[str]


class ImportPreview(TypedDict):
    """What an import of a file would do. `complete`: it was looked at to its end; `countries` and `reasons` count."""

    encoding: str | None
    sheet: str | None
    sheets: list[str]
    hasHeader: bool
    columns: list[ImportColumn]
    mapping: dict[str, list[str]]
    rows: int
    complete: bool
    contacts: int
    countries: dict[str, int]
    refusedTotal: int
    reasons: dict[str, int]
    refused: list[RefusedRow]
    droppedTotal: int
    first: list[ImportedPerson]


class ImportResult(TypedDict):
    """What became of a file. `refusedCsv`: a link to the refused rows; `titles`: the file's headers."""

    created: int
    merged: int
    skipped: int
    rows: int
    refused: list[RefusedRow]
    refusedTotal: int
    titles: list[str]
    refusedCsv: str | None
    dropped: list[RefusedRow]
    droppedTotal: int


class Tagged(TypedDict):
    """How many contacts."""

    contacts: int


class PersonalData(TypedDict):
    """All that is known of a person: one list of rows for each noun, with times in Unix ms."""

    format: str
    exportedAt: int
    contact: list[dict[str, Any]]
    identities: list[dict[str, Any]]
    attributes: list[dict[str, Any]]
    attributeNames: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    lists: list[dict[str, Any]]
    merges: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    suppressions: list[dict[str, Any]]
    chats: list[dict[str, Any]]
    chatNotes: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    campaigns: list[dict[str, Any]]
    events: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    ticketReplies: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    budgetUses: list[dict[str, Any]]
    auditEntries: NotRequired[list[dict[str, Any]]]
    media: list[dict[str, Any]]


class Erased(TypedDict):
    """A person is forgotten; how many rows of each kind went or were blanked. `mentions`: rows of others that named one of
    their addresses."""

    id: str
    messages: int
    files: int
    conversations: int
    events: int
    mentions: int


class Checked(TypedDict):
    """What the network knows of one number."""

    input: str
    phone: str | None
    exists: bool
    chatId: str | None


class ContactEvent(TypedDict):
    """A contact that became part of another, or a number that it had."""

    id: str
    mergedId: str | None
    data: Json
    reason: str
    undoable: bool
    createdAt: Time | None


class ContactNote(TypedDict):
    """A note about a contact."""

    id: str
    contactId: str
    memberId: str | None
    title: str | None
    text: str
    createdAt: Time | None


class Picture(TypedDict):
    """Where somebody's picture is."""

    id: str
    url: str | None


class Lid(TypedDict):
    """The number behind a linked id."""

    lid: str
    phone: str | None


class Label(TypedDict):
    """A list, tag or attribute."""

    id: str
    name: str
    color: NotRequired[str]
    kind: NotRequired[str]
    contacts: int | None
    createdAt: Time | None


class Segment(TypedDict):
    """A saved filter."""

    id: str
    name: str
    filter: Json
    contacts: int | None
    createdAt: Time | None


class SegmentPreview(TypedDict):
    """What a filter gives now."""

    count: int
    contacts: list[Contact]


class Added(TypedDict):
    """How many came in."""

    added: int


class Removed(TypedDict):
    """How many were taken out."""

    removed: int


class Suppression(TypedDict):
    """An address that campaigns skip."""

    id: str
    address: str
    reason: str
    source: str
    createdAt: Time | None


class SuppressionImport(TypedDict):
    """What became of a file."""

    added: int
    known: int
    refused: list[RefusedRow]
    refusedTotal: int


class Unsuppressed(TypedDict):
    """An address that campaigns may reach again."""

    address: str
    deleted: bool


class Keywords(TypedDict):
    """The words that opt out and in, by language, and the answers to them."""

    stop: dict[str, list[str]]
    start: dict[str, list[str]]
    stopReply: str | None
    startReply: str | None


class ChatContact(TypedDict):
    """The person of a chat."""

    id: str
    name: str | None
    phone: str | None


class Chat(TypedDict):
    """A chat of the shared inbox."""

    id: str
    chatId: str
    profileId: str
    kind: ChatKind
    name: str
    contactId: str | None
    contact: ChatContact | None
    unread: int
    archived: bool
    pinned: bool
    mutedUntil: Time | None
    status: ChatStatus
    snoozedUntil: Time | None
    assigneeId: str | None
    windowUntil: Time | None
    windowOpen: bool
    lastMessage: Message | None
    lastAt: Time | None
    createdAt: Time | None


class ChatFigures(TypedDict):
    """How many chats each part of an inbox has."""

    all: int
    unread: int
    unanswered: int
    mine: int
    unassigned: int
    closing: int
    snoozed: int
    done: int
    archived: int


class ProfileChatCounts(ChatFigures):
    """The parts of one profile's inbox."""

    profileId: str


class ChatCounts(ChatFigures):
    """The parts of an inbox, in all and by profile."""

    profiles: list[ProfileChatCounts]


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
