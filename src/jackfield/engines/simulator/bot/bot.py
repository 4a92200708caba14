"""One bot on the simulated network: its chats, its updates, and the making of messages."""

from __future__ import annotations

from hashlib import blake2b
from time import monotonic, time
from typing import Any

from jackfield.engines.simulator.account import Account
from jackfield.engines.simulator.outbox import Parcel
from jackfield.engines.simulator.world import Refusal, World

from .chats import Chat, Chats
from .updates import Updates
from .wire import BotProblem, Fields, Json, bad, encode, too_many


class Lost(Exception):
    """The network took the message, and the answer never reaches the sender."""


class Flood:
    """Telegram's published limits: 30 messages a second in all, 1 a second per chat with short bursts, 20 a minute
    per group (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).

    Buckets hold what may go at once and fill at the limit's rate.
    """

    BURST = 3

    def __init__(self) -> None:
        self._all = (30.0, monotonic())
        self._chats: dict[int, tuple[float, float]] = {}

    def check(self, chat: Chat) -> None:
        """Count one message. Raises BotProblem 429 when it is too many."""
        now = monotonic()
        rate, burst = (1.0, float(self.BURST)) if chat.type == "private" else (20 / 60, 20.0)
        held, at = self._chats.get(chat.id, (burst, now))
        held = min(burst, held + (now - at) * rate)
        everything = min(30.0, self._all[0] + (now - self._all[1]) * 30.0)
        if held < 1:
            raise too_many((1 - held) / rate)
        if everything < 1:
            raise too_many((1 - everything) / 30.0)
        self._chats[chat.id] = (held - 1, now)
        self._all = (everything - 1, now)


class Bot:
    """What stands behind one token."""

    def __init__(self, world: World, token: str, *, permissive: bool = False) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.account: Account = world.account(f"bot{token}", paired=True, name="Jackfield Bot")
        self.user: Json = {
            "id": self.id,
            "is_bot": True,
            "first_name": self.account.name,
            "username": f"jackfield_{self.id}_bot",
        }
        self.chats = Chats(permissive=permissive)
        digest = blake2b(token.encode(), digest_size=4).digest()
        self.updates = Updates(int.from_bytes(digest) % 10**8 + 1)
        self.flood: Flood | None = None
        self.revoked = False
        self.presses: dict[str, Json] = {}
        """Button presses not yet answered, by query id."""
        self.polls: dict[str, tuple[int, int]] = {}
        """Polls the bot sent: poll id to chat and message."""
        self.commands: list[Any] = []
        self.about: dict[str, str] = {}
        """Name, description and short description by language, as set by the bot: "name:en" and so on."""
        self.menus: dict[int, Json] = {}
        """Menu buttons by chat; 0 is everybody's."""
        self.connections: dict[str, Json] = {}
        """Business accounts that the bot answers for, by connection id."""
        self.answers: dict[str, Json] = {}
        """Queries of payments by id, with the bot's answer once there is one."""
        self._made = 0

    def number(self) -> int:
        """A running number for polls, presses and albums."""
        self._made += 1
        return self._made

    # -- what the bot sends

    def outgoing(self, chat: Chat) -> Json:
        """The frame of a message of the bot's."""
        message: Json = {
            "message_id": self.chats.number_for(chat),
            "date": int(time()),
            "chat": chat.as_json(),
        }
        if chat.type == "channel":
            message["sender_chat"] = message["chat"]
        else:
            message["from"] = self.user
        return message

    def send(self, fields: Fields, kind: str, content: Json) -> Json:
        """Put a message into its chat. Raises BotProblem, or Lost when the answer must not arrive."""
        chat = self.chats.named(fields.values.get("chat_id"))
        if problem := chat.problem():
            raise problem
        if self.flood is not None:
            self.flood.check(chat)
        where = self._where(chat, fields)
        reply = self._replied(chat, fields) if "reply_parameters" in fields or "reply_to_message_id" in fields else None
        message = {**self.outgoing(chat), **where, **content}
        if reply is not None:
            message["reply_to_message"] = {key: value for key, value in reply.items() if key != "reply_to_message"}
        if "reply_markup" in fields:
            shown = inline_markup(fields.json("reply_markup"))
            if shown is not None:
                message["reply_markup"] = shown
        if fields.flag("protect_content"):
            message["has_protected_content"] = True
        self.hand_over(chat, message, kind)
        return message

    def _where(self, chat: Chat, fields: Fields) -> Json:
        """In which topic, or in whose name, a message goes. Raises BotProblem for what there is not."""
        connection = fields.text("business_connection_id")
        if connection:
            known = self.connections.get(connection)
            if known is None:
                raise bad("business connection not found")
            if not known["is_enabled"] or not known["rights"].get("can_reply"):
                raise BotProblem(403, "Forbidden: BOT_ACCESS_FORBIDDEN")
            return {"business_connection_id": connection, "sender_business_bot": self.user, "from": known["user"]}
        topic = fields.integer("message_thread_id", 0)
        if not topic:
            return {}
        if topic not in chat.topics:
            raise bad("message thread not found")
        if chat.topics[topic].get("closed"):
            raise bad("TOPIC_CLOSED")
        return {"message_thread_id": topic, "is_topic_message": True}

    def hand_over(self, chat: Chat, message: Json, kind: str) -> None:
        """Give a message to the network. Raises BotProblem as its faults say, or Lost."""
        name = _name(chat, message)
        parcel = Parcel(ref="", to=str(chat.id), kind=kind, payload=encode(message), message_id=name)
        answer = self.account.take([parcel])[0]
        if isinstance(answer, Refusal):
            raise refused(answer)
        self.chats.keep(chat.id, message)
        if answer.lost:
            raise Lost

    def _replied(self, chat: Chat, fields: Fields) -> Json | None:
        given = fields.json("reply_parameters")
        if not isinstance(given, dict):
            given = {
                "message_id": fields.integer("reply_to_message_id"),
                "allow_sending_without_reply": fields.flag("allow_sending_without_reply"),
            }
        try:
            number = int(given["message_id"])
        except (KeyError, TypeError, ValueError):
            raise bad("can't parse reply parameters") from None
        elsewhere = given.get("chat_id")
        where = chat.id if elsewhere is None else self.chats.named(elsewhere).id
        found = self.chats.message(where, number)
        if found is None and not given.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        return found

    def own(self, fields: Fields, doing: str) -> tuple[Chat, Json]:
        """The bot's message that a call names. Raises BotProblem with Telegram's words for `doing` ("edit")."""
        chat = self.chats.named(fields.values.get("chat_id"))
        message = self.chats.message(chat.id, fields.integer("message_id"))
        if message is None:
            raise bad(f"message to {doing} not found")
        mine = (
            message.get("from", {}).get("id") == self.id or chat.type == "channel" or "sender_business_bot" in message
        )
        if not mine and doing == "edit":
            raise bad("message can't be edited")
        return chat, message

    def changed(self, chat: Chat, message: Json) -> Json:
        """Keep a changed message, in the chat and in the outbox."""
        self.chats.keep(chat.id, message)
        self.account.edit(_name(chat, message), encode(message))
        return message


def _name(chat: Chat, message: Json) -> str:
    """How the outbox names a message: those of a business account by its connection."""
    connection = message.get("business_connection_id")
    return f"{chat.id}{f'~business-{connection}' if connection else ''}:{message['message_id']}"


_WORDS = {
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
_NAMED = {
    "blocked": BotProblem(403, "Forbidden: bot was blocked by the user"),
    "kicked": BotProblem(403, "Forbidden: bot was kicked from the group chat"),
    "deactivated": BotProblem(403, "Forbidden: user is deactivated"),
    "not_started": BotProblem(403, "Forbidden: bot can't initiate conversation with a user"),
    "chat_not_found": BotProblem(400, "Bad Request: chat not found"),
}


def refused(refusal: Refusal) -> BotProblem:
    """A refusal of the network in Telegram's words.

    Codes named for Telegram ("telegram:403", "telegram:blocked") are answered as named; others by their kind, so
    that the same faults serve every protocol.
    """
    if refusal.refused == "throttled":
        return too_many(refusal.retry_after)
    network, _, name = refusal.code.partition(":")
    if network == "telegram" and name:
        if name in _NAMED:
            return _NAMED[name]
        status = int(name) if name.isdigit() else refusal.http
        return BotProblem(status, _WORDS.get(status, f"Bad Request: {refusal.message}"))
    if refusal.refused == "login":
        return BotProblem(401, _WORDS[401])
    if refusal.refused == "unavailable":
        return BotProblem(503, _WORDS[503])
    if refusal.code == "131026":
        return _NAMED["chat_not_found"]
    return _NAMED["blocked"]


def inline_markup(given: Any) -> Json | None:
    """An inline keyboard as it is shown below the message; other keyboards are not. Raises BotProblem."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad("object expected as reply markup")
    rows = given.get("inline_keyboard")
    if rows is None:
        return None
    for row in rows:
        for button in row:
            if not button.get("text"):
                raise bad("inline keyboard button text must be non-empty")
            data = button.get("callback_data")
            if data is not None and not 1 <= len(str(data).encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
            actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
            if not actions:
                raise bad("Text buttons are unallowed in the inline keyboard")
            url = button.get("url")
            if url is not None and "." not in str(url) and not str(url).startswith("tg://"):
                raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return {"inline_keyboard": rows}
