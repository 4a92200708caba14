"""What calls answer.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from jackfield.client._resource import Answer

from .answers_3 import File
from .answers_4 import Chat, Message


class Erased(Answer):
    """A person is forgotten; how many rows of each kind went or were blanked. `mentions`: rows of others that
    named one of their addresses."""

    id: str
    messages: int
    files: int
    conversations: int
    events: int
    mentions: int


class Event(Answer):
    """Something that happened, as webhooks and live listeners are told it."""

    id: str
    cursor: str
    event: str
    profile_id: str | None
    timestamp: str | None
    data: dict[str, Any]


class EventTypes(Answer):
    """What can be subscribed to."""

    events: list[str]
    formats: list[str]


class FilledReply(Answer):
    """A canned reply as it reads in one chat."""

    id: str
    text: str
    media: list[File]


class FoundContact(Answer):
    """A contact that was found."""

    id: str
    name: str
    phone: str | None
    email: str | None


class FoundChat(Answer):
    """The chat of a message that was found."""

    id: str
    name: str


class FoundRange(Answer):
    """Where a word is in a text: its first character and the one after its last, in Unicode characters from
    0."""

    start: int
    end: int


class Snippet(Answer):
    """A part of a text, plain and on one line, and where the words that were found are in it."""

    text: str
    ranges: list[FoundRange]


class FoundMessage(Answer):
    """A message that was found, where it is, and what it says around the words."""

    chat: FoundChat
    message: Message
    snippet: Snippet


class FoundCampaign(Answer):
    """A campaign that was found."""

    id: str
    name: str
    status: str


class FoundCursors(Answer):
    """What opens the next page of each kind; null at its end."""

    contacts: str | None
    chats: str | None
    messages: str | None
    campaigns: str | None


class Found(Answer):
    """What a search found, the newest of each kind."""

    contacts: list[FoundContact]
    chats: list[Chat]
    messages: list[FoundMessage]
    campaigns: list[FoundCampaign]
    cursors: FoundCursors


class Group(Answer):
    """A group or newsletter."""

    id: str
    name: str | None
    kind: str
    description: str | None
    owner: str | None
    created_at: str | None
    participants_count: int
    read_only: bool
    picture_url: str | None
    profile_id: str


class Participant(Answer):
    """Somebody in a group."""

    id: str
    phone: str | None
    push_name: str | None
    is_admin: bool
    is_super_admin: bool


class GroupDetails(Answer):
    """A group with its participants."""

    id: str
    name: str | None
    kind: str
    description: str | None
    owner: str | None
    created_at: str | None
    participants_count: int
    read_only: bool
    picture_url: str | None
    profile_id: str
    participants: list[Participant]


class GroupLeft(Answer):
    """A group that the profile has left."""

    id: str
    left: bool


class ImportColumn(Answer):
    """A column of a file: its header, what it is read as (null: passed over), and its first values."""

    index: int
    title: str
    field: str | None
    name: str | None
    samples: list[str]


class RefusedRow(Answer):
    """A row of a file that was left out; `cells` as the file has them."""

    line: int
    value: str
    code: str
    reason: str
    cells: list[str]


class ImportedPerson(Answer):
    """A contact that a file would bring."""

    line: int
    name: str
    phones: list[str]


class ImportPreview(Answer):
    """What an import of a file would do. `complete`: it was looked at to its end; `countries` and `reasons`
    count."""

    encoding: str | None
    sheet: str | None
    sheets: list[str]
    has_header: bool
    columns: list[ImportColumn]
    mapping: dict[str, list[str]]
    rows: int
    complete: bool
    contacts: int
    countries: dict[str, int]
    refused_total: int
    reasons: dict[str, int]
    refused: list[RefusedRow]
    dropped_total: int
    first: list[ImportedPerson]


class ImportResult(Answer):
    """What became of a file. `refusedCsv`: a link to the refused rows; `titles`: the file's headers."""

    created: int
    merged: int
    skipped: int
    rows: int
    refused: list[RefusedRow]
    refused_total: int
    titles: list[str]
    refused_csv: str | None
    dropped: list[RefusedRow]
    dropped_total: int


class InboundProblem(Answer):
    """Something that came in and could not be applied."""

    id: str
    profile_id: str
    reason: str
    explanation: str
    kind: str
    detail: str | None
    message_id: str | None
    status: str
    attempts: int
    created_at: str | None
    tried_at: str | None
    resolved_at: str | None


class InboundProblemDetails(Answer):
    """A problem with what was kept of it: JSON as the network sent it, or the body's text."""

    id: str
    profile_id: str
    reason: str
    explanation: str
    kind: str
    detail: str | None
    message_id: str | None
    status: str
    attempts: int
    created_at: str | None
    tried_at: str | None
    resolved_at: str | None
    raw: Any


class Invitation(Answer):
    """An invitation, without its token."""

    id: str
    email: str
    role: str
    created_at: str | None
    expires_at: str | None


class InviteLink(Answer):
    """The link by which people join."""

    link: str
    invite_link: str


class JoinRequest(Answer):
    """Somebody who asks to join."""

    id: str
    phone: str | None


class Key(Answer):
    """A key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    profile_id: str | None
    member_id: str | None
    created_at: str | None
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class Keywords(Answer):
    """The words that opt out and in, by language, and the answers to them."""

    stop: dict[str, list[str]]
    start: dict[str, list[str]]
    stop_reply: str | None
    start_reply: str | None


class Knowledge(Answer):
    """A page or a file that answers are made of."""

    id: str
    name: str
    format: str
    filename: str | None
    characters: int
    passages: int
    created_at: str | None
    updated_at: str | None


class KnowledgePassage(Answer):
    """A passage that a model would be given for a question."""

    knowledge_id: str
    title: str
    text: str


class KnowledgeText(Answer):
    """With what it says, as plain text; of HTML without its tags, of a table a line for each row."""

    id: str
    name: str
    format: str
    filename: str | None
    characters: int
    passages: int
    created_at: str | None
    updated_at: str | None
    text: str


class Label(Answer):
    """A list, tag or attribute."""

    id: str
    name: str
    contacts: int | None
    created_at: str | None
    color: str | None = None
    first_message: bool | None = None
    keywords: list[str] | None = None
    kind: str | None = None


class Lid(Answer):
    """The number behind a linked id."""

    lid: str
    phone: str | None


class LoggedOut(Answer):
    """A session that has ended."""

    logged_out: bool


class LoginUser(Answer):
    """The member who logged in; `language` is the one that they chose for their pages. While they are `away` no
    rule gives them chats."""

    id: str
    email: str
    first_name: str
    last_name: str
    role: str
    language: str | None
    away: bool


class Login(Answer):
    """A login, valid for `expiresIn` seconds, with its bearer token; with `cookie` the browser has the token."""

    expires_in: int
    user: LoginUser
    token: str | None = None
    access_token: str | None = None
    token_type: str | None = None


class OwnWorkspace(Answer):
    """The caller's workspace."""

    id: str
    name: str
    timezone: str
