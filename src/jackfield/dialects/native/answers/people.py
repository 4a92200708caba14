"""Contacts and what they are grouped by, as this API shows them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from ._base import Json, Time


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
    firstMessage: NotRequired[bool]
    keywords: NotRequired[list[str]]
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
