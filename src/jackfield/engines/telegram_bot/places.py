"""Where a message is: chats, the topics of forums, and the chats of a business account that the bot answers for.

The core knows each as an address. A topic is the group's address, `~` and the topic's number: `-1001234567890~45`. A chat
of a connected business account is the person's id, `~business-` and the connection's id: the same person may also write
to the bot itself, and message ids of the two overlap.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import msgspec

from jackfield.core.ground.errors import Rejected

Chat: TypeAlias = int | str
Json: TypeAlias = dict[str, Any]

_BUSINESS = "business-"
ADDRESS = re.compile(
    r"(?P<chat>-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})"
    r"(?:~(?:(?P<topic>[0-9]{1,10})|business-(?P<business>[A-Za-z0-9_-]{1,100})))?\Z"
)
"""An address in its parts."""


class Place(msgspec.Struct, frozen=True):
    """Where a message goes: the chat, and the topic or the business connection in it."""

    chat: Chat
    topic: int | None = None
    business: str | None = None

    def fields(self) -> dict[str, Any]:
        """As the fields of a Bot API call."""
        found: dict[str, Any] = {"chat_id": self.chat}
        if self.topic is not None:
            found["message_thread_id"] = self.topic
        if self.business is not None:
            found["business_connection_id"] = self.business
        return found

    @property
    def scope(self) -> str:
        """The address by which message ids count: that of the chat, whatever topic."""
        return str(self.chat) if self.business is None else f"{self.chat}~{_BUSINESS}{self.business}"


class Ids(msgspec.Struct, frozen=True):
    """A provider id taken apart: where it counts, and the message's number."""

    place: Place
    message: int

    @property
    def chat(self) -> Chat:
        """The chat."""
        return self.place.chat


def place_of(address: str) -> Place:
    """The parts of an address. Raises Rejected."""
    found = ADDRESS.match(address.strip())
    if found is None:
        raise Rejected(
            "BAD_ADDRESS", f"{address!r} is not a Telegram chat: a chat id (a number) or a public @name is needed."
        )
    chat: Chat = found["chat"] if found["chat"].startswith("@") else int(found["chat"])
    topic = None if found["topic"] is None else int(found["topic"])
    return Place(chat, topic, found["business"])


def group_of(address: str) -> str:
    """The address of the group that a topic is in; other addresses as they are."""
    chat, mark, rest = address.partition("~")
    return chat if mark and rest.isdigit() else address


def address_of(message: Json) -> str:
    """The address of the conversation that a message belongs to.

    `message_thread_id` alone is no topic: Telegram numbers threads of replies in every supergroup.
    """
    chat = str(message["chat"]["id"])
    if message.get("business_connection_id"):
        return f"{chat}~{_BUSINESS}{message['business_connection_id']}"
    if message.get("is_topic_message") and message.get("message_thread_id"):
        return f"{chat}~{int(message['message_thread_id'])}"
    return chat


def provider_id(chat: Chat, message: int, business: str | None = None) -> str:
    """How a message is named to the core: chat and message, as message ids count per chat."""
    return f"{Place(chat, business=business).scope}:{message}"


def provider_id_of(message: Json) -> str:
    """How a message or a mention of one is named to the core."""
    return provider_id(message["chat"]["id"], message["message_id"], message.get("business_connection_id"))


def ids_of(given: str) -> Ids:
    """The parts of a provider id; what follows a second colon (a button press, a reaction) is left off.

    Raises Rejected.
    """
    chat, _, rest = given.partition(":")
    try:
        return Ids(place_of(chat), int(rest.partition(":")[0]))
    except (ValueError, Rejected):
        raise Rejected("telegram:400:message_not_found", f"{given!r} does not name a Telegram message.") from None
