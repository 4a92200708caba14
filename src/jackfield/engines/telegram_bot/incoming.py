"""Updates of the Bot API to reports, as pure functions over the JSON as it came.

The JSON is read field by field and not through a client library's models: those demand fields that an older server
does not send, and one update that fails to parse would otherwise stop the whole stream. What cannot be read becomes
an `UnknownReport` with the raw update.

Fields: https://core.telegram.org/bots/api#update.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from jackfield.core.port import (
    GroupChanged,
    GroupInfo,
    Incoming,
    MarketingPreference,
    MessageEdited,
    PeerKnown,
    Report,
    UnknownReport,
)
from jackfield.core.port import content as c

from .incoming_content import content_of, notice_of
from .memory import PollMade
from .outgoing import provider_id

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
]
"""What is asked of Telegram; reactions and members come only when named here."""


GROUPS_SEEN = 10_000
"""Groups that are remembered as told; after so many all are told once more."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One update understood: its reports, the button press to acknowledge, and a group that moved (old, new)."""

    reports: list[Report]
    press: str | None = None
    moved: tuple[str, str] | None = None


def read(update: Json, polls: Mapping[str, PollMade]) -> Read:
    """What one update says. Never raises: what cannot be read is reported raw."""
    kind = next((key for key in update if key != "update_id"), "empty")
    reader = _READERS.get(kind)
    try:
        if reader is not None:
            seen = reader(update[kind], update, polls)
            if seen.reports:
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


def identities(user: Json) -> dict[str, str]:
    """The names by which Telegram knows a person."""
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
        if not isinstance(report, Incoming) or report.chat_kind == "private" or not report.chat_name:
            continue
        if seen.get(report.chat) != report.chat_name:
            if len(seen) >= GROUPS_SEEN:
                seen.clear()
            seen[report.chat] = report.chat_name
            info = GroupInfo(address=report.chat, name=report.chat_name, kind=report.chat_kind, read_only=None)
            found.append(GroupChanged(group=info))
    return found + reports


# -- messages ----------------------------------------------------------------------------------------


def _message(message: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    chat = message["chat"]
    reports: list[Report] = []
    moved = None
    for person in message.get("new_chat_members") or []:
        reports.append(PeerKnown(identities=identities(person), name=full_name(person)))
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
    if shared.get("user_id") is not None and shared.get("user_id") == sender.get("id") and shared.get("phone_number"):
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


def _incoming(message: Json, chat: Json, sender: Json, content: c.Content, update: Json) -> Incoming:
    answered = message.get("reply_to_message")
    return Incoming(
        provider_id=provider_id(chat["id"], message["message_id"]),
        chat=str(chat["id"]),
        sender=str(sender["id"]),
        content=content,
        timestamp=int(message["date"]) * 1000,
        sender_name=full_name(sender) or message.get("author_signature"),
        identities=identities(sender) if "type" not in sender or sender["type"] == "private" else {},
        chat_kind=chat_kind(chat),
        chat_name=chat.get("title"),
        reply_to=provider_id(chat["id"], answered["message_id"]) if answered else None,
        forwarded="once" if message.get("forward_origin") or message.get("forward_date") else None,
        raw=update,
    )


def _edited(message: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    edited = MessageEdited(
        provider_id=provider_id(message["chat"]["id"], message["message_id"]),
        content=content_of(message),
        timestamp=int(message.get("edit_date") or message["date"]) * 1000,
        raw=update,
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
    anchor = provider_id(chat["id"], message["message_id"]) if message else None
    incoming = Incoming(
        provider_id=f"{anchor or chat['id']}:press{query['id']}",
        chat=str(chat["id"]),
        sender=str(sender["id"]),
        content=c.ButtonReply(id=data, title=_button_title(message, data)),
        timestamp=int(time.time() * 1000),
        sender_name=full_name(sender),
        identities=identities(sender),
        chat_kind=chat_kind(chat),
        chat_name=chat.get("title"),
        reply_to=anchor,
        raw=update,
    )
    return Read(reports=[incoming], press=str(query["id"]))


def _button_title(message: Json | None, data: str) -> str:
    rows = ((message or {}).get("reply_markup") or {}).get("inline_keyboard") or []
    return next((item["text"] for row in rows for item in row if item.get("callback_data") == data), data)


def _reaction(changed: Json, update: Json, polls: Mapping[str, PollMade]) -> Read:
    chat = changed["chat"]
    sender = changed.get("user") or changed.get("actor_chat") or chat
    target = provider_id(chat["id"], changed["message_id"])
    new = changed["new_reaction"]
    emoji = next((item["emoji"] for item in new if item["type"] == "emoji"), "")
    if new and not emoji:
        # A custom emoji or a star: there is no character to show for it, and empty would mean "taken back".
        return Read(reports=[UnknownReport(kind="telegram:message_reaction", raw=update)])
    incoming = Incoming(
        provider_id=f"{target}:reaction{update['update_id']}",
        chat=str(chat["id"]),
        sender=str(sender["id"]),
        content=c.Reaction(target=target, emoji=emoji),
        timestamp=int(changed["date"]) * 1000,
        sender_name=full_name(sender),
        identities=identities(sender) if "type" not in sender else {},
        chat_kind=chat_kind(chat),
        chat_name=chat.get("title"),
        raw=update,
    )
    return Read(reports=[incoming])


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
        identities=identities(sender) if "type" not in sender else {},
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
    person = changed["new_chat_member"]["user"]
    known = PeerKnown(identities=identities(person), name=full_name(person))
    return Read(reports=[known, GroupChanged(group=group_info(changed["chat"]))])


_READERS = {
    "message": _message,
    "edited_message": _edited,
    "channel_post": _message,
    "edited_channel_post": _edited,
    "callback_query": _press,
    "message_reaction": _reaction,
    "poll_answer": _vote,
    "my_chat_member": _my_membership,
    "chat_member": _membership,
}
