"""Telegram's chats as one bot sees them: people, groups, supergroups and channels, and the messages in them."""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

import msgspec

from .wire import BotProblem, Json, bad

Kind = Literal["private", "group", "supergroup", "channel"]
Standing = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

KEPT = 50_000
"""Messages kept per bot for edits, replies and forwards (about 1.5 kB each); older ones are as if deleted."""


class Person(msgspec.Struct, kw_only=True):
    """A Telegram user. `username` is without @."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "en"
    is_bot: bool = False

    def as_json(self) -> Json:
        """As a User object."""
        return {key: value for key, value in msgspec.to_builtins(self).items() if value is not None}


class Chat(msgspec.Struct, kw_only=True):
    """A chat that exists for the bot. `bot` is the bot's own standing in it; `moved_to` a supergroup's new id."""

    id: int
    type: Kind
    title: str | None = None
    person: Person | None = None
    username: str | None = None
    description: str | None = None
    members: dict[int, Standing] = {}
    bot: Standing = "member"
    blocked: bool = False
    deactivated: bool = False
    can_send: bool = True
    moved_to: int | None = None
    next_id: int = 1
    topics: dict[int, Json] = {}
    """A forum's topics, by the number of the message that opened each."""

    def as_json(self) -> Json:
        """As a Chat object."""
        row: Json = {"id": self.id, "type": self.type}
        if self.person is not None:
            row["first_name"] = self.person.first_name
            if self.person.last_name:
                row["last_name"] = self.person.last_name
            if self.person.username:
                row["username"] = self.person.username
        else:
            row["title"] = self.title or str(self.id)
            if self.username:
                row["username"] = self.username
            if self.topics:
                row["is_forum"] = True
        return row

    def problem(self) -> BotProblem | None:
        """Why the bot may not write here, in Telegram's words."""
        if self.moved_to is not None:
            return BotProblem(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": self.moved_to},
            )
        if self.deactivated:
            return BotProblem(403, "Forbidden: user is deactivated")
        if self.blocked:
            return BotProblem(403, "Forbidden: bot was blocked by the user")
        if self.bot == "kicked":
            return BotProblem(403, f"Forbidden: bot was kicked from the {self.type} chat")
        if self.bot == "left":
            return BotProblem(403, f"Forbidden: bot is not a member of the {self.type} chat")
        if not self.can_send:
            return bad("not enough rights to send text messages to the chat")
        return None


class Chats:
    """All chats of one bot, with the recent messages."""

    def __init__(self, *, permissive: bool = False) -> None:
        self.permissive = permissive
        self.people: dict[int, Person] = {}
        self._chats: dict[int, Chat] = {}
        self._names: dict[str, int] = {}
        self._messages: dict[tuple[int, int], Json] = {}
        self._order: deque[tuple[int, int]] = deque()
        self._next_id = 1

    def person(self, user_id: int, name: str | None = None, **fields: Any) -> Person:
        """A user by id, made when new; a given name or field replaces the old one."""
        found = self.people.get(user_id)
        if found is None:
            found = self.people[user_id] = Person(id=user_id, first_name=name or f"Person {user_id}")
        elif name:
            found.first_name = name
        for key, value in fields.items():
            setattr(found, key, value)
        return found

    def start(self, user_id: int, name: str | None = None, **fields: Any) -> Chat:
        """The person starts the bot (again): from now on it may write to them."""
        person = self.person(user_id, name, **fields)
        chat = self._chats.get(user_id)
        if chat is None:
            chat = self.add(Chat(id=user_id, type="private", person=person, username=person.username))
        return chat

    def add(self, chat: Chat) -> Chat:
        """A chat that exists from now on."""
        self._chats[chat.id] = chat
        if chat.username:
            self._names[chat.username.lower()] = chat.id
        return chat

    def all(self) -> list[Chat]:
        """Every chat."""
        return list(self._chats.values())

    def find(self, chat_id: int) -> Chat | None:
        """A chat by number, without any check."""
        return self._chats.get(chat_id)

    def named(self, given: Any) -> Chat:
        """The chat of a call's `chat_id`. Raises BotProblem as Telegram does."""
        if given is None or given == "":
            raise bad("chat_id is empty")
        if isinstance(given, str) and given.startswith("@"):
            number = self._names.get(given[1:].lower())
            # A bot may name public groups and channels, not people.
            chat = None if number is None else self._chats.get(number)
            if chat is None or chat.type == "private":
                raise bad("chat not found")
            return chat
        try:
            number = int(given)
        except (TypeError, ValueError):
            raise bad("chat not found") from None
        chat = self._chats.get(number)
        if chat is None and self.permissive:
            return self._invent(number)
        if chat is None:
            raise bad("chat not found")
        return chat

    def _invent(self, number: int) -> Chat:
        if number > 0:
            return self.start(number)
        kind: Kind = "supergroup" if str(number).startswith("-100") else "group"
        return self.add(Chat(id=number, type=kind, title=f"Group {-number}"))

    # -- messages

    def number_for(self, chat: Chat) -> int:
        """The next message id: counted per chat in supergroups and channels, per bot elsewhere, as with Telegram."""
        if chat.type in ("supergroup", "channel"):
            number, chat.next_id = chat.next_id, chat.next_id + 1
        else:
            number, self._next_id = self._next_id, self._next_id + 1
        return number

    def keep(self, chat_id: int, message: Json) -> None:
        """Remember a message."""
        key = (chat_id, message["message_id"])
        if key not in self._messages:
            self._order.append(key)
            if len(self._order) > KEPT:
                self._messages.pop(self._order.popleft(), None)
        self._messages[key] = message

    def message(self, chat_id: int, message_id: int) -> Json | None:
        """A remembered message."""
        return self._messages.get((chat_id, message_id))

    def forget(self, chat_id: int, message_id: int) -> bool:
        """Delete a message; False if there was none."""
        return self._messages.pop((chat_id, message_id), None) is not None
