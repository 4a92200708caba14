"""Controls of a simulated bot: who is there, what goes wrong, what people do, what the network took.

- `GET  /control/bot/{token}`: chats and settings
- `POST /control/bot/{token}`: any of `people`, `groups`, `blocked`, `unblocked`, `deactivated`, `permissive`,
  `limits`, `revoked`, `faults`, `migrate`, `business`, `clear`
- `POST /control/bot/{token}/inbound`: `{from, name?, username?, chat?, topic?, business?, album?, replyTo?, type, ...}`,
  fields of each type as in the simulator's inbound control
- `POST /control/bot/{token}/pay`: `{from, currency?, amount?, payload?}`: a person presses "Pay"
- `GET  /control/bot/{token}/payments`: who wanted to pay, and what the bot answered
- `POST /control/bot/{token}/edit`: `{chat, message, type, ...}`
- `POST /control/bot/{token}/members`: `{chat, join?, leave?, bot?}`
- `POST /control/bot/{token}/update`: any update without its id
- `GET  /control/bot/{token}/outbox?after=&limit=`
"""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec

from jackfield.core.port import content as c
from jackfield.engines.simulator.faults import Faults
from jackfield.engines.simulator.inbound import content_from

from . import doings
from .bot import Bot, Flood
from .chats import Chat, Kind, Standing
from .wire import Json


class Controls(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The body of `POST /control/bot/{token}`. All fields may be left out.

    `people`: ids, or objects {id, name, lastName, username, started}. `groups`: objects {id, title, type, username,
    description, members: {id: standing} or [ids], bot: standing, canSend, topics: {number: name}}. `migrate`: old id to
    new id. `business`: accounts that the bot answers for, objects {id, user, canReply, enabled}. `limits`: Telegram's
    published rates are enforced. `permissive`: every chat id exists.
    """

    people: list[int | Json] = []
    groups: list[Json] = []
    blocked: list[int] = []
    unblocked: list[int] = []
    deactivated: list[int] = []
    permissive: bool | None = None
    limits: bool | None = None
    revoked: bool | None = None
    faults: Json | None = None
    migrate: dict[str, int] = {}
    business: list[Json] = []
    clear: bool = False


def configure(bot: Bot, body: bytes) -> Json:
    """Carry out `POST /control/bot/{token}`. Raises ValueError that names what is wrong."""
    wish = msgspec.json.decode(body or b"{}", type=Controls)
    for person in wish.people:
        _add_person(bot, person)
    for group in wish.groups:
        _add_group(bot, group)
    for user_id in wish.blocked:
        doings.block(bot, user_id)
    for user_id in wish.unblocked:
        doings.unblock(bot, user_id)
    for user_id in wish.deactivated:
        bot.chats.start(user_id).deactivated = True
    for old, new in wish.migrate.items():
        doings.migrate(bot, int(old), new)
    for row in wish.business:
        doings.connect(
            bot,
            str(row["id"]),
            int(row["user"]),
            can_reply=bool(row.get("canReply", True)),
            enabled=bool(row.get("enabled", True)),
        )
    if wish.permissive is not None:
        bot.chats.permissive = wish.permissive
    if wish.limits is not None:
        bot.flood = Flood() if wish.limits else None
    if wish.revoked is not None:
        bot.revoked = wish.revoked
        # Whoever polls learns of it at once, at the next poll.
        bot.updates.end_poll()
    if wish.faults is not None:
        bot.account.set_faults(Faults.from_json(wish.faults, bot.account.faults))
    if wish.clear:
        bot.account.outbox.clear()
    return state(bot)


def _add_person(bot: Bot, given: int | Json) -> None:
    row: Json = {"id": given} if isinstance(given, int) else dict(given)
    user_id = int(row.pop("id"))
    started = bool(row.pop("started", True))
    name = row.pop("name", None) or row.pop("first_name", None) or row.pop("firstName", None)
    fields = {"last_name": row.pop("lastName", None), "username": row.pop("username", None)}
    if row:
        raise ValueError(f"unknown field of a person: {', '.join(row)}")
    make = bot.chats.start if started else bot.chats.person
    make(user_id, name, **{key: value for key, value in fields.items() if value})


def _add_group(bot: Bot, row: Json) -> None:
    kind = row.get("type", "supergroup")
    if kind not in get_args(Kind):
        raise ValueError(f"type must be one of {', '.join(get_args(Kind))}, not {kind!r}")
    members = row.get("members") or {}
    if isinstance(members, list):
        members = dict.fromkeys(members, "member")
    standing = {int(user_id): _standing(value) for user_id, value in members.items()}
    bot.chats.add(
        Chat(
            id=int(row["id"]),
            type=kind,
            title=row.get("title") or f"Group {row['id']}",
            username=row.get("username"),
            description=row.get("description"),
            members=standing,
            bot=_standing(row.get("bot", "member")),
            can_send=bool(row.get("canSend", True)),
            topics={int(number): {"name": str(name)} for number, name in (row.get("topics") or {}).items()},
        )
    )


def _standing(value: Any) -> Standing:
    if value not in get_args(Standing):
        raise ValueError(f"a member is one of {', '.join(get_args(Standing))}, not {value!r}")
    return cast(Standing, value)


def inbound(bot: Bot, body: bytes) -> Json:
    """Carry out `POST .../inbound`; gives the body of the update. Raises ValueError."""
    given: Json = msgspec.json.decode(body, type=dict[str, Any])
    content = content_from(given, bot.account.media)
    if isinstance(content, c.Text | c.Media) and given.get("entities"):
        content = msgspec.structs.replace(content, entities=msgspec.convert(given["entities"], list[c.Entity]))
    chat, reply = given.get("chat"), given.get("replyTo") or given.get("reply_to")
    return doings.write(
        bot,
        content,
        int(str(given.get("from", "0")).lstrip("+")),
        given.get("name"),
        chat_id=None if chat is None else int(chat),
        reply_to=int(str(reply).rpartition(":")[2]) if reply else None,
        username=given.get("username"),
        topic=None if given.get("topic") is None else int(given["topic"]),
        business=given.get("business"),
        album=given.get("album"),
    )


def pay(bot: Bot, body: bytes) -> Json:
    """Carry out `POST .../pay`. Raises ValueError."""
    given: Json = msgspec.json.decode(body, type=dict[str, Any])
    amount, payload = int(given.get("amount", 1000)), str(given.get("payload", "order"))
    return doings.pay(bot, int(given["from"]), str(given.get("currency", "EUR")), amount, payload)


def payments(bot: Bot) -> Json:
    """What `GET .../payments` shows, by query id."""
    return bot.answers


def edit(bot: Bot, body: bytes) -> Json:
    """Carry out `POST .../edit`. Raises ValueError."""
    given: Json = msgspec.json.decode(body, type=dict[str, Any])
    return doings.edit(bot, int(given["chat"]), int(given["message"]), content_from(given, bot.account.media))


def members(bot: Bot, body: bytes) -> Json:
    """Carry out `POST .../members`. Raises ValueError."""
    given: Json = msgspec.json.decode(body, type=dict[str, Any])
    chat = bot.chats.find(int(given["chat"]))
    if chat is None:
        raise ValueError(f"there is no chat {given['chat']}")
    if given.get("join"):
        doings.join(bot, chat, [int(user_id) for user_id in given["join"]])
    for user_id in given.get("leave") or []:
        doings.leave(bot, chat, int(user_id))
    if given.get("bot"):
        doings.bot_added(bot, chat, int(given.get("by") or next(iter(chat.members), 777000)), _standing(given["bot"]))
    return state(bot)


def update(bot: Bot, body: bytes) -> Json:
    """Carry out `POST .../update`. Raises ValueError."""
    given: Json = msgspec.json.decode(body, type=dict[str, Any])
    return {"ids": [bot.updates.put(kind, value) for kind, value in given.items() if kind != "update_id"]}


def outbox(bot: Bot, after: int, limit: int | None) -> list[Json]:
    """What the network took, oldest first, from number `after` on."""
    return [entry.as_json() for entry in bot.account.outbox.page(after, limit)]


def state(bot: Bot) -> Json:
    """What `GET /control/bot/{token}` shows."""
    return {
        "bot": bot.user,
        "permissive": bot.chats.permissive,
        "limits": bot.flood is not None,
        "revoked": bot.revoked,
        "pendingUpdates": len(bot.updates),
        "outbox": len(bot.account.outbox),
        "chats": [{**chat.as_json(), "blocked": chat.blocked, "bot": chat.bot} for chat in bot.chats.all()],
    }
