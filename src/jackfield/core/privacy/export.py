"""All that is known of a person as one JSON object, in pieces: however much it is, a page of it is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, and_, or_, select

from ...db.base import Base, Json, now_ms
from ..ground.store import Store
from ..models import (
    LEDGER,
    ArchivedMessage,
    Attribute,
    AuditEntry,
    BudgetUse,
    Call,
    Campaign,
    Chat,
    ChatDraft,
    ChatNote,
    ChatSurvey,
    Contact,
    ContactAttribute,
    ContactList,
    ContactListMember,
    ContactMerge,
    ContactNote,
    ContactTag,
    Delivery,
    Event,
    Group,
    GroupMember,
    Identity,
    Media,
    Message,
    ShortLink,
    Suppression,
    Tag,
    Ticket,
    TicketReply,
)
from ..port.content import decode, stored_files
from .person import Person

PAGE: Final = 500
_JSON_TEXT: Final = frozenset({"content", "data"})
"""Columns of text that hold JSON."""


async def export(store: Store, person: Person, *, audit: bool) -> AsyncIterator[bytes]:
    """The JSON object: each section named by its noun, columns by their names in camelCase, times in Unix ms."""
    yield msgspec.json.encode({"format": "jackfield.personal-data/1", "exportedAt": now_ms()})[:-1]
    media: set[int] = set()
    for name, table, where in _sections(person):
        if name == "audit_entries" and not audit:
            continue
        yield b"," + msgspec.json.encode(_camel(name)) + b":["
        first = True
        async for rows in _pages(store, table, where):
            if table in (Message.__table__, ArchivedMessage.__table__):
                for row in rows:
                    if row["content"] is not None and '"media:' in row["content"]:
                        media |= stored_files(decode(row["content"]))
            told = [msgspec.json.encode(_plain_row(table, row)) for row in rows]
            yield (b"" if first else b",") + b",".join(told)
            first = False
        yield b"]"
    yield b',"media":['
    first = True
    ids = sorted(media)
    for start in range(0, len(ids), PAGE):
        where = and_(Media.workspace_id == person.workspace_id, Media.id.in_(ids[start : start + PAGE]))
        async for rows in _pages(store, Base.metadata.tables["media"], where):
            # Where the file itself is had from.
            told = [
                msgspec.json.encode({**_plain_row(Media.__table__, row), "link": f"/api/media/{row['id']}"})
                for row in rows
            ]
            yield (b"" if first else b",") + b",".join(told)
            first = False
    yield b"]}"


def _sections(person: Person) -> Sequence[tuple[str, Any, ColumnElement[bool]]]:
    workspace, ids, chats, addresses = person.workspace_id, person.ids, person.chat_ids, person.addresses
    mine = Contact.id == person.contact_id
    own, archived = (or_(person.chats_in(model), person.wrote_in(model)) for model in LEDGER)
    sent = [Campaign.id.in_(select(model.campaign_id).where(person.chats_in(model))) for model in LEDGER]
    tickets = and_(Ticket.workspace_id == workspace, or_(Ticket.contact_id.in_(ids), Ticket.chat_id.in_(chats)))
    event = events_of(person)
    targets = [f"contact:{one}" for one in ids] + [f"chat:{one}" for one in chats]
    here = and_(Contact.workspace_id == workspace, mine)
    return (
        ("contact", Contact.__table__, here),
        ("identities", Identity.__table__, Identity.contact_id == person.contact_id),
        ("attributes", ContactAttribute.__table__, ContactAttribute.contact_id == person.contact_id),
        (
            "attribute_names",
            Attribute.__table__,
            Attribute.id.in_(
                select(ContactAttribute.attribute_id).where(ContactAttribute.contact_id == person.contact_id)
            ),
        ),
        (
            "tags",
            Tag.__table__,
            Tag.id.in_(select(ContactTag.tag_id).where(ContactTag.contact_id == person.contact_id)),
        ),
        (
            "lists",
            ContactList.__table__,
            ContactList.id.in_(
                select(ContactListMember.list_id).where(ContactListMember.contact_id == person.contact_id)
            ),
        ),
        ("merges", ContactMerge.__table__, ContactMerge.winner_id == person.contact_id),
        ("notes", ContactNote.__table__, ContactNote.contact_id == person.contact_id),
        (
            "suppressions",
            Suppression.__table__,
            and_(Suppression.workspace_id == workspace, Suppression.address.in_(addresses)),
        ),
        ("chats", Chat.__table__, and_(Chat.workspace_id == workspace, Chat.id.in_(chats))),
        ("chat_notes", ChatNote.__table__, and_(ChatNote.workspace_id == workspace, ChatNote.chat_id.in_(chats))),
        ("chat_drafts", ChatDraft.__table__, and_(ChatDraft.workspace_id == workspace, ChatDraft.chat_id.in_(chats))),
        ("chat_surveys", ChatSurvey.__table__, ChatSurvey.contact_id == person.contact_id),
        ("messages", Message.__table__, own),
        ("archived_messages", ArchivedMessage.__table__, archived),
        ("campaigns", Campaign.__table__, and_(Campaign.workspace_id == workspace, or_(*sent))),
        ("short_links", ShortLink.__table__, and_(ShortLink.workspace_id == workspace, ShortLink.contact_id.in_(ids))),
        ("events", Event.__table__, event),
        ("deliveries", Delivery.__table__, Delivery.event_id.in_(select(Event.id).where(event))),
        ("tickets", Ticket.__table__, tickets),
        ("ticket_replies", TicketReply.__table__, TicketReply.ticket_id.in_(select(Ticket.id).where(tickets))),
        (
            "calls",
            Call.__table__,
            and_(Call.workspace_id == workspace, or_(Call.contact_id.in_(ids), Call.caller.in_(addresses))),
        ),
        (
            "groups",
            GroupMember.__table__,
            and_(
                GroupMember.address.in_(addresses),
                GroupMember.group_id.in_(select(Group.id).where(Group.workspace_id == workspace)),
            ),
        ),
        (
            "budget_uses",
            BudgetUse.__table__,
            and_(BudgetUse.workspace_id == workspace, BudgetUse.peer.in_(addresses)),
        ),
        (
            "audit_entries",
            AuditEntry.__table__,
            and_(AuditEntry.workspace_id == workspace, AuditEntry.target.in_(targets)),
        ),
    )


def events_of(person: Person) -> ColumnElement[bool]:
    """The events that are about a person: by address, by contact, by chat."""
    has: list[ColumnElement[bool]] = [Event.data.contains(one, autoescape=True) for one in person.needles]
    for key, ids in (("contact_id", person.ids), ("chat_id", person.chat_ids)):
        has += [Event.data.contains(f'"{key}":{one}{end}') for one in sorted(ids) for end in ",}"]
    for noun, ids in (("contact", person.ids), ("chat", person.chat_ids)):
        has += [
            and_(Event.type.startswith(f"{noun}."), Event.data.contains(f'"id":{one}{end}'))
            for one in sorted(ids)
            for end in ",}"
        ]
    return and_(Event.workspace_id == person.workspace_id, or_(*has))


async def _pages(store: Store, table: Table, where: ColumnElement[bool]) -> AsyncIterator[Sequence[Any]]:
    """Rows in order of the key; those of a table without an id of its own are few, and come at once."""
    paged = "id" in table.c
    after = 0
    while True:
        query = select(*table.c).where(where).order_by(*table.primary_key.columns)
        if paged:
            query = query.where(table.c.id > after).limit(PAGE)
        async with store.db.read() as session:
            rows = (await session.execute(query)).mappings().all()
        if rows:
            yield rows
        if not paged or len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def _plain_row(table: Any, row: Any) -> dict[str, Any]:
    """A row as plain data; columns that are empty are left out."""
    told: dict[str, Any] = {}
    for column in table.columns:
        value = row[column.name]
        if value is None or column.name == "workspace_id":
            continue
        if column.name in _JSON_TEXT and isinstance(value, str) and not isinstance(column.type, Json):
            value = msgspec.Raw(value.encode())
        told[_camel(column.name)] = value
    return told


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
