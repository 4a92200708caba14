"""Chats: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_1 import Accepted
from .answers_4 import Chat, ChatCleared, ChatCounts, ChatNote, ChatsChanged, Deleted, Message
from .inputs_1 import AssignBody
from .inputs_3 import BulkChatChange, ChatChange, ChatNoteBody
from .inputs_4 import MuteBody, ReplyBody
from .inputs_5 import SnoozeBody


class ListChatsQuery(Paging):
    """What list_chats may be told."""

    profileId: NotRequired[str | None]
    kind: NotRequired[str | None]
    archived: NotRequired[str]
    unread: NotRequired[bool]
    unanswered: NotRequired[bool]
    closing: NotRequired[bool]
    urgent: NotRequired[bool]
    missed: NotRequired[bool]
    status: NotRequired[Literal["open", "snoozed", "done"] | None]
    tag: NotRequired[str | None]
    assigneeId: NotRequired[str | None]
    departmentId: NotRequired[str | None]
    team: NotRequired[str | None]
    q: NotRequired[str | None]
    search: NotRequired[str | None]


class GetChatCountsQuery(TypedDict):
    """What get_chat_counts may be told."""

    profileId: NotRequired[str | None]


class ListChatMessagesQuery(Paging):
    """What list_chat_messages may be told."""

    around: NotRequired[str | None]
    newerThan: NotRequired[str | None]


class ListChatFilesQuery(Paging):
    """What list_chat_files may be told."""

    type: NotRequired[Literal["image", "video", "audio", "document", "sticker", "album"] | None]


class ChatsCalls(Resource):
    """Chats: all calls."""

    def list_chats(self, **given: Unpack[ListChatsQuery]) -> Pages[Chat]:
        """Chats: pinned ones first, then the most recent; archived ones only when asked. All filters hold
        together."""
        return self._pages(Chat, "/chats", given)

    def get_chat_counts(self, **given: Unpack[GetChatCountsQuery]) -> Call[ChatCounts]:
        """How many chats each part of an inbox has, in all, by profile, and by department (of those that have
        chats). All but `snoozed`, `done` and `archived` count open chats that are not archived; `mine` counts
        the caller's own, `team` those of the caller's department."""
        return self._call(ChatCounts, "GET", "/chats/counts", **given)

    def update_chats(self, **given: Unpack[BulkChatChange]) -> Call[ChatsChanged]:
        """The same change for all of them, or for none when one is not there. No read receipts are sent."""
        return self._call(ChatsChanged, "POST", "/chats/bulk", given)

    def get_chat(self, id_: str, /) -> Call[Chat]:
        """One chat."""
        return self._call(Chat, "GET", f"/chats/{quoted(id_)}")

    def update_chat(self, id_: str, /, **given: Unpack[ChatChange]) -> Call[Chat]:
        """Change what is given."""
        return self._call(Chat, "PATCH", f"/chats/{quoted(id_)}", given)

    def list_chat_messages(self, id_: str, /, **given: Unpack[ListChatMessagesQuery]) -> Pages[Message]:
        """Messages, the newest first; what was cleared is left out. From a page `around` a message,
        `meta.cursor` leads to older ones, and `newerThan` the first of it to newer ones; a page with less
        than `limit` of these is the last."""
        return self._pages(Message, f"/chats/{quoted(id_)}/messages", given)

    def write_in_chat(
        self, id_: str, /, *, wait: float | None = None, key: str | None = None, **given: Unpack[ReplyBody]
    ) -> Call[Accepted]:
        """Send into this chat: `text`, or `type` and `content`."""
        return self._call(Accepted, "POST", f"/chats/{quoted(id_)}/messages", given, wait=wait, key=key)

    def list_chat_files(self, id_: str, /, **given: Unpack[ListChatFilesQuery]) -> Pages[Message]:
        """Messages with files, the newest first; `type` chooses one kind."""
        return self._pages(Message, f"/chats/{quoted(id_)}/files", given)

    def mark_chat_read(self, id_: str, /) -> Call[Chat]:
        """Nothing unread here any more; the peer gets read receipts where the engine sends them."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/read")

    def archive_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/archive")

    def unarchive_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/unarchive")

    def pin_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/pin")

    def unpin_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/unpin")

    def unmute_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/unmute")

    def close_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/close")

    def reopen_chat(self, id_: str, /) -> Call[Chat]:
        """Answers with the chat as it is now."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/reopen")

    def mute_chat(self, id_: str, /, **given: Unpack[MuteBody]) -> Call[Chat]:
        """No notices of this chat until a time, or for good."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/mute", given)

    def snooze_chat(self, id_: str, /, **given: Unpack[SnoozeBody]) -> Call[Chat]:
        """Out of the way until a time; what comes in brings it back at once."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/snooze", given)

    def assign_chat(self, id_: str, /, **given: Unpack[AssignBody]) -> Call[Chat]:
        """Give a chat to a member, to a team, or both, or take it away. A body with `departmentId` alone leaves
        the member."""
        return self._call(Chat, "POST", f"/chats/{quoted(id_)}/assign", given)

    def clear_chat(self, id_: str, /) -> Call[ChatCleared]:
        """Hide all messages up to now; the ledger keeps them."""
        return self._call(ChatCleared, "POST", f"/chats/{quoted(id_)}/clear")

    def list_chat_notes(self, id_: str, /, **given: Unpack[Paging]) -> Pages[ChatNote]:
        """Notes of staff, newest first."""
        return self._pages(ChatNote, f"/chats/{quoted(id_)}/notes", given)

    def create_chat_note(self, id_: str, /, **given: Unpack[ChatNoteBody]) -> Call[ChatNote]:
        """A note inside a chat; never sent."""
        return self._call(ChatNote, "POST", f"/chats/{quoted(id_)}/notes", given)

    def update_chat_note(self, id_: str, note_id: str, /, **given: Unpack[ChatNoteBody]) -> Call[ChatNote]:
        """Another text."""
        return self._call(ChatNote, "PATCH", f"/chats/{quoted(id_)}/notes/{quoted(note_id)}", given)

    def delete_chat_note(self, id_: str, note_id: str, /) -> Call[Deleted]:
        """Take a note away."""
        return self._call(Deleted, "DELETE", f"/chats/{quoted(id_)}/notes/{quoted(note_id)}")
