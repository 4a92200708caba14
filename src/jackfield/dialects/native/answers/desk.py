"""What people keep for their work in the inbox."""

from __future__ import annotations

from typing_extensions import TypedDict

from ._base import Json, Time
from .messages import File


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
