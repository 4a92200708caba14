"""Updates of the Bot API to reports, as pure functions over the JSON as it came.

The JSON is read field by field and not through a client library's models: those demand fields that an older server
does not send, and one update that fails to parse would otherwise stop the whole stream. What cannot be read becomes
an `UnknownReport` with the raw update.

Fields: https://core.telegram.org/bots/api#update.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from jackfield.core.port import (
    AccountNotice,
    GroupChanged,
    GroupInfo,
    Incoming,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    UnknownReport,
)
from jackfield.core.port import content as c

from .incoming_content import content_of, notice_of
from .memory import PollMade
from .places import Place, address_of, group_of, provider_id, provider_id_of

Json: TypeAlias = dict[str, Any]

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "message_reaction",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "pre_checkout_query",
    "shipping_query",
]
"""What is asked of Telegram; reactions and members come only when named here."""


GROUPS_SEEN = 10_000
"""Groups that are remembered as told; after so many all are told once more."""

NO_PAYMENTS = "This bot cannot take payments. Nothing was charged; please write to us instead."
"""What a person is told who tries to pay: whoever takes money must say within ten seconds that the goods are there."""

CUSTOM_EMOJI = "\N{SPARKLES}"
"""Stands for an emoji that is a picture of Telegram's own."""

_NOBODY = frozenset({1087968824, 136817688, 777000})
"""Accounts of Telegram's in whose name others write: anonymous administrators, channels, and Telegram itself."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One update understood: its reports, the call that answers it (method and fields), a group that moved (old,
    new), and whether it tells nothing that is not known."""

    reports: list[Report]
    reply: dict[str, Any] | None = None
    moved: tuple[str, str] | None = None
    known: bool = False


def read(update: Json, polls: Mapping[str, PollMade]) -> Read:
    """What one update says. Never raises: what cannot be read is reported raw."""
    kind = next((key for key in update if key != "update_id"), "empty")
    reader = _READERS.get(kind)
    try:
        if reader is not None:
            seen = reader(update[kind], update, polls)
            if seen.reports or seen.known:
                return seen
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError):
        pass
    return Read(reports=[UnknownReport(kind=f"telegram:{kind}", raw=update)])


# -- people and chats --------------------------------------------------------------------------------


def chat_kind(chat: Json) -> str:
    """The core's word for a chat's type: private, group or newsletter (a Telegram channel)."""
    return {"private": "private", "channel": "newsletter"}.get(chat["type"], "group")


def full_name(who: Json) -> str | None:
    """A user's or chat's shown name."""
    name = " ".join(part for part in (who.get("first_name"), who.get("last_name")) if part)
    return name or who.get("title") or who.get("username")


def is_person(who: Json) -> bool:
    """Whether a user object is a person: not a bot, a chat, or an account in whose name others write."""
    return not who.get("is_bot") and who["id"] not in _NOBODY and who.get("type", "private") == "private"


def people_known(user: Json) -> list[Report]:
    """The report of a person; none of a bot."""
    return [PeerKnown(identities=identities(user), name=full_name(user))] if is_person(user) else []


def identities(user: Json) -> dict[str, str]:
    """The names by which Telegram knows a person; none of what is no person."""
    if not is_person(user):
        return {}
    found = {"telegram": str(user["id"])}
    if user.get("username"):
        found["username"] = user["username"]
    return found


def group_info(chat: Json, *, left: bool = False, read_only: bool | None = None) -> GroupInfo:
    """A group or channel as an update names it; who is in it is not told, nor mostly whether the bot may write."""
    return GroupInfo(
        address=str(chat["id"]),
        name=chat.get("title") or str(chat["id"]),
        kind="newsletter" if chat["type"] == "channel" else "group",
        description=chat.get("description"),
        read_only=read_only,
        left=left,
    )


def with_groups(reports: list[Report], seen: dict[str, str]) -> list[Report]:
    """The reports, and before them each group or channel that a message comes from and that is new here, or has
    another name: a bot is told that it joined only once, perhaps long before it was connected to us.

    `seen` keeps names by address from call to call.
    """
    found: list[Report] = []
    for report in reports:
        if isinstance(report, GroupChanged):
            seen[report.group.address] = report.group.name
            continue
        if not isinstance(report, Incoming) or report.chat_kind == "private" or not report.group_name:
            continue
        address = group_of(report.chat)
        if seen.get(address) != report.group_name:
            if len(seen) >= GROUPS_SEEN:
                seen.clear()
            seen[address] = report.group_name
            info = GroupInfo(address=address, name=report.group_name, kind=report.chat_kind, read_only=None)
            found.append(GroupChanged(group=info))
    return found + reports


# -- messages ----------------------------------------------------------------------------------------


def _message(message: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    chat = message["chat"]
    reports: list[Report] = []
    moved = None
    for person in message.get("new_chat_members") or []:
        reports += people_known(person)
    if message.get("migrate_to_chat_id"):
        new = message["migrate_to_chat_id"]
        moved = (str(chat["id"]), str(new))
        reports += moved_reports(chat, new)
    elif message.get("migrate_from_chat_id"):
        old = message["migrate_from_chat_id"]
        moved = (str(old), str(chat["id"]))
        reports += moved_reports({**chat, "id": old}, chat["id"])
    elif _changes_group(message):
        reports.append(GroupChanged(group=group_info(chat)))
    content: c.Content = notice_of(message) or content_of(message)
    shared = message.get("contact") or {}
    sender = _sender(message)
    own = shared.get("user_id") is not None and shared.get("user_id") == sender.get("id")
    if own and is_person(sender) and shared.get("phone_number"):
        # The person shared their own number: the only way by which a bot learns it.
        phone = "".join(filter(str.isdigit, shared["phone_number"]))
        reports.append(PeerKnown(identities={**identities(sender), "phone": phone}, name=full_name(sender)))
    reports.append(_incoming(message, chat, sender, content, update))
    return Read(reports=reports, moved=moved)


def _changes_group(message: Json) -> bool:
    names = ("new_chat_title", "group_chat_created", "supergroup_chat_created", "channel_chat_created")
    return any(message.get(name) for name in (*names, "new_chat_members", "left_chat_member"))


def _sender(message: Json) -> Json:
    """Who wrote: a user, else the chat in whose name it was written (channel post, anonymous administrator)."""
    found: Json = message.get("from") or message.get("sender_chat") or message["chat"]
    if message.get("sender_chat") and message["chat"]["type"] != "private":
        found = message["sender_chat"]
    return found


def _answered(message: Json) -> str | None:
    """The message that this one answers. In a topic Telegram names the topic's opening where nothing is answered."""
    answered = message.get("reply_to_message")
    if not answered:
        return None
    if message.get("is_topic_message") and answered["message_id"] == message.get("message_thread_id"):
        return None
    return provider_id(message["chat"]["id"], answered["message_id"], message.get("business_connection_id"))


def _chat_name(message: Json) -> str | None:
    """What the conversation is called: in a topic by group and topic where the message tells both, else not at all, so
    that the name stays that it had."""
    title: str | None = message["chat"].get("title")
    if not message.get("is_topic_message"):
        return title
    opening = message if message.get("forum_topic_created") else message.get("reply_to_message") or {}
    topic = (message.get("forum_topic_edited") or opening.get("forum_topic_created") or {}).get("name")
    return f"{title}: {topic}" if title and topic else None


def _incoming(message: Json, chat: Json, sender: Json, content: c.Content, update: Json) -> Incoming:
    return Incoming(
        provider_id=provider_id_of(message),
        chat=address_of(message),
        sender=str(sender["id"]),
        content=content,
        timestamp=int(message["date"]) * 1000,
        sender_name=full_name(sender) or message.get("author_signature"),
        identities=identities(sender),
        is_person=is_person(sender),
        chat_kind=chat_kind(chat),
        chat_name=_chat_name(message),
        group_name=chat.get("title"),
        reply_to=_answered(message),
        forwarded="once" if message.get("forward_origin") or message.get("forward_date") else None,
        raw=update,
    )


def _edited(message: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    edited = MessageEdited(
        provider_id=provider_id_of(message),
        content=content_of(message),
        timestamp=int(message.get("edit_date") or message["date"]) * 1000,
        raw=update,
        chat=address_of(message),
    )
    return Read(reports=[edited])


def moved_reports(chat: Json, new: int) -> list[Report]:
    """A group became a supergroup: the old address is left, the new one is the same group."""
    return [
        GroupChanged(group=group_info(chat, left=True)),
        GroupChanged(group=group_info({**chat, "id": new, "type": "supergroup"})),
    ]


# -- answers to what we sent -------------------------------------------------------------------------


def _press(query: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    """A pressed inline button. It has no time of its own; now is when Telegram tells of it."""
    sender = query["from"]
    message = query.get("message")
    chat = message["chat"] if message else {"id": sender["id"], "type": "private"}
    data = query.get("data") or query.get("game_short_name") or ""
    anchor = provider_id_of(message) if message else None
    incoming = Incoming(
        provider_id=f"{anchor or chat['id']}:press{query['id']}",
        chat=address_of(message) if message else str(chat["id"]),
        sender=str(sender["id"]),
        content=c.ButtonReply(id=data, title=_button_title(message, data)),
        timestamp=int(time.time() * 1000),
        sender_name=full_name(sender),
        identities=identities(sender),
        is_person=is_person(sender),
        chat_kind=chat_kind(chat),
        chat_name=_chat_name(message) if message else None,
        group_name=chat.get("title"),
        reply_to=anchor,
        raw=update,
    )
    return Read(reports=[incoming], reply={"method": "answerCallbackQuery", "callback_query_id": str(query["id"])})


def _button_title(message: Json | None, data: str) -> str:
    rows = ((message or {}).get("reply_markup") or {}).get("inline_keyboard") or []
    return next((item["text"] for row in rows for item in row if item.get("callback_data") == data), data)


def _reaction(changed: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    chat = changed["chat"]
    sender = changed.get("user") or changed.get("actor_chat") or chat
    target = provider_id(chat["id"], changed["message_id"])
    reaction = _reaction_of(target, changed["new_reaction"])
    if reaction is None:
        return Read(reports=[UnknownReport(kind="telegram:message_reaction", raw=update)])
    incoming = Incoming(
        provider_id=f"{target}:reaction{update['update_id']}",
        chat=str(chat["id"]),
        sender=str(sender["id"]),
        content=reaction,
        timestamp=int(changed["date"]) * 1000,
        sender_name=full_name(sender),
        identities=identities(sender),
        is_person=is_person(sender),
        chat_kind=chat_kind(chat),
        chat_name=chat.get("title"),
        group_name=chat.get("title"),
        raw=update,
    )
    return Read(reports=[incoming])


def _reaction_of(target: str, new: list[Json]) -> c.Reaction | None:
    """The reaction that is shown now: an emoji before a picture, before a paid star; None for a kind that is new to us."""
    if not new:
        return c.Reaction(target=target, emoji="")
    by_type = {item["type"]: item for item in reversed(new)}
    if "emoji" in by_type:
        return c.Reaction(target=target, emoji=by_type["emoji"]["emoji"])
    if "custom_emoji" in by_type:
        shown = str(by_type["custom_emoji"]["custom_emoji_id"])
        return c.Reaction(target=target, emoji=CUSTOM_EMOJI, custom_emoji_id=shown)
    return c.Reaction(target=target, emoji="\N{WHITE MEDIUM STAR}") if "paid" in by_type else None


def _vote(answer: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    """An answer to a poll of ours. A poll that is not remembered keeps Telegram's poll id and option numbers."""
    sender = answer.get("user") or answer["voter_chat"]
    poll = polls.get(answer["poll_id"])
    numbers = [int(number) for number in answer["option_ids"]]
    target = poll.provider_id if poll else f"poll:{answer['poll_id']}"
    options = [poll.options[n] if poll and n < len(poll.options) else str(n + 1) for n in numbers]
    chat = target.partition(":")[0] if poll else str(sender["id"])
    incoming = Incoming(
        provider_id=f"{target}:vote{update['update_id']}",
        chat=chat,
        sender=str(sender["id"]),
        content=c.PollVote(target=target, options=options),
        timestamp=int(time.time() * 1000),
        sender_name=full_name(sender),
        identities=identities(sender),
        is_person=is_person(sender),
        chat_kind="private" if chat == str(sender["id"]) else "group",
        reply_to=poll.provider_id if poll else None,
        raw=update,
    )
    return Read(reports=[incoming])


# -- members -----------------------------------------------------------------------------------------


def _inside(member: Json) -> bool:
    if member["status"] == "restricted":
        return bool(member.get("is_member"))
    return member["status"] in ("creator", "administrator", "member")


def _my_membership(changed: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    """The bot was added, removed, blocked or unblocked.

    Blocking the bot is Telegram's own switch against its messages, and unblocking it is the same switch back.
    """
    chat, now = changed["chat"], changed["new_chat_member"]
    inside = _inside(now)
    if chat["type"] == "private":
        person = {**changed["from"], **{key: chat[key] for key in ("id", "username") if key in chat}}
        known = PeerKnown(identities=identities(person), name=full_name(person))
        preference = MarketingPreference(
            identities=identities(person), opted_in=inside, timestamp=int(changed["date"]) * 1000
        )
        return Read(reports=[known, preference])
    mute = now["status"] == "restricted" and not now.get("can_send_messages", True)
    if chat["type"] == "channel":
        mute = now["status"] != "administrator" or not now.get("can_post_messages", False)
    return Read(reports=[GroupChanged(group=group_info(chat, left=not inside, read_only=inside and mute))])


def _membership(changed: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    """Somebody else joined, left or was given other rights (the bot must be an administrator to hear of it)."""
    known = people_known(changed["new_chat_member"]["user"])
    return Read(reports=[*known, GroupChanged(group=group_info(changed["chat"]))])


# -- business accounts -------------------------------------------------------------------------------


def _connected(connection: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    """Somebody let the bot answer for their own account, changed what it may do, or ended it."""
    owner = full_name(connection["user"]) or str(connection["user"]["id"])
    rights = connection.get("rights") or {}
    may_reply = bool(rights.get("can_reply", connection.get("can_reply")))
    if not connection.get("is_enabled"):
        said = f"The bot no longer answers for the business account of {owner}."
    elif may_reply:
        said = f"The bot answers for the business account of {owner}."
    else:
        said = f"The bot reads the business account of {owner} and may not answer."
    return Read(reports=[AccountNotice(kind="business_connection", message=said, raw=update)])


def _business(message: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    """A message in a chat of a business account: of the person who writes to it, or of its owner, from the phone."""
    if message.get("sender_business_bot"):
        # What the bot itself sent, told once more.
        return Read(reports=[], known=True)
    sender = message["from"]
    content: c.Content = notice_of(message) or content_of(message)
    incoming = _incoming(message, message["chat"], sender, content, update)
    if sender["id"] != message["chat"]["id"]:
        incoming = msgspec.structs.replace(incoming, from_me=True, identities={})
    return Read(reports=[incoming])


def _business_deleted(deleted: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    now = int(time.time() * 1000)
    chat, connection = deleted["chat"]["id"], deleted["business_connection_id"]
    return Read(
        reports=[
            MessageDeleted(
                provider_id=provider_id(chat, int(number), connection),
                timestamp=now,
                chat=Place(chat, business=connection).scope,
                raw=update,
            )
            for number in deleted["message_ids"]
        ]
    )


# -- payments ----------------------------------------------------------------------------------------


def _refused(method: str, name: str) -> Callable[[Json, Json, Mapping[str, PollMade]], Read]:
    def read_query(query: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
        """Nobody here can promise the goods, so the payment is refused in words rather than left to run out."""
        reply = {"method": method, name: str(query["id"]), "ok": False, "error_message": NO_PAYMENTS}
        kind = name.removesuffix("_id")
        return Read(reports=[UnknownReport(kind=f"telegram:{kind}", raw=update)], reply=reply)

    return read_query


_READERS: dict[str, Callable[[Json, Json, Mapping[str, PollMade]], Read]] = {
    "message": _message,
    "edited_message": _edited,
    "channel_post": _message,
    "edited_channel_post": _edited,
    "callback_query": _press,
    "message_reaction": _reaction,
    "poll_answer": _vote,
    "my_chat_member": _my_membership,
    "chat_member": _membership,
    "business_connection": _connected,
    "business_message": _business,
    "edited_business_message": _edited,
    "deleted_business_messages": _business_deleted,
    "pre_checkout_query": _refused("answerPreCheckoutQuery", "pre_checkout_query_id"),
    "shipping_query": _refused("answerShippingQuery", "shipping_query_id"),
}
