"""The types of what Chattu's calls answer, for the OpenAPI document. The data itself is made in `convert`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC, without fractions."""
Json = dict[str, Any]


class Failure(TypedDict):
    """A request that was refused or went wrong. `code` is stable; `error` and `message` are the same words, for people."""

    success: Literal[False]
    status: Literal["error"]
    error: str
    code: str
    message: str
    details: NotRequired[Any]


class Told(TypedDict):
    """What was done, in words."""

    message: str


class Done(Told):
    """What was done."""

    success: Literal[True]
    status: Literal["success"]


class Succeeded(TypedDict):
    """It is done."""

    success: Literal[True]


class LoggedIn(Done):
    """A login; the session's cookie comes with it."""

    username: str
    role: Literal["admin", "user"]


class Profile(TypedDict):
    """Who a key belongs to, and how many clients it reaches."""

    username: str
    role: Literal["admin", "user"]
    apiKey: str
    clientCount: int


class NewKey(Told):
    """The account's new key, shown once."""

    newApiKey: str


class AddedNumber(Told):
    """A client that was added: its QR code as a data URL while it waits for one, and its own key."""

    status: Literal["connected", "pending_auth"]
    qrCode: str | None
    apiKey: str


class Client(TypedDict):
    """A client of the account."""

    clientId: str
    phoneNumber: str
    apiKey: str
    connectedNumber: str
    status: Literal["Authenticated", "Pending Authentication"]


class Webhook(Done):
    """Where a client's events go; null where they go nowhere."""

    clientId: str
    webhookUrl: str | None


class SentMessage(TypedDict):
    """A message that went out."""

    id: int
    clientId: str
    senderNumber: str
    recipient: str
    message: str
    status: str
    sentAt: Time | None


class ReceivedMessage(TypedDict):
    """A message that came in."""

    id: int
    client_id: str
    sender: str
    message: str
    received_at: Time | None


class ReceivedMessages(TypedDict):
    """The last messages that came in at a client."""

    status: Literal["success"]
    messages: list[ReceivedMessage]


class Sent(Told):
    """A message that was accepted; `status` is queued where the network has not answered yet."""

    success: Literal[True]
    status: Literal["success", "queued"]
    messageId: str
    id: int
    clientId: str
    recipient: str
    timestamp: int


class Schedule(TypedDict):
    """A scheduled message."""

    id: int
    clientId: str
    recipient: str
    message: str
    scheduleTime: Time | None
    status: Literal["pending", "sent", "cancelled", "failed"]
    createdAt: Time | None
    sentTime: Time | None


class Scheduled(Done):
    """A message that was scheduled."""

    id: int
    schedule: Schedule


class Call(TypedDict):
    """An incoming call; `duration` is in seconds."""

    id: int
    client_id: str
    call_from: str
    is_video: bool
    start_time: Time | None
    end_time: Time | None
    duration: int | None
    created_at: Time | None


class Calls(TypedDict):
    """The last calls of a client."""

    status: Literal["success"]
    calls: list[Call]


class CallLogs(Calls):
    """The last calls of all clients."""

    success: Literal[True]


class LogLine(TypedDict):
    """Something that happened."""

    id: int
    timestamp: Time | None
    level: Literal["info", "warn", "error"]
    type: str
    clientId: str | None
    message: str
    data: Json


class Logs(TypedDict):
    """The last things that happened."""

    status: Literal["success"]
    success: Literal[True]
    logs: list[LogLine]


class Serialized(TypedDict):
    """An id, as whatsapp-web.js writes it."""

    _serialized: str


class LastMessage(TypedDict):
    """The last message of a chat, in short. `timestamp` is in Unix seconds."""

    body: str
    timestamp: int
    fromMe: bool


class _Conversation(TypedDict):
    lastMessage: LastMessage | None
    timestamp: int
    unreadCount: int
    isMuted: bool
    pinned: bool


class Chat(_Conversation):
    """A private chat. `timestamp` is in Unix seconds."""

    id: Serialized
    name: str
    profilePic: str | None


class Chats(TypedDict):
    """All private chats of a client."""

    chats: list[Chat]


class Channel(_Conversation):
    """A channel. `timestamp` is in Unix seconds."""

    id: str
    name: str | None
    description: str | None
    profilePic: str | None
    isReadOnly: bool
    type: Literal["channel"]


class Group(_Conversation):
    """A group. Times are in Unix seconds."""

    id: str
    name: str | None
    description: str | None
    profilePic: str | None
    participants: int | None
    owner: str | None
    createdAt: int | None
    isReadOnly: bool
    type: Literal["group"]


class Groups(TypedDict):
    """Groups and channels of a client."""

    groups: list[Group]
    channels: list[Channel]
    total: int


class ChatMessage(TypedDict):
    """A message that was sent from the chat page."""

    id: Serialized
    body: str
    timestamp: int


class SentToChat(Succeeded):
    """A message that was sent to a chat."""

    message: ChatMessage


class GroupMessage(ChatMessage):
    """A message that was sent to a group or channel."""

    type: str


class SentFromChat(Succeeded):
    """A message that was sent to a group from the chat page."""

    message: GroupMessage


class SentToGroup(SentFromChat):
    """A message that was sent to a group or channel, and which that is."""

    groupId: str
    groupName: str | None


class MessageReaction(TypedDict):
    """An emoji that somebody put on a message."""

    reaction: str
    senderId: str


class Message(TypedDict):
    """A message of a chat. `timestamp` is in Unix seconds; `ack` is -1 failed, 0 pending, 1 sent, 2 delivered, 3 read."""

    id: Serialized
    body: str
    fromMe: bool
    timestamp: int
    type: str
    hasMedia: bool
    hasReaction: bool
    reactions: list[MessageReaction] | None
    ack: int
    filename: str | None


class Messages(TypedDict):
    """A chat's messages, earliest first."""

    messages: list[Message]
