"""Incoming messages: dedupe by provider id, know the sender, keep the chat, tell the subscribers. Many at once.

A redelivery changes nothing (design, decision 9): the provider's id is unique per channel in the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, bindparam, case, func, select, update

from ....db.bulk import among, insert_many
from ...contacts.people.merging import saw
from ...contacts.people.resolve import Known, Person, resolve
from ...ground.events import MessageReaction, MessageReceived
from ...ground.unit import Unit
from ...ledger import states
from ...ledger.archive import of_all
from ...ledger.chats import ChatPlace, places_of, tell_chats
from ...ledger.submit import insert_ignoring
from ...models import ArchivedMessage, Chat, Message
from ...port import Incoming
from ...port.content import MediaContent, PollVote, Reaction, System, encode, kind_of, summary
from ...service import Opening, assign, take_ratings
from ...service import Said as Chosen
from ..inbound.raw import Raw, keep_raw
from ..source import Source
from .originals import Reference, stored_ids
from .people import known_by, same_chats
from .said import Said, heed
from .waiting import apply_waiting

WINDOW_MS = 24 * 3600 * 1000
"""The service window: 24 h from the peer's last message (field.md)."""


class IncomingItem(msgspec.Struct, kw_only=True):
    """A message that came in on a channel of a workspace."""

    source: Source
    message: Incoming

    @property
    def workspace_id(self) -> int:
        """The channel's workspace."""
        return self.source.workspace_id

    @property
    def channel_id(self) -> int:
        """The channel."""
        return self.source.channel_id


async def incoming_batch(unit: Unit, items: Sequence[IncomingItem]) -> list[int | None]:
    """Handler of the group commit; gives the ledger id of each message, None for one that was known."""
    fresh = await _fresh(unit, items)
    people = [
        Person(
            workspace_id=items[i].workspace_id,
            identities=_identities(items[i]),
            name=items[i].message.sender_name,
            source=items[i].source.network.contact_source,
            channel_id=items[i].channel_id,
            network=items[i].source.network,
        )
        for i in fresh
    ]
    known = await resolve(unit, people)
    items = await _in_their_chats(unit, items, dict(zip(fresh, known, strict=True)))
    items = await _with_stored_ids(unit, items, fresh)
    items = await _beside_their_targets(unit, items, fresh)
    answers: list[int | None] = [None] * len(items)
    if not fresh:
        return answers
    rows = [_row(items[i], contact, unit.now) for i, contact in zip(fresh, known, strict=True)]
    ids = await insert_many(unit.conn, Message, rows)
    visible: list[tuple[IncomingItem, int, Known | None]] = []
    for i, contact, id_ in zip(fresh, known, ids, strict=True):
        answers[i] = id_
        if contact is not None and contact.blocked:
            continue
        visible.append((items[i], id_, contact))
    ratings = await take_ratings(
        unit,
        [
            Chosen(message_id=id_, channel_id=item.channel_id, peer=item.message.chat, content=item.message.content)
            for item, id_, _ in visible
            if _is_said(item)
        ],
    )
    await _touch_chats(unit, visible, ratings)
    live = [one for one in visible if not one[0].message.history]
    places = await places_of(unit, [(item.channel_id, item.message.chat) for item, _, _ in live])
    for item, id_, contact in live:
        _tell(unit, item, id_, contact, places.get((item.channel_id, item.message.chat)), ratings.get(id_))
    await keep_raw(
        unit,
        [
            Raw(channel_id=items[i].channel_id, message_id=id_, kind="message", payload=raw)
            for i, id_ in zip(fresh, ids, strict=True)
            if items[i].source.keeps_raw and (raw := items[i].message.raw)
        ],
    )
    await apply_waiting(unit, [(items[i].source, items[i].message.provider_id) for i in fresh])
    await heed(unit, [said for i, one in zip(fresh, known, strict=True) for said in _said(items[i], one)])
    await saw(
        unit,
        (
            (contact.id, item.message.timestamp)
            for item, _, contact in visible
            if contact is not None and not item.message.from_me and not isinstance(item.message.content, System)
        ),
    )
    return answers


async def _in_their_chats(
    unit: Unit, items: Sequence[IncomingItem], known: Mapping[int, Known | None]
) -> list[IncomingItem]:
    """The items in the chats that stand already under another spelling of the address (see `same_chats`)."""
    private = [i for i in known if items[i].message.chat_kind == "private"]
    wanted = [(items[i].channel_id, items[i].source.network, items[i].message.chat, known[i]) for i in private]
    found = await same_chats(unit, wanted)
    moved = list(items)
    for i in private:
        item = items[i]
        chat = found.get((item.channel_id, item.message.chat), item.message.chat)
        if chat != item.message.chat:
            moved[i] = IncomingItem(source=item.source, message=msgspec.structs.replace(item.message, chat=chat))
    return moved


async def _with_stored_ids(unit: Unit, items: Sequence[IncomingItem], fresh: Sequence[int]) -> list[IncomingItem]:
    """The items, referring to other messages by the ids under which these are kept (see `originals`)."""
    wanted = [
        Reference(channel_id=item.channel_id, network=item.source.network, provider_id=id_, chat=item.message.chat)
        for item in (items[i] for i in fresh)
        for id_ in (item.message.reply_to, _target(item))
        if id_
    ]
    found = await stored_ids(unit, wanted) if wanted else {}
    changed = list(items)
    for i in fresh if found else ():
        item, message = items[i], items[i].message
        content = message.content
        if isinstance(content, Reaction):
            target = found.get((item.channel_id, content.target), content.target)
            content = msgspec.structs.replace(content, target=target)
        reply_to = found.get((item.channel_id, message.reply_to or ""), message.reply_to)
        changed[i] = IncomingItem(
            source=item.source, message=msgspec.structs.replace(message, content=content, reply_to=reply_to)
        )
    return changed


async def _beside_their_targets(unit: Unit, items: Sequence[IncomingItem], fresh: Sequence[int]) -> list[IncomingItem]:
    """The items, with reactions and votes in the chat of the message that they are of: of a part of a group, such as a
    topic, a network tells the group alone."""
    targets: dict[int, str] = {}
    for i in fresh:
        content = items[i].message.content
        if items[i].message.chat_kind != "private" and isinstance(content, Reaction | PollVote):
            targets[i] = content.target
    moved = list(items)
    if not targets:
        return moved
    wanted = {(items[i].channel_id, target) for i, target in targets.items()}
    columns = (Message.channel_id, Message.provider_id)
    query = select(*columns, Message.peer).where(among(columns, list(wanted)))
    places = {(row[0], row[1]): row[2] for row in await unit.conn.execute(query)}
    if lost := wanted - places.keys():
        kept = (ArchivedMessage.channel_id, ArchivedMessage.provider_id)
        query = select(*kept, ArchivedMessage.peer).where(among(kept, list(lost)))
        places |= {(row[0], row[1]): row[2] for row in await unit.conn.execute(query)}
    for i, target in targets.items():
        item, message = items[i], items[i].message
        peer = places.get((item.channel_id, target), message.chat)
        if peer != message.chat:
            # The name that is told is the group's.
            message = msgspec.structs.replace(message, chat=peer, chat_name=None)
            moved[i] = IncomingItem(source=item.source, message=message)
    return moved


def _target(item: IncomingItem) -> str | None:
    return item.message.content.target if isinstance(item.message.content, Reaction) else None


async def _fresh(unit: Unit, items: Sequence[IncomingItem]) -> list[int]:
    keys = [(item.channel_id, item.message.provider_id) for item in items]
    known = {
        (row[0], row[1])
        for row in await unit.conn.execute(
            of_all(
                lambda model: select(model.channel_id, model.provider_id).where(
                    among((model.channel_id, model.provider_id), keys)
                )
            )
        )
    }
    fresh: list[int] = []
    for i, key in enumerate(keys):
        if key not in known:
            known.add(key)
            fresh.append(i)
    return fresh


def _identities(item: IncomingItem) -> dict[str, str]:
    message = item.message
    if message.from_me:
        # An echo of what staff wrote on the phone: the person is the one it was written to.
        return known_by(item.source.network, message.chat) if message.chat_kind == "private" else {}
    if message.identities or not message.is_person:
        return message.identities
    return known_by(item.source.network, message.sender)


def _row(item: IncomingItem, contact: Known | None, now: int) -> dict[str, Any]:
    message = item.message
    return {
        "workspace_id": item.workspace_id,
        "channel_id": item.channel_id,
        "direction": "out" if message.from_me else "in",
        "state": states.SENT if message.from_me else states.RECEIVED,
        "due_at": 0,
        "peer": message.chat,
        "contact_id": contact.id if contact is not None else None,
        "sender": message.sender,
        "kind": kind_of(message.content),
        "content": encode(message.content),
        "source": "phone" if message.from_me else None,
        "reply_to": message.reply_to,
        "provider_id": message.provider_id,
        "extra": _extra(message) or None,
        "created_at": now,
        "sent_at": message.timestamp,
    }


def _extra(message: Incoming) -> dict[str, Any]:
    """What is kept beside the columns."""
    facts = {"name": message.sender_name or None, **_facts(message)}
    return {key: value for key, value in facts.items() if value is not None}


def _facts(message: Incoming) -> dict[str, Any]:
    """How the message came to be: its advertisement, the product it asks about, whether it was forwarded."""
    return {
        "referral": msgspec.to_builtins(message.referral),
        "referred_product": msgspec.to_builtins(message.referred_product),
        "forwarded": message.forwarded,
    }


async def _touch_chats(
    unit: Unit, visible: Sequence[tuple[IncomingItem, int, Known | None]], ratings: Mapping[int, int]
) -> None:
    grouped: dict[tuple[int, str], list[tuple[IncomingItem, int, Known | None]]] = {}
    for one in visible:
        grouped.setdefault((one[0].channel_id, one[0].message.chat), []).append(one)
    if not grouped:
        return
    columns = (Chat.channel_id, Chat.peer, Chat.status, Chat.snoozed_until)
    query = select(*columns).where(among((Chat.channel_id, Chat.peer), list(grouped)))
    known = {(row[0], row[1]): row[2] == "open" and row[3] <= unit.now for row in await unit.conn.execute(query)}
    new = []
    for key, group in grouped.items():
        if key in known:
            continue
        first, contact = group[0][0], group[0][2]
        private = first.message.chat_kind == "private"
        new.append(
            {
                "workspace_id": first.workspace_id,
                "channel_id": key[0],
                "peer": key[1],
                "kind": first.message.chat_kind,
                "name": None if private else first.message.chat_name,
                "contact_id": contact.id if contact is not None and private else None,
                "created_at": unit.now,
            }
        )
    if new:
        await insert_ignoring(unit, Chat, new)
    changes = []
    kept: set[tuple[int, str]] = set()
    for (channel_id, peer), group in grouped.items():
        incoming = [one for one in group if not one[0].message.from_me]
        # A notice of the network is nothing that the person said: it counts as unread and opens the window for nobody.
        incoming = [one for one in incoming if not isinstance(one[0].message.content, System)]
        live = [one for one in incoming if not one[0].message.history]
        # A rating is nothing to be answered: it leaves a chat that is done as it is.
        keeps = bool(live) and all(one[1] in ratings for one in live)
        kept |= {(channel_id, peer)} if keeps else set()
        contact = group[0][2]
        # What is synchronised from a phone's history comes late, and in any order: the latest by its time counts.
        last = max(group, key=lambda one: one[0].message.timestamp)
        last_in = max(incoming, key=lambda one: one[0].message.timestamp, default=None)
        changes.append(
            {
                "b_channel": channel_id,
                "b_peer": peer,
                "b_unread": 0 if keeps else len(live),
                "b_keeps": keeps,
                "b_last": last[1],
                "b_in": last_in[1] if last_in is not None else None,
                "b_at": last[0].message.timestamp,
                "b_window": last_in[0].message.timestamp + WINDOW_MS if last_in is not None else 0,
                "b_contact": contact.id if contact is not None and group[0][0].message.chat_kind == "private" else None,
                "b_name": group[-1][0].message.chat_name,
            }
        )
    await unit.conn.execute(
        update(Chat)
        .where(Chat.channel_id == bindparam("b_channel"), Chat.peer == bindparam("b_peer"))
        .values(
            unread=Chat.unread + bindparam("b_unread"),
            last_message_id=case((Chat.last_at <= bindparam("b_at"), bindparam("b_last")), else_=Chat.last_message_id),
            last_in_id=case((Chat.window_until <= bindparam("b_window"), bindparam("b_in")), else_=Chat.last_in_id),
            last_at=_greatest(unit, Chat.last_at, bindparam("b_at")),
            window_until=_greatest(unit, Chat.window_until, bindparam("b_window")),
            contact_id=func.coalesce(Chat.contact_id, bindparam("b_contact")),
            name=func.coalesce(bindparam("b_name"), Chat.name),
            archived=False,
            status=case((bindparam("b_keeps", type_=Boolean()), Chat.status), else_="open"),
            snoozed_until=case((bindparam("b_keeps", type_=Boolean()), Chat.snoozed_until), else_=0),
        ),
        changes,
    )
    # What is synchronised from a phone's history is no news.
    live_chats = [key for key, group in grouped.items() if any(not one[0].message.history for one in group)]
    became = {key: ["opened"] for key in live_chats if key not in kept and not known.get(key, False)}
    openings = [
        Opening(workspace_id=grouped[key][0][0].workspace_id, channel_id=key[0], peer=key[1], first=key not in known)
        for key in became
        if any(_is_said(one[0]) for one in grouped[key])
    ]
    for key in await assign(unit, openings):
        became[key].append("assigned")
    await tell_chats(unit, live_chats, became)


def _is_said(item: IncomingItem) -> bool:
    """Whether a person wrote it to us just now, in a private chat."""
    message = item.message
    return message.chat_kind == "private" and not (
        message.from_me or message.history or isinstance(message.content, System)
    )


def _greatest(unit: Unit, left: Any, right: Any) -> Any:
    name = "max" if unit.conn.dialect.name == "sqlite" else "greatest"
    return getattr(func, name)(left, right)


def _tell(
    unit: Unit,
    item: IncomingItem,
    id_: int,
    contact: Known | None,
    place: ChatPlace | None,
    survey_id: int | None = None,
) -> None:
    message = item.message
    common: dict[str, Any] = {
        "id": id_,
        "peer": message.chat,
        "kind": kind_of(message.content),
        "timestamp": message.timestamp,
        "body": summary(message.content),
        "direction": "out" if message.from_me else "in",
        "state": states.SENT if message.from_me else states.RECEIVED,
        "provider_id": message.provider_id,
        "contact_id": contact.id if contact is not None else None,
        "sender": message.sender,
        "sender_name": message.sender_name or (contact.name if contact is not None else None),
        "chat_kind": message.chat_kind,
        "has_media": isinstance(message.content, MediaContent),
        **({} if place is None else place.facts()),
    }
    if isinstance(message.content, Reaction):
        unit.emit(item.workspace_id, MessageReaction(target=message.content.target, **common), item.channel_id)
        return
    unit.emit(
        item.workspace_id,
        MessageReceived(
            content=msgspec.to_builtins(message.content),
            reply_to=message.reply_to,
            from_me=message.from_me,
            survey_id=survey_id,
            **_facts(message),
            **common,
        ),
        item.channel_id,
    )


def _said(item: IncomingItem, contact: Known | None) -> list[Said]:
    """What counts of a message as the person's own word on marketing. It counts of somebody who is blocked too, who may
    not be so for ever."""
    message = item.message
    if contact is None or message.from_me or message.history or message.chat_kind != "private":
        return []
    return [
        Said(
            source=item.source,
            chat=message.chat,
            contact_id=contact.id,
            content=message.content,
            answered=not contact.blocked,
        )
    ]
