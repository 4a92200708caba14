"""What people keep for their work in the inbox."""

from __future__ import annotations

from typing_extensions import TypedDict

from ._base import Json, Time
from .chats import Chat
from .messages import File, Message


class CannedReply(TypedDict):
    """A text that is sent often. `text` may have placeholders; `media` are its files, to be sent after it."""

    id: str
    shortcut: str
    text: str
    media: list[File]
    createdAt: Time | None
    updatedAt: Time | None


class FilledReply(TypedDict):
    """A canned reply as it reads in one chat."""

    id: str
    text: str
    media: list[File]


class Draft(TypedDict):
    """What a member has written in a chat and not sent; `text` is empty where there is nothing."""

    chatId: str
    text: str
    replyTo: str | None
    updatedAt: Time | None


class SavedView(TypedDict):
    """Filters of the inbox under a name. `filter` has parameters of `GET /chats`."""

    id: str
    name: str
    shared: bool
    filter: Json
    createdAt: Time | None


class FoundContact(TypedDict):
    """A contact that was found."""

    id: str
    name: str
    phone: str | None
    email: str | None


class FoundChat(TypedDict):
    """The chat of a message that was found."""

    id: str
    name: str


class FoundRange(TypedDict):
    """Where a word is in a text: its first character and the one after its last, in Unicode characters from 0."""

    start: int
    end: int


class Snippet(TypedDict):
    """A part of a text, plain and on one line, and where the words that were found are in it."""

    text: str
    ranges: list[FoundRange]


class FoundMessage(TypedDict):
    """A message that was found, where it is, and what it says around the words."""

    chat: FoundChat
    message: Message
    snippet: Snippet


class FoundCampaign(TypedDict):
    """A campaign that was found."""

    id: str
    name: str
    status: str


class FoundCursors(TypedDict):
    """What opens the next page of each kind; null at its end."""

    contacts: str | None
    chats: str | None
    messages: str | None
    campaigns: str | None


class Found(TypedDict):
    """What a search found, the newest of each kind."""

    contacts: list[FoundContact]
    chats: list[Chat]
    messages: list[FoundMessage]
    campaigns: list[FoundCampaign]
    cursors: FoundCursors
